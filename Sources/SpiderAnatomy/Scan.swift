import SpiderImaging

/// A CT with what is known about where it was measured.
package struct Scan: Sendable {
  /// HU, finite everywhere; -1000 where nothing was measured.
  package let ct: Volume
  /// The measured voxels; nil when all are.
  package let measured: Mask?

  /// Looks for padding and values that are not finite.
  package init(_ ct: Volume) {
    measured = ScanFinder().measured(in: ct)
    guard measured != nil || ct.values.contains(where: { !$0.isFinite }) else {
      self.ct = ct
      return
    }
    var values = ct.values
    for index in values.indices
    where !values[index].isFinite || measured.map({ !$0.values[index] }) ?? false {
      values[index] = -1000
    }
    self.ct = ct.withValues(values)
  }

  /// The scan on another grid, -1000 outside it, and where on that grid it is.
  ///
  /// A voxel is in the scan when at least half of it was measured; its value is the mean of that
  /// part, so that padding does not darken the tissue beside it.
  package func resampled(onto grid: VoxelGrid) -> (ct: Volume, covered: Mask) {
    var image = ct.resampled(onto: grid, outside: -1000)
    var covered = grid.coverage(by: ct.grid)
    guard let measured else { return (image, covered) }
    let share = measured.withValues(measured.values.map { $0 ? Float(1) : 0 })
      .resampled(onto: grid, outside: 0)
    for index in image.values.indices where share.values[index] < 1 {
      if share.values[index] < 0.5 {
        image.values[index] = -1000
        covered.values[index] = false
      } else {
        // image = share * mean + (1 - share) * -1000.
        image.values[index] = (image.values[index] + 1000) / share.values[index] - 1000
      }
    }
    return (image, covered)
  }
}
