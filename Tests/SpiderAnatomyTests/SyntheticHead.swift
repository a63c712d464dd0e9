import SpiderImaging

/// A head of ellipsoids with known parts: scalp, skull, brain, sinus, and a table under it.
struct SyntheticHead {
  var center = Vector3(20, -35, 1500)
  var hasTable = true
  /// World z (mm) from which on up the scan is missing.
  var top = 1700.0

  static let outer = Vector3(78, 98, 110)
  static let skull = Vector3(72, 92, 104)
  static let brain = Vector3(65, 85, 97)

  private func isIn(_ p: Vector3, _ radii: Vector3) -> Bool {
    let q = (p - center) / radii
    return dot(q, q) <= 1
  }

  func hu(_ p: Vector3) -> Float {
    let table = p.y < center.y - 110 && p.y > center.y - 150 && abs(p.x - center.x) < 200
    guard isIn(p, Self.outer) else { return hasTable && table ? -40 : -1000 }
    if !isIn(p, Self.skull) { return 20 }
    if !isIn(p, Self.brain) {
      // The foramen magnum: a hole of 30 mm in the bottom.
      let d = p - center
      return d.z < 0 && d.x * d.x + d.y * d.y < 196 ? 30 : 1100
    }
    let q = p - (center + Vector3(0, 60, -40))
    return dot(q, q) < 144 ? -950 : 35
  }

  /// The CT of the default head.
  static let onTable = SyntheticHead().ct()

  /// The CT on a grid of 3 x 3 x 4 mm, stored as LPS.
  func ct() -> Volume {
    let low = center - Vector3(150, 150, 120)
    let (nx, ny) = (100, 94)
    let nz = Int(((min(top, center.z + 128) - low.z) / 4).rounded())
    let affine = Affine(
      columns: (Vector3(-3, 0, 0), Vector3(0, -3, 0), Vector3(0, 0, 4)),
      translation: low + Vector3(3 * Double(nx - 1), 3 * Double(ny - 1), 0))
    let grid = VoxelGrid(nx: nx, ny: ny, nz: nz, affine: affine)
    return Volume(grid: grid) { k in
      (0..<(nx * ny)).map { n in
        hu(grid.worldPoint(Double(n % nx), Double(n / nx), Double(k)))
      }
    }
  }
}
