import SpiderCore

/// A head of ellipsoids with known parts: scalp, skull, brain, sinus, and a table under it.
struct SyntheticHead {
  var center = Vector3(20, -35, 1500)
  var hasTable = true
  /// World z (mm) from which on up the scan is missing.
  var top = 1620.0

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
      return d.z < 0 && d.x * d.x + d.y * d.y < 225 ? 30 : 1100
    }
    let q = p - (center + Vector3(0, 60, -40))
    return dot(q, q) < 144 ? -950 : 35
  }

  /// The CT on a grid of 2 x 2 x 3 mm, stored as LPS.
  func ct() -> Volume {
    let low = center - Vector3(210, 170, 130)
    let nz = Int(((min(top, center.z + 130) - low.z) / 3).rounded())
    let affine = Affine(
      columns: (Vector3(-2, 0, 0), Vector3(0, -2, 0), Vector3(0, 0, 3)),
      translation: Vector3(low.x + 420, low.y + 320, low.z))
    let grid = VoxelGrid(nx: 210, ny: 160, nz: nz, affine: affine)
    return Volume(grid: grid) { k in
      (0..<(210 * 160)).map { n in hu(grid.worldPoint(Double(n % 210), Double(n / 210), Double(k)))
      }
    }
  }
}
