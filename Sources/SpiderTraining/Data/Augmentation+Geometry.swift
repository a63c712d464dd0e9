import SpiderCore
import SpiderSupport

extension Augmentation {
  /// A random map of the patient's world into the world of the view, about the origin, and whether it
  /// mirrors.
  ///
  /// Moving the volume's affine moves X-rays, query points and labels alike, without resampling.
  func pose(_ random: inout SeededGenerator) -> (map: Affine, isMirrored: Bool) {
    let size = 1 + draw(scale, &random)
    var map = Affine(
      scale: Vector3(
        size * (1 + draw(stretch, &random)), size * (1 + draw(stretch, &random)),
        size * (1 + draw(stretch, &random))))
    // Drawn in any case, so that the rest of the pose does not depend on the setting.
    let isMirrored = random.uniform() < 0.5 && mirror
    if isMirrored { map.columns.0 = -map.columns.0 }
    let shears = Affine(
      columns: (
        Vector3(1, 0, 0), Vector3(draw(shear, &random), 1, 0),
        Vector3(draw(shear, &random), draw(shear, &random), 1)
      ), translation: .zero)
    map = turn(turnDegrees, &random).composed(with: shears.composed(with: map))
    map.translation = Vector3(draw(shift, &random), draw(shift, &random), draw(shift, &random))
    return (map, isMirrored)
  }

  /// A view as it might have been set up: source and detector turned about the isocentre, the source at
  /// another distance.
  func varied(
    _ geometry: ProjectionGeometry, about isocenter: Vector3, _ random: inout SeededGenerator
  ) throws -> ProjectionGeometry {
    let map = turn(viewTurnDegrees, &random).about(isocenter)
    let distance = 1 + draw(sourceDistance, &random)
    let beam: Beam
    switch geometry.beam {
    case .cone(let source):
      beam = .cone(source: map.apply(isocenter + (source - isocenter) * distance))
    case .parallel(let direction): beam = .parallel(direction: map.applyLinear(direction))
    }
    return try ProjectionGeometry(
      beam: beam, pixelOrigin: map.apply(geometry.pixelOrigin),
      columnStep: map.applyLinear(geometry.columnStep), rowStep: map.applyLinear(geometry.rowStep),
      columns: geometry.columns, rows: geometry.rows, isocenter: isocenter)
  }

  private func turn(_ degrees: Double, _ random: inout SeededGenerator) -> Affine {
    let axis = Vector3(random.normal(), random.normal(), random.normal())
    let angle = draw(degrees, &random) * .pi / 180
    return .rotation(angle: angle, axis: normalized(axis))
  }

  private func draw(_ range: Double, _ random: inout SeededGenerator) -> Double {
    range * (2 * random.uniform() - 1)
  }
}
