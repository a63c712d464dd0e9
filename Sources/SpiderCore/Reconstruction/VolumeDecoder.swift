/// Answers for all voxels of a grid, block by block: places, pixel-aligned features, code, MLP. A
/// block stays in cache through all layers; workers take blocks side by side.
struct VolumeDecoder {
  let model: SpiderModel
  /// Features of the views: (V, H, W, F).
  let features: Tensor
  let matrices: [ProjectionMatrix]
  let isocenter: Vector3

  private static let block = 512
  /// Blocks that are answered before their answers move to where they stay, in the types they keep:
  /// half a million voxels.
  private static let pieceBlocks = 1024

  /// HU and classes on a grid.
  func decode(
    _ grid: VoxelGrid, progress: (@Sendable (Double) -> Void)?
  ) -> (Volume, LabelVolume) {
    let (network, description) = (model.network, model.description)
    let maps = (0..<features.shape[0]).map { features.entry($0) }
    var hounsfield: [Float] = []
    var labels: [UInt8] = []
    hounsfield.reserveCapacity(grid.count)
    labels.reserveCapacity(grid.count)
    let blocks = (grid.count + Self.block - 1) / Self.block
    // Between pieces progress is told, and no more than a piece is held twice.
    let pieces = max(
      progress == nil ? 1 : 20, (blocks + Self.pieceBlocks - 1) / Self.pieceBlocks)
    for piece in 0..<pieces {
      let (first, end) = (blocks * piece / pieces, blocks * (piece + 1) / pieces)
      let voxels = first * Self.block..<min(end * Self.block, grid.count)
      let ct = FloatSlice.scratch(voxels.count)
      let classes = FloatSlice.scratch(voxels.count)
      Parallel.forEachWorker(splitting: end - first) { _, range in
        let scratch = network.makeBlock(Self.block, views: maps.count)
        for index in range {
          let start = (first + index) * Self.block
          let count = min(Self.block, grid.count - start)
          let block = count == Self.block ? scratch : scratch.prefix(count)
          let inside = place(block, from: start, in: grid)
          network.decode(
            block, features: maps, height: features.shape[1], width: features.shape[2],
            model.parameters)
          let offset = start - voxels.lowerBound
          for p in 0..<count {
            ct[offset + p] = inside[p] ? description.window.hounsfield(block.intensity[p]) : -1000
            classes[offset + p] =
              inside[p] ? best(block.logits, p) : Float(LabelScheme.outsideScan)
          }
        }
      }
      hounsfield += ct.array
      labels += classes.array.lazy.map { UInt8($0) }
      progress?(Double(piece + 1) / Double(pieces))
    }
    return (
      Volume(grid: grid, values: hounsfield), LabelVolume(grid: grid, values: labels)
    )
  }

  /// Fills in where a block's points are; says which lie in the field of view.
  private func place(_ block: PointBlock, from start: Int, in grid: VoxelGrid) -> [Bool] {
    let side = model.description.fieldOfView
    return (0..<block.count).map { p in
      let voxel = grid.voxel(at: start + p)
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
