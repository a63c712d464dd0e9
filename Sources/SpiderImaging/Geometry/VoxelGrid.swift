import Foundation

/// The lattice of a volume's voxels: their counts and their place in the world.
///
/// Shape letters: nx, ny, nz are the counts along the voxel axes i, j, k; i varies fastest in memory.
@frozen public struct VoxelGrid: Equatable, Sendable {
  /// Voxels along i, the axis that varies fastest.
  public let nx: Int
  /// Voxels along j.
  public let ny: Int
  /// Voxels along k, the slices.
  public let nz: Int
  /// Voxel index to world RAS+ millimetres; integers are voxel centres.
  public let affine: Affine

  /// A grid of at least one voxel whose affine can be inverted.
  public init(nx: Int, ny: Int, nz: Int, affine: Affine) {
    precondition(nx > 0 && ny > 0 && nz > 0, "a grid of \(nx) x \(ny) x \(nz) voxels")
    let determinant = affine.determinant
    precondition(determinant != 0 && determinant.isFinite, "the affine must be invertible")
    self.nx = nx
    self.ny = ny
    self.nz = nz
    self.affine = affine
  }

  /// An axis-aligned RAS+ grid that fills the box between two world corners (mm): the outer faces of
  /// the outer voxels lie on the box.
  public init(nx: Int, ny: Int, nz: Int, boxFrom low: Vector3, to high: Vector3) {
    let spacing = (high - low) / Vector3(Double(nx), Double(ny), Double(nz))
    self.init(
      nx: nx, ny: ny, nz: nz, affine: Affine(scale: spacing, translation: low + spacing / 2))
  }

  /// The canonical field of view: `size`^3 voxels over an axis-aligned RAS+ cube of `side` mm about
  /// `center`, the isocentre.
  public static func canonical(
    size: Int, side: Double = 256, center: Vector3 = .zero
  ) -> VoxelGrid {
    let half = Vector3(repeating: side / 2)
    return VoxelGrid(nx: size, ny: size, nz: size, boxFrom: center - half, to: center + half)
  }

  /// Whether this grid covers the cube of a side (mm) about a point, to half a voxel. Only a volume that holds
  /// all of the field of view can be held against the X-rays.
  public func coversCube(about center: Vector3, side: Double) -> Bool {
    let (low, high) = bounds
    let reach = Vector3(repeating: side / 2) - spacing / 2
    return all(low .<= center - reach) && all(high .>= center + reach)
  }

  /// The number of voxels.
  @inlinable public var count: Int { nx * ny * nz }

  /// The counts as a vector, in the order (nx, ny, nz).
  @inlinable public var shape: SIMD3<Int> { SIMD3(nx, ny, nz) }

  /// The place of a voxel in memory.
  @inlinable public func index(_ i: Int, _ j: Int, _ k: Int) -> Int { (k * ny + j) * nx + i }

  /// The voxel at a place in memory.
  @inlinable public func voxel(at index: Int) -> SIMD3<Int> {
    SIMD3(index % nx, (index / nx) % ny, index / (nx * ny))
  }

  /// The world position (mm) of a voxel centre, or of a fractional voxel position.
  @inlinable public func worldPoint(_ i: Double, _ j: Double, _ k: Double) -> Vector3 {
    affine.apply(Vector3(i, j, k))
  }

  /// The world position (mm) of the middle of the grid.
  public var center: Vector3 {
    worldPoint(Double(nx - 1) / 2, Double(ny - 1) / 2, Double(nz - 1) / 2)
  }

  /// Voxel spacing in mm along i, j, k.
  public var spacing: Vector3 { affine.spacing }

  /// The orientation closest to the affine.
  public var orientation: Orientation { Orientation(closestTo: affine) }

  /// The cosine between the two voxel axes that are least perpendicular; 0 for an unsheared grid.
  public var shear: Double {
    let (a, b, c) = (
      normalized(affine.columns.0), normalized(affine.columns.1), normalized(affine.columns.2)
    )
    return max(abs(dot(a, b)), abs(dot(b, c)), abs(dot(a, c)))
  }
}

// MARK: Relations to other grids and to the world

extension VoxelGrid {
  /// The map from the voxel indices of this grid to those of another one.
  package func indexMap(to other: VoxelGrid) -> Affine {
    other.affine.inverse.composed(with: affine)
  }

  /// Whether a fractional voxel position lies within the voxels of this grid, the outer halves of
  /// the outer voxels included. Positions that are not finite do not.
  @inlinable package func contains(index p: Vector3) -> Bool {
    // A millionth of a voxel of slack, so that rounding does not lose a voxel that lies on the
    // face.
    let low = -0.5 - 1e-6
    return p.x >= low && p.y >= low && p.z >= low && p.x <= Double(nx) + low + 2e-6
      && p.y <= Double(ny) + low + 2e-6 && p.z <= Double(nz) + low + 2e-6
  }

  /// The corners (world mm) of the axis-aligned box around all voxels of this grid.
  package var bounds: (low: Vector3, high: Vector3) {
    var low = Vector3(repeating: .infinity)
    var high = Vector3(repeating: -.infinity)
    for corner in 0..<8 {
      let point = worldPoint(
        corner & 1 == 0 ? -0.5 : Double(nx) - 0.5, corner & 2 == 0 ? -0.5 : Double(ny) - 0.5,
        corner & 4 == 0 ? -0.5 : Double(nz) - 0.5)
      low = pointwiseMin(low, point)
      high = pointwiseMax(high, point)
    }
    return (low, high)
  }

  /// An axis-aligned RAS+ grid of cubic voxels that covers this grid, on which anatomy is looked
  /// for.
  ///
  /// - Parameters:
  ///   - spacing: the voxels' edge in mm.
  ///   - limit: the most voxels; the edge grows until the grid has no more.
  package func covering(spacing: Double, limit: Int = 1 << 24) -> VoxelGrid {
    precondition(spacing > 0 && limit > 0, "voxels of \(spacing) mm, at most \(limit)")
    let (low, high) = bounds
    let extent = high - low
    var edge = spacing
    func counts() -> Vector3 { pointwiseMax((extent / edge).rounded(.up), Vector3(1, 1, 1)) }
    while counts().x * counts().y * counts().z > Double(limit) { edge *= 1.25 }
    let size = counts()
    let center = (low + high) / 2
    return VoxelGrid(
      nx: Int(size.x), ny: Int(size.y), nz: Int(size.z), boxFrom: center - size * (edge / 2),
      to: center + size * (edge / 2))
  }

  /// The world position (mm) of the voxel at a place in memory.
  @inlinable package func worldPoint(of index: Int) -> Vector3 {
    let voxel = voxel(at: index)
    return worldPoint(Double(voxel.x), Double(voxel.y), Double(voxel.z))
  }
}

/// A world point that lies outside the box of a volume, with what may have gone wrong.
public struct OutsidePoint: Equatable, Sendable, CustomStringConvertible {
  /// The point, world mm.
  public let point: Vector3
  /// mm from the point to the volume.
  public let distance: Double
  /// The point with x and y negated, when that one lies in the volume: it was stated in LPS.
  public let mirrored: Vector3?

  /// Looks whether a point lies outside the voxels of a grid; nil when it does not.
  public init?(_ point: Vector3, of grid: VoxelGrid) {
    let distance = grid.distance(to: point)
    guard distance > 0 else { return nil }
    self.point = point
    self.distance = distance
    let other = Vector3(-point.x, -point.y, point.z)
    mirrored = grid.distance(to: other) == 0 ? other : nil
  }

  /// Where it lies, and the likely reason: the end of a sentence about it.
  public var description: String {
    func text(_ p: Vector3) -> String { String(format: "(%.5g, %.5g, %.5g)", p.x, p.y, p.z) }
    let place =
      "\(text(point)) lies outside the volume, \(Int(distance.rounded(.up))) mm from it"
    guard let mirrored else {
      return place + "; check its numbers (mm, x to the right, y to the front, z up)"
    }
    return place
      + "; \(text(mirrored)) lies in it: was it stated in LPS, as in DICOM? Here x runs to "
      + "the patient's right and y to the front (RAS)"
  }
}

extension VoxelGrid {
  /// mm from a world point to the voxels of this grid; 0 within them, infinity for what is not finite.
  package func distance(to point: Vector3) -> Double {
    let place = affine.inverse.apply(point)
    guard place.x.isFinite, place.y.isFinite, place.z.isFinite else { return .infinity }
    if contains(index: place) { return 0 }
    let high = Vector3(Double(nx), Double(ny), Double(nz)) - 0.5
    let nearest = place.clamped(lowerBound: Vector3(repeating: -0.5), upperBound: high)
    return length(affine.apply(place) - affine.apply(nearest))
  }
}
