import Foundation

/// One projection of RTK's `ThreeDCircularProjectionGeometry`: the nine parameters by which RTK places
/// source and detector (documentation/docs/Geometry.md of RTK).
///
/// RTK's fixed system is that of IEC 61217: x to the right of someone who looks at the gantry, y from the
/// isocentre to the gantry, z up, origin at the isocentre. For a patient head first supine these are the
/// patient's left, superior and anterior. The rotated system follows it by the gantry angle about y
/// (IEC 61217, 2.3), then the out-of-plane angle about x, then the in-plane angle about z (2.6 where the
/// out-of-plane angle is 0). In the rotated system the source lies at (source offset, SID), where SID is
/// *source to isocentre*, and the detector's own origin at (projection offset, SID - SDD); the detector is
/// normal to z. A zero SDD means a parallel beam along -z.
public struct RTKProjection: Equatable, Sendable {
  /// `GantryAngle`, degrees.
  public var gantryAngle: Double
  /// `OutOfPlaneAngle`, degrees.
  public var outOfPlaneAngle: Double
  /// `InPlaneAngle`, degrees.
  public var inPlaneAngle: Double
  /// `SourceToIsocenterDistance`, mm: RTK's SID, our SAD.
  public var sourceToIsocenter: Double
  /// `SourceToDetectorDistance`, mm: RTK's SDD, our SID; 0 for a parallel beam.
  public var sourceToDetector: Double
  /// `SourceOffsetX`, `SourceOffsetY`, mm.
  public var sourceOffset: SIMD2<Double>
  /// `ProjectionOffsetX`, `ProjectionOffsetY`, mm.
  public var projectionOffset: SIMD2<Double>

  /// A projection; what RTK lets be left out is 0.
  public init(
    gantryAngle: Double, outOfPlaneAngle: Double = 0, inPlaneAngle: Double = 0,
    sourceToIsocenter: Double, sourceToDetector: Double, sourceOffset: SIMD2<Double> = .zero,
    projectionOffset: SIMD2<Double> = .zero
  ) {
    self.gantryAngle = gantryAngle
    self.outOfPlaneAngle = outOfPlaneAngle
    self.inPlaneAngle = inPlaneAngle
    self.sourceToIsocenter = sourceToIsocenter
    self.sourceToDetector = sourceToDetector
    self.sourceOffset = sourceOffset
    self.projectionOffset = projectionOffset
  }

  /// From the fixed system (patient's left, superior, anterior) to the world, head first supine.
  static func world(_ v: Vector3) -> Vector3 { Vector3(0 - v.x, v.z, v.y) }
  /// From the world to the fixed system.
  static func fixed(_ v: Vector3) -> Vector3 { Vector3(0 - v.x, v.z, v.y) }

  /// The axes of the rotated system in the world: the rows of RTK's rotation matrix
  /// Rz(-in-plane) Rx(-out-of-plane) Ry(-gantry).
  public var axes: (x: Vector3, y: Vector3, z: Vector3) {
    let (g, o, i) = (
      gantryAngle * .pi / 180, outOfPlaneAngle * .pi / 180, inPlaneAngle * .pi / 180
    )
    let x = Vector3(cos(g), 0, -sin(g))
    let y = Vector3(sin(o) * sin(g), cos(o), sin(o) * cos(g))
    let z = Vector3(cos(o) * sin(g), -sin(o), cos(o) * cos(g))
    return (
      Self.world(x * cos(i) + y * sin(i)), Self.world(y * cos(i) - x * sin(i)), Self.world(z)
    )
  }

  /// The geometry of an image on this projection's detector.
  ///
  /// - Parameters:
  ///   - detector: which pixels lie where on the detector.
  ///   - isocenter: where the origin of RTK's fixed system lies in the world, mm.
  /// - Throws: ``ConversionError`` or ``GeometryError``.
  public func geometry(
    _ detector: RTKDetector, isocenter: Vector3 = .zero
  ) throws -> ProjectionGeometry {
    let numbers = [
      gantryAngle, outOfPlaneAngle, inPlaneAngle, sourceToIsocenter, sourceToDetector,
      sourceOffset.x, sourceOffset.y, projectionOffset.x, projectionOffset.y,
    ]
    guard numbers.allSatisfy(\.isFinite) else { throw ConversionError.notFinite(form: "RTK") }
    let (x, y, z) = axes
    let isParallel = sourceToDetector == 0
    let depth = isParallel ? -sourceToIsocenter : sourceToIsocenter - sourceToDetector
    let u = projectionOffset + detector.origin
    return try ProjectionGeometry(
      beam: isParallel
        ? .parallel(direction: -z)
        : .cone(
          source: isocenter + x * sourceOffset.x + y * sourceOffset.y + z * sourceToIsocenter),
      pixelOrigin: isocenter + x * u.x + y * u.y + z * depth, columnStep: x * detector.spacing.x,
      rowStep: y * detector.spacing.y, columns: detector.columns, rows: detector.rows,
      isocenter: isocenter)
  }
}
