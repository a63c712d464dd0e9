import SpiderImaging
import SpiderSupport

/// The extent of a body at one level (one slice of constant k of an axis-aligned grid).
struct BodyLevel: Sendable {
  /// mm^2 of body.
  var area = 0.0
  /// mm^2 of scan.
  var covered = 0.0
  /// The share of the body at this level with nothing known right above it.
  var cutFraction = 0.0
  /// World corners (mm) of the box around the body; z is not meant.
  var low = Vector3(repeating: .infinity)
  var high = Vector3(repeating: -.infinity)

  /// The levels of a body from the lowest slice up.
  static func all(of body: Mask, coverage: Mask) -> [BodyLevel] {
    let grid = body.grid
    let pixel = grid.spacing.x * grid.spacing.y
    return Parallel.map(grid.nz) { k in
      var level = BodyLevel()
      var (count, covered, cut) = (0, 0, 0)
      var (low, high) = (SIMD2(Int.max, Int.max), SIMD2(Int.min, Int.min))
      for j in 0..<grid.ny {
        for i in 0..<grid.nx {
          covered += coverage[i, j, k] ? 1 : 0
          guard body[i, j, k] else { continue }
          count += 1
          cut += k + 1 >= grid.nz || !coverage[i, j, k + 1] ? 1 : 0
          low = pointwiseMin(low, SIMD2(i, j))
          high = pointwiseMax(high, SIMD2(i, j))
        }
      }
      level.covered = Double(covered) * pixel
      guard count > 0 else { return level }
      level.area = Double(count) * pixel
      level.cutFraction = Double(cut) / Double(count)
      level.low = grid.worldPoint(Double(low.x) - 0.5, Double(low.y) - 0.5, Double(k))
      level.high = grid.worldPoint(Double(high.x) + 0.5, Double(high.y) + 0.5, Double(k))
      return level
    }
  }
}
