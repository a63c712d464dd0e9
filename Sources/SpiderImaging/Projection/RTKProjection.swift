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
  /// - Throws: ``ConversionError``.
  public func geometry(
    _ detector: RTKDetector, isocenter: Vector3 = .zero
  ) throws(ConversionError) -> ProjectionGeometry {
    let numbers = [
      gantryAngle, outOfPlaneAngle, inPlaneAngle, sourceToIsocenter, sourceToDetector,
      sourceOffset.x, sourceOffset.y, projectionOffset.x, projectionOffset.y,
    ]
    guard numbers.allSatisfy(\.isFinite) else { throw .notFinite(form: "RTK") }
    let (x, y, z) = axes
    let isParallel = sourceToDetector == 0
    let depth = isParallel ? -sourceToIsocenter : sourceToIsocenter - sourceToDetector
    let u = projectionOffset + detector.origin
    return try ConversionError.wrapping { () throws(GeometryError) in
      try ProjectionGeometry(
        beam: isParallel
          ? .parallel(direction: -z)
          : .cone(
            source: isocenter + x * sourceOffset.x + y * sourceOffset.y + z * sourceToIsocenter),
        pixelOrigin: isocenter + x * u.x + y * u.y + z * depth,
        columnStep: x * detector.spacing.x, rowStep: y * detector.spacing.y,
        columns: detector.columns, rows: detector.rows, isocenter: isocenter)
    }
  }
}

extension RTKProjection {
  /// Says a geometry in RTK's terms.
  ///
  /// The offsets are all the source's and the image's: the projection offset is 0 and the detector's
  /// origin says where the image lies.
  ///
  /// - Parameters:
  ///   - geometry: any with perpendicular columns and rows.
  ///   - isocenter: where RTK's origin is; the geometry's own isocentre when nil, else the world's
  ///     origin.
  /// - Throws: ``ConversionError``.
  public static func from(
    _ geometry: ProjectionGeometry, isocenter: Vector3? = nil
  ) throws(ConversionError) -> (projection: RTKProjection, detector: RTKDetector) {
    let frame = try DetectorFrame(of: geometry)
    let center = isocenter ?? geometry.isocenter ?? .zero
    let (x, z) = (frame.column, frame.toSource)
    let y = cross(z, x)
    let (fx, fy, fz) = (fixed(x), fixed(y), fixed(z))
    // Row z of the rotation is (cos o sin g, -sin o, cos o cos g), and the middle numbers of rows x and
    // y are sin i cos o and cos i cos o. Straight above or below, g and i turn about the same axis:
    // then i is 0, and row x is (cos g, 0, -sin g).
    let isVertical = hypot(fz.x, fz.z) < 1e-9
    let gantry = isVertical ? atan2(-fx.z, fx.x) : atan2(fz.x, fz.z)
    let inPlane = isVertical ? 0 : atan2(fx.y, fy.y)
    let outOfPlane = -asin(min(max(fz.y, -1), 1))

    let place = geometry.pixelOrigin - center
    var projection = RTKProjection(
      gantryAngle: gantry * 180 / .pi + 0, outOfPlaneAngle: outOfPlane * 180 / .pi + 0,
      inPlaneAngle: inPlane * 180 / .pi + 0, sourceToIsocenter: 0, sourceToDetector: 0)
    switch geometry.beam {
    case .cone(let source):
      let s = source - center
      projection.sourceToIsocenter = dot(s, z)
      projection.sourceToDetector = dot(s - place, z)
      projection.sourceOffset = SIMD2(dot(s, x), dot(s, y))
    case .parallel(let direction):
      guard length(direction + z) < 1e-6 else {
        throw .needsCone(form: "RTK (of rays that are not normal to the detector)")
      }
      projection.sourceToIsocenter = -dot(place, z)
    }
    let detector = RTKDetector(
      origin: SIMD2(dot(place, x), dot(place, y)),
      spacing: SIMD2(
        frame.pixelSize.x, dot(frame.row, y) < 0 ? -frame.pixelSize.y : frame.pixelSize.y),
      columns: geometry.columns, rows: geometry.rows)
    return (projection, detector)
  }
}

/// The pixel grid of RTK's detector: origin, spacing and size of the projection image, in the
/// detector's plane, mm.
public struct RTKDetector: Equatable, Sendable {
  /// The centre of pixel (0, 0).
  public var origin: SIMD2<Double>
  /// From pixel to pixel along x and y; negative where the image's direction turns an axis round.
  public var spacing: SIMD2<Double>
  /// Pixels along x.
  public var columns: Int
  /// Pixels along y.
  public var rows: Int

  /// States origin, spacing and size.
  public init(origin: SIMD2<Double>, spacing: SIMD2<Double>, columns: Int, rows: Int) {
    self.origin = origin
    self.spacing = spacing
    self.columns = columns
    self.rows = rows
  }

  /// A detector whose middle is its origin.
  ///
  /// - Parameter rowsRunDown: rows count against y, so that an image taken at no in-plane angle hangs
  ///   head up. RTK's own images, which have no direction, count rows along y: head down when the first
  ///   row is drawn at the top.
  public init(
    centered columns: Int, _ rows: Int, pixelSize: SIMD2<Double>, rowsRunDown: Bool = true
  ) {
    let spacing = SIMD2(pixelSize.x, rowsRunDown ? -pixelSize.y : pixelSize.y)
    self.init(
      origin: -spacing * SIMD2(Double(columns - 1), Double(rows - 1)) / 2, spacing: spacing,
      columns: columns, rows: rows)
  }
}
