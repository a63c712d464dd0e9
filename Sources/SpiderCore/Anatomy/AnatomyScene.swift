/// What the steps of the automatic labeller share: a CT on an axis-aligned RAS+ grid and what has
/// been found in it so far.
struct AnatomyScene: Sendable {
  let ct: Volume
  /// Where the scan is.
  let covered: Mask
  /// The patient, with the air inside.
  let body: Mask
  /// World z (mm) of the crown, known or estimated; nil when there is no head.
  let crown: Double?
  /// World corners (mm) of the box around the upper 140 mm of the body.
  let box: (low: Vector3, high: Vector3)

  var grid: VoxelGrid { ct.grid }
  /// mL of one voxel.
  var voxelVolume: Double { abs(grid.affine.determinant) / 1000 }
  /// The largest voxel edge, mm.
  var edge: Double { grid.spacing.max() }

  /// Voxels of the body at or above a CT number.
  func body(atLeast threshold: Float) -> Mask {
    body.withValues(zip(body.values, ct.values).map { $0 && $1 >= threshold })
  }

  /// Finds body and head; nil when there is no patient.
  init?(ct: Volume, covered: Mask) {
    guard let body = BodyMask().find(in: ct) else { return nil }
    let head = HeadFinder().locate(body: body, covered: covered, fallback: ct.grid.center)
    self.ct = ct
    self.covered = covered
    self.body = body
    let top = head.crown(side: HeadFinder().fieldOfView)
    crown = top
    let floor = (top ?? .infinity) - HeadFinder.slabHeight
    let levels = BodyLevel.all(of: body, coverage: covered)
    var low = ct.grid.bounds.high
    var high = ct.grid.bounds.low
    for (k, level) in levels.enumerated() where level.area > 0 {
      let z = ct.grid.worldPoint(0, 0, Double(k)).z
      guard z >= floor, level.high.x - level.low.x <= 240 else { continue }
      low = pointwiseMin(low, Vector3(level.low.x, level.low.y, z))
      high = pointwiseMax(high, Vector3(level.high.x, level.high.y, z))
    }
    box = (low, high)
  }
}
