import Foundation

/// The geometry of one image in the terms of `plastimatch drr` (its single image mode).
///
/// Positions and directions are DICOM's: LPS, x to the patient's left, y posterior, z superior. The
/// source lies at isocentre + SAD n, n the unit vector along `nrm`; the detector is normal to n at SID
/// from the source. Columns count along `vup` x n, rows against the part of `vup` that is normal to n,
/// and the pixel `center` lies on the ray through the isocentre. Pairs are (columns, rows): that is how
/// the program (1.9.4) reads `-r`, `-z` and `-c`, although its help says "row col"; Docs/Geometry.md
/// tells how this was found out.
///
/// An image is always as seen from the source. For `pa` and `left`, which are not, reverse the columns
/// first: ``ProjectionGeometry/flipped(columns:rows:)``.
public struct PlastimatchGeometry: Equatable, Sendable {
  /// `-n`: from the isocentre to the source, LPS, of any length.
  public var normal: Vector3
  /// `--vup`: towards the top row of the detector, LPS, of any length.
  public var up: Vector3
  /// `--sad`: source to axis, mm.
  public var sourceToAxis: Double
  /// `--sid`: source to detector, mm.
  public var sourceToDetector: Double
  /// `-o`: the isocentre, LPS mm.
  public var isocenter: Vector3
  /// `-r`: pixels (columns, rows).
  public var size: SIMD2<Int>
  /// `-z`: width and height of the detector, mm.
  public var extent: SIMD2<Double>
  /// `-c`: the pixel (column, row) on the central ray; nil is the middle of the detector.
  public var center: SIMD2<Double>?

  /// The program's own defaults.
  public init(
    normal: Vector3 = Vector3(1, 0, 0), up: Vector3 = Vector3(0, 0, 1),
    sourceToAxis: Double = 1000, sourceToDetector: Double = 1500, isocenter: Vector3 = .zero,
    size: SIMD2<Int> = SIMD2(128, 128), extent: SIMD2<Double> = SIMD2(600, 600),
    center: SIMD2<Double>? = nil
  ) {
    self.normal = normal
    self.up = up
    self.sourceToAxis = sourceToAxis
    self.sourceToDetector = sourceToDetector
    self.isocenter = isocenter
    self.size = size
    self.extent = extent
    self.center = center
  }

  /// Between LPS and RAS: the same both ways. 0 stays 0, not -0.
  static func turned(_ v: Vector3) -> Vector3 { Vector3(0 - v.x, 0 - v.y, v.z) + 0 }

  /// The geometry in world RAS+.
  ///
  /// - Throws: ``ConversionError`` when the arguments describe no image.
  public func geometry() throws(ConversionError) -> ProjectionGeometry {
    for (name, value) in [
      ("--sad", sourceToAxis), ("--sid", sourceToDetector), ("-r", Double(size.min())),
      ("-z", extent.min()), ("-z", extent.max()),
    ] where !(value > 0 && value.isFinite) {
      throw .badValue(name: name, value: value)
    }
    guard sourceToDetector >= sourceToAxis else {
      throw .geometry(
        .badDistances(sourceToAxis: sourceToAxis, sourceToDetector: sourceToDetector))
    }
    let toSource = Self.turned(normal)
    let across = cross(Self.turned(up), toSource)
    guard length(across) > 1e-9 * length(normal) * length(up) else {
      throw .parallelVectors("-n", "--vup")
    }
    let n = normalized(toSource)
    let column = normalized(across)
    let row = cross(column, n)
    let axis = Self.turned(isocenter)
    let columnStep = column * (extent.x / Double(size.x))
    let rowStep = row * (extent.y / Double(size.y))
    let middle = center ?? SIMD2(Double(size.x - 1) / 2, Double(size.y - 1) / 2)
    return try ConversionError.wrapping { () throws(GeometryError) in
      try ProjectionGeometry(
        beam: .cone(source: axis + n * sourceToAxis),
        pixelOrigin: axis - n * (sourceToDetector - sourceToAxis) - columnStep * middle.x
          - rowStep * middle.y, columnStep: columnStep, rowStep: rowStep, columns: size.x,
        rows: size.y, isocenter: axis)
    }
  }

  /// Says a geometry in plastimatch's terms.
  ///
  /// The isocentre stated is the foot on the central ray of the geometry's own (the detector's middle
  /// ray need not pass it); without one, the point at two thirds of the way to the detector. The image
  /// does not depend on it.
  ///
  /// - Throws: ``ConversionError`` for a parallel beam, a skewed or a mirrored detector, or an isocentre
  ///   that is not in front of the source.
  public init(_ geometry: ProjectionGeometry) throws(ConversionError) {
    guard case .cone(let source) = geometry.beam, let sid = geometry.sourceToDetector else {
      throw .needsCone(form: "plastimatch")
    }
    let frame = try DetectorFrame(of: geometry)
    guard !frame.isMirrored else { throw .mirrored(form: "plastimatch") }
    let sad = geometry.isocenter.map { dot(source - $0, frame.toSource) } ?? sid * 2 / 3
    guard sad > 0, sad <= sid else { throw .isocenterNotInFront }
    self.init(
      normal: Self.turned(frame.toSource), up: Self.turned(-frame.row), sourceToAxis: sad,
      sourceToDetector: sid, isocenter: Self.turned(source - frame.toSource * sad),
      size: SIMD2(geometry.columns, geometry.rows),
      extent: SIMD2(
        frame.pixelSize.x * Double(geometry.columns), frame.pixelSize.y * Double(geometry.rows)),
      center: geometry.principalPoint)
  }
}
