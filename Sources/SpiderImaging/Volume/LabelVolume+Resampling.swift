extension Image3D where Voxel == UInt8 {
  /// This label map on another grid: each target voxel gets the label that most of it has.
  ///
  /// The target voxel is probed at `ceil(ratio)` points an axis, at most 16, each reading the nearest
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
