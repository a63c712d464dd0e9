import Foundation

/// A point or vector in millimetres, world RAS+ unless a name says otherwise: x right, y anterior,
/// z superior.
public typealias Vector3 = SIMD3<Double>

/// An affine map of space, `p -> linear * p + translation`, in double precision.
///
/// The affine of a volume takes voxel indices (i, j, k), integers at voxel centres, to world RAS+
/// millimetres. Any invertible matrix is allowed: oblique, anisotropic, mirrored or sheared.
@frozen public struct Affine: Equatable, Sendable {
  /// Images of the unit vectors: the columns of the linear part.
  public var columns: (Vector3, Vector3, Vector3)
  /// The image of the origin.
  public var translation: Vector3

  /// Builds the map from the three columns of its linear part and its translation.
  @inlinable public init(columns: (Vector3, Vector3, Vector3), translation: Vector3) {
    self.columns = columns
    self.translation = translation
  }

  /// A scaling along the axes followed by a translation.
  @inlinable public init(scale: Vector3, translation: Vector3 = .zero) {
    columns = (
      Vector3(scale.x, 0, 0), Vector3(0, scale.y, 0), Vector3(0, 0, scale.z)
    )
    self.translation = translation
  }

  /// The map that moves nothing.
  public static let identity = Affine(scale: Vector3(1, 1, 1))

  /// Builds the map from the top rows of a 4x4 matrix, row by row (the last row is ignored).
  public init(rows: [[Double]]) {
    precondition(rows.count >= 3 && rows.allSatisfy { $0.count == 4 }, "rows of a 4x4 matrix")
    func column(_ c: Int) -> Vector3 { Vector3(rows[0][c], rows[1][c], rows[2][c]) }
    self.init(columns: (column(0), column(1), column(2)), translation: column(3))
  }

  /// The 4x4 matrix, row by row.
  public var rows: [[Double]] {
    (0..<3).map { r in [columns.0[r], columns.1[r], columns.2[r], translation[r]] } + [
      [0, 0, 0, 1]
    ]
  }

  /// Maps a point.
  @inlinable public func apply(_ point: Vector3) -> Vector3 { applyLinear(point) + translation }

  /// Maps a direction: the translation does not act.
  @inlinable public func applyLinear(_ vector: Vector3) -> Vector3 {
    columns.0 * vector.x + columns.1 * vector.y + columns.2 * vector.z
  }

  /// The signed volume of the image of the unit cube; 0 means the map cannot be inverted.
  @inlinable public var determinant: Double { dot(columns.0, cross(columns.1, columns.2)) }

  /// The lengths of the columns: the voxel spacing in mm when this is a volume's affine.
  public var spacing: Vector3 { Vector3(length(columns.0), length(columns.1), length(columns.2)) }

  /// The inverse map. The map must be invertible.
  public var inverse: Affine {
    let d = determinant
    precondition(d != 0 && d.isFinite, "an affine with determinant \(d) has no inverse")
    let r0 = cross(columns.1, columns.2) / d
    let r1 = cross(columns.2, columns.0) / d
    let r2 = cross(columns.0, columns.1) / d
    let linear = Affine(
      columns: (
        Vector3(r0.x, r1.x, r2.x), Vector3(r0.y, r1.y, r2.y), Vector3(r0.z, r1.z, r2.z)
      ), translation: .zero)
    return Affine(columns: linear.columns, translation: -linear.applyLinear(translation))
  }

  /// The map that applies `inner` first and `self` second.
  public func composed(with inner: Affine) -> Affine {
    Affine(
      columns: (
        applyLinear(inner.columns.0), applyLinear(inner.columns.1), applyLinear(inner.columns.2)
      ), translation: apply(inner.translation))
  }

  /// The rotation by an angle in radians about a unit axis through the origin (right-handed).
  public static func rotation(angle: Double, axis: Vector3) -> Affine {
    // Rodrigues: v cos a + (axis x v) sin a + axis (axis . v)(1 - cos a), for each unit vector v.
    let (c, s) = (cos(angle), sin(angle))
    func rotate(_ v: Vector3) -> Vector3 {
      v * c + cross(axis, v) * s + axis * (dot(axis, v) * (1 - c))
    }
    return Affine(
      columns: (
        rotate(Vector3(1, 0, 0)), rotate(Vector3(0, 1, 0)), rotate(Vector3(0, 0, 1))
      ), translation: .zero)
  }

  /// The same map with `center` held in place instead of the origin.
  public func about(_ center: Vector3) -> Affine {
    Affine(columns: columns, translation: center - applyLinear(center) + translation)
  }

  /// Two maps are equal when all their twelve numbers are.
  public static func == (a: Affine, b: Affine) -> Bool {
    a.columns == b.columns && a.translation == b.translation
  }
}

/// The scalar product of two vectors.
@inlinable public func dot(_ a: Vector3, _ b: Vector3) -> Double {
  a.x * b.x + a.y * b.y + a.z * b.z
}

/// The right-handed vector product of two vectors.
@inlinable public func cross(_ a: Vector3, _ b: Vector3) -> Vector3 {
  Vector3(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x)
}

/// The Euclidean length of a vector.
@inlinable public func length(_ a: Vector3) -> Double { dot(a, a).squareRoot() }

/// The vector of length one along `a`, which must not be zero.
@inlinable public func normalized(_ a: Vector3) -> Vector3 { a / length(a) }

/// Plausibility limits for lengths and positions from outside, mm. Nothing that is X-rayed comes near the
/// bounds; beyond them, numbers are mistakes that arithmetic would only hide.
package enum WorldLimits {
  /// The longest distance between source, patient and detector: 100 m.
  package static let distance = 1e5
  /// The farthest a coordinate may lie from the origin: 10 km, so that the corner of a large detector
  /// at a long distance is within.
  package static let position = 1e7
  /// The spacing of voxels: from a tenth of a micrometre up.
  package static let spacing = 1e-4...1e5
  /// The edge of a box that is reconstructed.
  package static let edge = 1...1e5
  /// ``edge`` for errors.
  package static let edgeInWords = "1 to 100000 mm"
}

extension Vector3 {
  /// Whether this can be the spacing of voxels, mm.
  package var isPlausibleSpacing: Bool {
    WorldLimits.spacing.contains(min()) && WorldLimits.spacing.contains(max())
  }

  /// Whether this can be a place in the world, mm.
  package var isPlausiblePosition: Bool {
    length(self) <= WorldLimits.position
  }
}
