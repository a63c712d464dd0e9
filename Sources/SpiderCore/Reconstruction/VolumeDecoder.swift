/// Answers for the voxels of a grid, slab by slab: places, pixel-aligned features, code, MLP. A block
/// stays in cache through all layers; workers take blocks side by side.
///
/// The answer for a voxel does not depend on the slab it is asked in, on which others are asked for, nor
/// on how many threads there are.
struct VolumeDecoder {
  let model: SpiderModel
  /// Features of the views: (V, H, W, F).
  let features: Tensor
  let matrices: [ProjectionMatrix]
  let isocenter: Vector3
  let grid: VoxelGrid
  /// Whether parts of the first layer may be worked out for pixels instead of for points.
  let hoisting: Bool

  /// Points a worker takes at a time.
  static let block = 512

  /// Answers for slices of the grid.
  ///
  /// - Parameters:
  ///   - slices: which slices, k.
  ///   - keeping: the voxels that are asked for, counted from the first of these slices and ascending;
  ///     nil asks for all. The others are air (-1000 HU, label 0).
  /// - Returns: CT numbers and classes of all voxels of the slices. Beyond the field of view they are
  ///   -1000 HU and ``LabelScheme/outsideScan``.
  func decode(
    slices: Range<Int>, keeping: [UInt32]? = nil
  ) -> (hounsfield: [Float], labels: [UInt8]) {
    let (network, window) = (model.network, model.description.window)
    let maps = (0..<features.shape[0]).map { features.entry($0) }
    let plane = grid.nx * grid.ny
    let (base, count) = (slices.lowerBound * plane, slices.count * plane)
    let asked = keeping?.count ?? count
    let ct = FloatSlice.scratch(count)
    let classes = FloatSlice.scratch(count)
    if keeping != nil {
      ct.fill(-1000)
      classes.fill(0)
    }
    let blocks = (asked + Self.block - 1) / Self.block
    Parallel.forEachWorker(splitting: blocks) { _, range in
      let scratch = network.makeBlock(Self.block, views: maps.count)
      for index in range {
        let start = index * Self.block
        let voxels = (start..<min(start + Self.block, asked)).map { place in
          keeping.map { Int($0[place]) } ?? place
        }
        let block = voxels.count == Self.block ? scratch : scratch.prefix(voxels.count)
        let inside = place(block, voxels, from: base)
        network.decode(
          block, features: maps, height: features.shape[1], width: features.shape[2],
          model.parameters)
        for (p, voxel) in voxels.enumerated() {
          ct[voxel] = inside[p] ? window.hounsfield(block.intensity[p]) : -1000
          classes[voxel] = inside[p] ? best(block.logits, p) : Float(LabelScheme.outsideScan)
        }
      }
    }
    return (ct.array, classes.array.map { UInt8($0) })
  }

  /// Fills in where a block's points are; says which lie in the field of view.
  private func place(_ block: PointBlock, _ voxels: [Int], from base: Int) -> [Bool] {
    let side = model.description.fieldOfView
    return voxels.enumerated().map { p, offset in
      let voxel = grid.voxel(at: base + offset)
      let world = grid.worldPoint(Double(voxel.x), Double(voxel.y), Double(voxel.z))
      let canonical = (world - isocenter) / side
      for axis in 0..<3 { block.points[3 * p + axis] = Float(canonical[axis]) }
      for (view, matrix) in matrices.enumerated() {
        let pixel = matrix.project(world)
        block.pixels[view][2 * p] = Float(pixel.x)
        block.pixels[view][2 * p + 1] = Float(pixel.y)
      }
      let reach = 0.5 + 1e-9
      return abs(canonical.x) <= reach && abs(canonical.y) <= reach && abs(canonical.z) <= reach
    }
  }

  private func best(_ logits: FloatSlice, _ point: Int) -> Float {
    let classes = model.description.scheme.count
    var top = 0
    for k in 1..<classes where logits[point * classes + k] > logits[point * classes + top] {
      top = k
    }
    return Float(top)
  }
}
