import Foundation

extension ProjectionGeometry {
  /// The distance (mm) of the source from the detector's plane, SID; nil for a parallel beam.
  public var sourceToDetector: Double? {
    guard case .cone(let source) = beam else { return nil }
    return abs(dot(normalized(cross(columnStep, rowStep)), source - pixelOrigin))
  }

  /// The pixel position (column, row) of the foot of the perpendicular from the source to the detector,
  /// the principal point; nil for a parallel beam.
  public var principalPoint: SIMD2<Double>? {
    guard case .cone(let source) = beam else { return nil }
    let n = cross(columnStep, rowStep)
    let offset = source - pixelOrigin
    return SIMD2(
      dot(cross(rowStep, n), offset) / dot(n, n), dot(cross(n, columnStep), offset) / dot(n, n))
  }

  /// The magnification of a point's surroundings on the detector: SID over the
  /// point's own distance from the source, both along the detector's normal; 1 for a parallel beam.
  ///
  /// Negative behind the source, below 1 behind the detector.
  public func magnification(at point: Vector3) -> Double {
    1 / (dot(matrix.linear.2, point) + matrix.constant.z)
  }

  /// The distance (mm) of the source from the isocentre along the detector's normal, SAD; nil for a
  /// parallel beam or when no isocentre is known.
  public var sourceToAxis: Double? {
    guard case .cone(let source) = beam, let isocenter else { return nil }
    return dot(normalTowardsSource, source - isocenter)
  }

  /// The unit normal of the detector, towards the source.
  public var normalTowardsSource: Vector3 {
    let normal = normalized(cross(columnStep, rowStep))
    let against: Double
    switch beam {
    case .cone(let source): against = dot(normal, source - pixelOrigin)
    case .parallel(let direction): against = -dot(normal, direction)
    }
    return against < 0 ? -normal : normal
  }

  /// The IEC 61217 gantry angle (head first supine) at which the detector's normal points at the source,
  /// 0 up to 360 degrees; 0 where the normal is vertical.
  public var gantryDegrees: Double {
    let n = normalTowardsSource
    guard hypot(n.x, n.y) > 1e-9 else { return 0 }
    // Rounding must not make 360 of 0, nor -0.
    let degrees = (atan2(-n.x, n.y) * 180 / .pi * 1e9).rounded() / 1e9
    return degrees < 0 ? degrees + 360 : abs(degrees)
  }

  /// The angle between the detector's normal, towards the source, and the axial plane, degrees; positive
  /// with the source superior.
  public var tiltDegrees: Double { asin(min(max(normalTowardsSource.z, -1), 1)) * 180 / .pi + 0 }
}

/// Finds the isocentre of a set of radiographs, the point about which they were taken.
public enum Isocenter {
  /// The isocentre that the geometries state, or, where none does, the point nearest in the
  /// least-squares sense to the rays through the detectors' centres.
  ///
  /// - Throws: ``ViewError`` when geometries state different points, when a single view states none,
  ///   or when the central rays are parallel.
  public static func of(_ geometries: [ProjectionGeometry]) throws(ViewError) -> Vector3 {
    let stated = geometries.compactMap(\.isocenter)
    if let first = stated.first {
      for other in stated.dropFirst() where length(other - first) > 0.01 {
        throw .isocentersDiffer(first, other)
      }
      return first
    }
    guard geometries.count > 1 else { throw .isocenterUnknown }
    return try nearestPoint(
      to: geometries.map { (through: $0.detectorCenter, along: $0.centralDirection) })
  }

  /// Minimises the sum of squared distances to lines: sum (I - d d^T)(x - p) = 0.
  private static func nearestPoint(
    to lines: [(through: Vector3, along: Vector3)]
  ) throws(ViewError) -> Vector3 {
    var matrix = Affine(scale: .zero)
    var right = Vector3.zero
    for line in lines {
      let d = line.along
      let projector = Affine(
        columns: (
          Vector3(1, 0, 0) - d * d.x, Vector3(0, 1, 0) - d * d.y, Vector3(0, 0, 1) - d * d.z
        ), translation: .zero)
      matrix.columns.0 += projector.columns.0
      matrix.columns.1 += projector.columns.1
      matrix.columns.2 += projector.columns.2
      right += projector.applyLinear(line.through)
    }
    guard abs(matrix.determinant) > 1e-6 else { throw .isocenterUnknown }
    return matrix.inverse.applyLinear(right)
  }
}
