/// Finds the isocentre of a set of radiographs: the point about which they were taken.
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
        throw ViewError.isocentersDiffer(first, other)
      }
      return first
    }
    guard geometries.count > 1 else { throw ViewError.isocenterUnknown }
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
    guard abs(matrix.determinant) > 1e-6 else { throw ViewError.isocenterUnknown }
    return matrix.inverse.applyLinear(right)
  }
}
