import Foundation
import SpiderCore
import SpiderDRR
import SpiderDataSet
import SpiderSupport

/// The variation of patients and X-rays while training. Every range is one-sided: a value of 10 means
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
  public var deformation = 2.5
  /// The distance between the deformation's control points, mm: the size of what it changes.
  public var deformationSpacing = 50.0
  /// The bound on how much the deformation stretches or squeezes, as a share; below 1 nothing folds.
  /// Stronger draws are made smaller.
  public var deformationStrain = 0.5
  /// Whether half of the patients are mirrored left to right, labels and all.
  public var mirror = true
  /// CT numbers of fat, soft tissue and bone.
  public var tissue = TissueVariation()
  /// Turn of each view's source and detector about the isocentre, degrees.
  public var viewTurnDegrees = 1.5
  /// Change of the source's distance to the isocentre, as a share.
  public var sourceDistance = 0.05
  /// Standard deviation of the noise added to line integrals, as a share of their largest value.
  public var noise = 0.01
  /// The share of X-rays in which pixels are masked whose rays leave the scan through tissue. The rest
  /// of them ends there as if cut off, as X-rays made of a cropped CT do.
  public var maskedExits = 0.5
  /// The share of patients whose scan ends early, at any of its sides (`RandomFieldOfView`).
  public var cutShare = 0.4
  /// The share of patients who are scanned with wide voxels (`CoarseScan`).
  public var coarseShare = 0.0
  /// The share of patients who lie on a table or in a head-holder, which their X-rays show and the truth
  /// does not.
  public var supportShare = 0.4
  /// Spectra, dose, scatter, blur, detectors, pictures and collimators, of half of the X-rays; where it
  /// acts, ``noise`` does not.
  public var physics = {
    var physics = RadiographRandomization()
    physics.share = 0.5
    return physics
  }()

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
    none.tissue = .none
    none.viewTurnDegrees = 0
    none.sourceDistance = 0
    none.noise = 0
    none.maskedExits = 0
    none.cutShare = 0
    none.coarseShare = 0
    none.supportShare = 0
    none.physics.share = 0
    return none
  }()

  /// The reason why patients cannot be varied like this, or nil.
  public var fault: String? {
    let ranges =
      [
        ("shift", shift, 0...1000), ("turnDegrees", turnDegrees, 0...180),
        ("scale", scale, 0...0.9),
        ("stretch", stretch, 0...0.9), ("shear", shear, 0...0.5),
        ("deformation", deformation, 0...50),
        ("deformationSpacing", deformationSpacing, 10...1000),
        ("deformationStrain", deformationStrain, 0.01...0.9),
        ("viewTurnDegrees", viewTurnDegrees, 0...45), ("sourceDistance", sourceDistance, 0...0.3),
        ("noise", noise, 0...1), ("maskedExits", maskedExits, 0...1),
        ("cutShare", cutShare, 0...1), ("supportShare", supportShare, 0...1),
        ("coarseShare", coarseShare, 0...1),
      ] + tissue.ranges.map { ("tissue.\($0.name)", $0.value, 0...$0.limit) }
    for (name, value, limits) in ranges where !limits.contains(value) {
      return "augmentation.\(name) is \(value); it must be \(limits.lowerBound) to "
        + "\(limits.upperBound)"
    }
    if let fault = physics.fault { return "augmentation.physics: \(fault)" }
    return nil
  }
}

extension Augmentation {
  /// Takes over how a data set wants patients and views to vary.
  mutating func adopt(_ geometry: GeometryDistribution) {
    shift = geometry.patientShift
    turnDegrees = geometry.patientTurnDegrees
    viewTurnDegrees = geometry.viewTurnDegrees
    sourceDistance = geometry.sourceDistance
  }

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
