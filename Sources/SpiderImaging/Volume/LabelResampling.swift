extension Image3D where Voxel == UInt8 {
  /// This label map on another grid: each target voxel gets the label that most of it has.
  ///
  /// The target voxel is probed at `ceil(ratio)` points per axis, at most 16, each reading the nearest
  /// source voxel (so a finer target takes the nearest label). Labels are never mixed. A tie goes to the
  /// smaller value, hence a known label wins over 254 and 255. A target voxel whose centre is not
  /// within the scan becomes `outside`.
  public func resampled(onto target: VoxelGrid, outside: UInt8 = LabelScheme.outsideScan)
    -> LabelVolume
  {
    let map = target.indexMap(to: grid)
    let offsets = map.subsampleOffsets()
    return LabelVolume(grid: target) { k in
      var votes = [Int](repeating: 0, count: 256)
      return target.mapSlice(k, through: map) { center in
        guard grid.contains(index: center) else { return outside }
        var winner = nearest(to: center)
        guard offsets.count > 1 else { return winner }
        for offset in offsets where grid.contains(index: center + offset) {
          votes[Int(nearest(to: center + offset))] += 1
        }
        for offset in offsets where grid.contains(index: center + offset) {
          let label = nearest(to: center + offset)
          let lead = votes[Int(label)] - votes[Int(winner)]
          if lead > 0 || (lead == 0 && label < winner) { winner = label }
        }
        for offset in offsets where grid.contains(index: center + offset) {
          votes[Int(nearest(to: center + offset))] = 0
        }
        return winner
      }
    }
  }
}

extension Image3D where Voxel == Bool {
  /// This set of voxels on another grid, by majority; outside it is `outside`.
  public func resampled(onto target: VoxelGrid, outside: Bool = false) -> Mask {
    guard target != grid else { return self }
    let labels = withValues(values.map { $0 ? UInt8(1) : 0 })
    return labels.resampled(onto: target, outside: outside ? 1 : 0).mask { $0 == 1 }
  }
}

extension Affine {
  /// For a map between voxel indices: the axis that each axis is mapped along when the two grids'
  /// axes are parallel, nil when they are not.
  func parallelAxes() -> [Int]? {
    let images = [columns.0, columns.1, columns.2]
    let axes = images.map { image in
      (0..<3).reduce(0) { abs(image[$1]) > abs(image[$0]) ? $1 : $0 }
    }
    guard Set(axes).count == 3 else { return nil }
    for (image, axis) in zip(images, axes) {
      // A thousand voxels on, the position must not have drifted by a thousandth of a voxel.
      for other in 0..<3 where other != axis && abs(image[other]) > 1e-6 { return nil }
    }
    return axes
  }

  /// For a map between voxel indices: where to sample the image of a unit voxel, relative to its
  /// centre, so that consecutive samples are at most one voxel apart, but no more than 16 an axis:
  /// beyond, the mean changes little and the time and memory would have no bound.
  func subsampleOffsets() -> [Vector3] {
    let steps = [columns.0, columns.1, columns.2].map { image in
      // A ratio a hair above a whole number is that number with rounding.
      Int(min(16, max(1, (length(image) - 1e-6).rounded(.up))))
    }
    func offsets(_ column: Vector3, _ count: Int) -> [Vector3] {
      (0..<count).map { column * ((Double($0) + 0.5) / Double(count) - 0.5) }
    }
    return offsets(columns.2, steps[2]).flatMap { c in
      offsets(columns.1, steps[1]).flatMap { b in
        offsets(columns.0, steps[0]).map { a in a + b + c }
      }
    }
  }
}
