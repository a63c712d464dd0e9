import SpiderImaging

/// What the steps of preparation and of the automatic labeller share: a CT on an axis-aligned RAS+
/// grid and what has been found in it so far.
struct AnatomyScene: Sendable {
  let ct: Volume
  /// Where the scan is.
  let covered: Mask
  /// The patient, with the air inside.
  let body: Mask
  /// The cranial cavity; nil when there is none.
  let cavity: CranialCavity?

  var grid: VoxelGrid { ct.grid }
  /// mL of one voxel.
  var voxelVolume: Double { abs(grid.affine.determinant) / 1000 }
  /// The largest voxel edge, mm.
  var edge: Double { grid.spacing.max() }

  /// Voxels of the body at or above a CT number.
  func body(atLeast threshold: Float) -> Mask {
    body.withValues(zip(body.values, ct.values).map { $0 && $1 >= threshold })
  }

  /// Finds body and cranial cavity; nil when there is no patient.
  init?(ct: Volume, covered: Mask, findsCavity: Bool = true) {
    guard let body = BodyMask().find(in: ct) else { return nil }
    self.ct = ct
    self.covered = covered
    self.body = body
    cavity =
      !findsCavity
      ? nil : IntracranialFinder().find(in: ct, body: body, covered: covered)
  }
}
