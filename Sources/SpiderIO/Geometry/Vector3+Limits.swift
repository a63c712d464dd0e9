import SpiderCore

extension Vector3 {
  /// Whether this can be the spacing of voxels, mm.
  var isPlausibleSpacing: Bool {
    WorldLimits.spacing.contains(min()) && WorldLimits.spacing.contains(max())
  }

  /// Whether this can be a place in the world, mm.
  var isPlausiblePosition: Bool {
    length(self) <= WorldLimits.position
  }
}
