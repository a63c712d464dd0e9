import SpiderCore
import SpiderPhantom

/// Ellipsoids that lie over each other, with their line integrals in closed form.
struct EllipsoidPhantom {
  struct Ellipsoid {
    let center: Vector3
    let radii: Vector3
    let density: Double

    /// |(p - center) / radii|^2: below 1 inside.
    func level(_ point: Vector3) -> Double {
      let p = (point - center) / radii
      return dot(p, p)
    }

    /// Density times chord: the roots of |(p + t d - center) / radii|^2 = 1.
    func integral(from point: Vector3, along direction: Vector3) -> Double {
      let (p, d) = ((point - center) / radii, direction / radii)
      let (a, b, c) = (dot(d, d), dot(p, d), dot(p, p) - 1)
      let discriminant = b * b - a * c
      return discriminant > 0 ? density * 2 * discriminant.squareRoot() / a : 0
    }
  }

  let parts: [Ellipsoid]

  /// A head: scalp and skull, brain within, two ventricles, a tumour.
  static let head = EllipsoidPhantom(parts: [
    Ellipsoid(center: Vector3(2, -3, 1), radii: Vector3(78, 96, 104), density: 0.035),
    Ellipsoid(center: Vector3(2, -4, 2), radii: Vector3(70, 88, 96), density: -0.015),
    Ellipsoid(center: Vector3(22, 5, 10), radii: Vector3(12, 30, 22), density: -0.004),
    Ellipsoid(center: Vector3(-20, 5, 10), radii: Vector3(14, 34, 25), density: -0.004),
    Ellipsoid(center: Vector3(-30, -45, -20), radii: Vector3(11, 9, 10), density: 0.008),
  ])

  /// The line integrals of a geometry, row by row.
  func integrals(_ geometry: ProjectionGeometry) -> [Double] {
    Scenes.pixels(geometry).map { pixel in
      let (c, r) = (Double(pixel.column), Double(pixel.row))
      let end = geometry.pixelCenter(column: c, row: r)
      let along = geometry.rayDirection(column: c, row: r)
      return parts.reduce(0) { $0 + $1.integral(from: end, along: along) }
    }
  }

  /// The canonical field of view; voxels that a surface crosses hold the mean of 4 x 4 x 4 points.
  func voxels(_ size: Int) -> Volume {
    let grid = VoxelGrid.canonical(size: size)
    let offsets = [-0.375, -0.125, 0.125, 0.375]
    let reach = length(grid.spacing) / 2
    return Volume(grid: grid) { k in
      (0..<size * size).map { index in
        let (i, j) = (Double(index % size), Double(index / size))
        let center = grid.worldPoint(i, j, Double(k))
        return Float(
          parts.reduce(0.0) { sum, part in
            // Within `reach` of a surface the root of the level is within reach / least radius of 1.
            let margin = reach / part.radii.min()
            let root = part.level(center).squareRoot()
            if root > 1 + margin { return sum }
            if root < 1 - margin { return sum + part.density }
            var inside = 0
            for a in offsets {
              for b in offsets {
                for c in offsets {
                  if part.level(grid.worldPoint(i + a, j + b, Double(k) + c)) < 1 { inside += 1 }
                }
              }
            }
            return sum + part.density * Double(inside) / 64
          })
      }
    }
  }
}
