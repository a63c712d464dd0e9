internal import CSpiderKernels
import SpiderSupport

extension Image3D where Voxel == Bool {
  /// For every voxel of a slice the squared distance (mm^2) to the nearest voxel of the set in its row; nil where the
  /// slice has none.
  fileprivate func rowSquares(_ k: Int) -> [Float]? {
    let plane = slice(k)
    guard plane.contains(true) else { return nil }
    let square = Float(grid.spacing.x) * Float(grid.spacing.x)
    var squares = [Float](repeating: 0, count: plane.count)
    unsafe spider_row_squares(Array(plane), Int64(grid.ny), Int64(grid.nx), square, &squares)
    return squares
  }
}

/// Dilation with a ball in millimetres.
///
/// What lies beyond the radius need not be known, so each axis takes the minimum over the few shifts within it, many
/// voxels at once: squared distances are sums over the axes, and their minimum over a ball is one axis' after the other.
/// It is the set of voxels whose ``DistanceTransform`` is at most the square of the radius.
struct BallDilation {
  /// The radius, mm.
  let radius: Double

  /// The largest squared distance, mm^2, with a little more for rounding.
  private var limit: Float { Float(radius * radius * (1 + 1e-6)) }

  /// The squared distances (mm^2) of the shifts along an axis that can matter, by 1, 2, ... voxels.
  private func shifts(_ spacing: Double, count: Int) -> [Float] {
    let square = Float(spacing) * Float(spacing)
    return (1..<max(1, count)).lazy.map { square * Float($0) * Float($0) }
      .prefix { $0 <= limit }
  }

  /// The dilated set.
  func callAsFunction(_ mask: Mask) -> Mask {
    let grid = mask.grid
    let (down, along) = (
      shifts(grid.spacing.y, count: grid.ny), shifts(grid.spacing.z, count: grid.nz)
    )
    let planes = Parallel.map(grid.nz) { k -> [Float]? in
      guard let rows = mask.rowSquares(k) else { return nil }
      var plane = rows
      for (number, square) in down.enumerated() {
        let shift = (number + 1) * grid.nx
        Self.takeMinimum(&plane, from: shift, rows, from: 0, adding: square)
        Self.takeMinimum(&plane, from: 0, rows, from: shift, adding: square)
      }
      return plane
    }
    return Mask(grid: grid) { k in
      var plane = planes[k] ?? [Float](repeating: .infinity, count: grid.nx * grid.ny)
      for (number, square) in along.enumerated() {
        for other in [k - number - 1, k + number + 1] where planes.indices.contains(other) {
          guard let neighbour = planes[other] else { continue }
          Self.takeMinimum(&plane, from: 0, neighbour, from: 0, adding: square)
        }
      }
      return plane.map { $0 <= limit }
    }
  }

  /// Lowers values, from a place on, to those of others, from a place on, and a constant; as far as there are both.
  private static func takeMinimum(
    _ values: inout [Float], from start: Int, _ others: [Float], from otherStart: Int,
    adding constant: Float
  ) {
    let count = values.count - max(start, otherStart)
    guard count > 0 else { return }
    unsafe spider_take_minimum(
      &values, Int64(start), others, Int64(otherStart), constant, Int64(count))
  }
}

/// The Euclidean distance to the nearest voxel of a set, exact for grids with perpendicular axes
/// (Felzenszwalb and Huttenlocher, "Distance transforms of sampled functions", 2012).
package enum DistanceTransform {
  /// For every voxel the squared distance (mm^2), centre to centre, to the nearest voxel of the
  /// set; infinity when the set is empty. Voxels outside the grid do not count.
  package static func squared(to mask: Mask) -> [Float] {
    let (nx, ny, nz) = (mask.grid.nx, mask.grid.ny, mask.grid.nz)
    let spacing = mask.grid.spacing
    let planes = Parallel.map(nz) { k in
      guard var plane = mask.rowSquares(k) else {
        return [Float](repeating: .infinity, count: nx * ny)
      }
      var envelope = LowerEnvelope(capacity: ny)
      for i in 0..<nx {
        envelope.transform(&plane, from: i, step: nx, count: ny, spacing: Float(spacing.y))
      }
      return plane
    }
    // The last axis, row by row of the planes: row j of all planes at once.
    let rows = Parallel.map(ny) { j in
      var sheet = planes.flatMap { $0[(j * nx)..<((j + 1) * nx)] }
      var envelope = LowerEnvelope(capacity: nz)
      for i in 0..<nx {
        envelope.transform(&sheet, from: i, step: nx, count: nz, spacing: Float(spacing.z))
      }
      return sheet
    }
    var result: [Float] = []
    result.reserveCapacity(mask.grid.count)
    for k in 0..<nz {
      for row in rows { result.append(contentsOf: row[(k * nx)..<((k + 1) * nx)]) }
    }
    return result
  }
}

/// The lower envelope of the parabolas that stand on the samples of one line, with its scratch
/// memory.
private struct LowerEnvelope {
  private var sites: [Int]
  private var heights: [Float]
  private var starts: [Float]

  init(capacity: Int) {
    sites = Array(repeating: 0, count: capacity)
    heights = Array(repeating: 0, count: capacity)
    starts = Array(repeating: 0, count: capacity)
  }

  /// Replaces f(q) by the minimum over p of f(p) + (spacing (q - p))^2 along one line of `values`.
  mutating func transform(
    _ values: inout [Float], from first: Int, step: Int, count: Int, spacing: Float
  ) {
    let square = spacing * spacing
    var top = -1
    var index = first
    for q in 0..<count {
      let height = values[index]
      index += step
      guard height < .infinity else { continue }
      var crossing = -Float.infinity
      while top >= 0 {
        // Where the parabolas of q and of the last site cross, in samples.
        let p = sites[top]
        crossing =
          (height - heights[top] + square * Float(q * q - p * p)) / (2 * square * Float(q - p))
        if crossing > starts[top] { break }
        top -= 1
        crossing = -.infinity
      }
      top += 1
      sites[top] = q
      heights[top] = height
      starts[top] = crossing
    }
    guard top >= 0 else { return }
    var current = 0
    index = first
    for q in 0..<count {
      while current < top && starts[current + 1] < Float(q) { current += 1 }
      let distance = Float(q - sites[current])
      values[index] = heights[current] + square * distance * distance
      index += step
    }
  }
}
