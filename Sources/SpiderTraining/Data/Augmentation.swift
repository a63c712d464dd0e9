import Foundation
import SpiderCore
import SpiderDRR

/// How patients and X-rays are varied while training. Every range is one-sided: a value of 10 means
/// anything from -10 to 10.
public struct Augmentation: Codable, Equatable, Sendable {
  /// Shift of the patient against the isocentre along each axis, mm.
  public var shift = 20.0
  /// Turn of the patient about a random axis, degrees.
  public var turnDegrees = 10.0
  /// Change of size, as a share: 0.08 means 8 %.
  public var scale = 0.08
  /// Further change of size of each axis by itself.
  public var stretch = 0.06
  /// Shear between each pair of axes.
  public var shear = 0.04
  /// Standard deviation of the smooth deformation's displacements, mm.
  public var deformation = 4.0
  /// Whether half of the patients are mirrored left to right, labels and all.
  public var mirror = true
  /// Turn of each view's source and detector about the isocentre, degrees.
  public var viewTurnDegrees = 1.5
  /// Standard deviation of the noise added to line integrals, as a share of their largest value.
  public var noise = 0.01
  /// Spectra, noise, scatter, blur, detectors, pictures and collimators of the X-rays. Off unless its
  /// `share` says otherwise; where it acts, ``noise`` does not.
  public var physics = RadiographRandomization()

  /// The defaults.
  public init() {}

  /// No variation at all.
  public static let none: Augmentation = {
    var none = Augmentation()
    none.shift = 0
    none.turnDegrees = 0
    none.scale = 0
    none.stretch = 0
    none.shear = 0
    none.deformation = 0
    none.mirror = false
    none.viewTurnDegrees = 0
    none.noise = 0
    none.physics.share = 0
    return none
  }()

  /// Why patients cannot be varied like this, or nil.
  public var fault: String? {
    let ranges: [(name: String, value: Double, limit: Double)] = [
      ("shift", shift, 1000), ("turnDegrees", turnDegrees, 180), ("scale", scale, 0.9),
      ("stretch", stretch, 0.9), ("shear", shear, 0.5), ("deformation", deformation, 50),
      ("viewTurnDegrees", viewTurnDegrees, 45), ("noise", noise, 1),
    ]
    for range in ranges where !(range.value >= 0 && range.value <= range.limit) {
      return "augmentation.\(range.name) is \(range.value); it must be 0 to \(range.limit)"
    }
    if let fault = physics.fault { return "augmentation.physics: \(fault)" }
    return nil
  }

  /// A random map of the patient's world into the world of the view, about the origin.
  ///
  /// Moving the volume's affine moves X-rays, query points and labels alike, without resampling.
  func pose(_ random: inout SeededGenerator) -> Affine {
    let size = 1 + draw(scale, &random)
    var map = Affine(
      scale: Vector3(
        size * (1 + draw(stretch, &random)), size * (1 + draw(stretch, &random)),
        size * (1 + draw(stretch, &random))))
    if mirror && random.uniform() < 0.5 { map.columns.0 = -map.columns.0 }
    let shears = Affine(
      columns: (
        Vector3(1, 0, 0), Vector3(draw(shear, &random), 1, 0),
        Vector3(draw(shear, &random), draw(shear, &random), 1)
      ), translation: .zero)
    map = turn(turnDegrees, &random).composed(with: shears.composed(with: map))
    map.translation = Vector3(draw(shift, &random), draw(shift, &random), draw(shift, &random))
    return map
  }

  /// A random turn of a view about its isocentre.
  func turned(
    _ geometry: ProjectionGeometry, about isocenter: Vector3, _ random: inout SeededGenerator
  ) throws -> ProjectionGeometry {
    let map = turn(viewTurnDegrees, &random).about(isocenter)
    let beam: Beam
    switch geometry.beam {
    case .cone(let source): beam = .cone(source: map.apply(source))
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
