import SpiderCore
import SpiderDRR
import SpiderTestSupport
import Testing

/// An ellipsoid's line integrals in closed form, approached as voxels shrink.
@Suite struct EllipsoidTests {
  let center = Vector3(3, -5, 2)
  let radii = Vector3(60, 80, 70)
  let density = 0.02

  /// The chord of a ray: roots of |(p + t d - center) / radii|^2 = 1.
  func integral(_ geometry: ProjectionGeometry, _ column: Int, _ row: Int) -> Double {
    let end = geometry.pixelCenter(column: Double(column), row: Double(row))
    let direction = geometry.rayDirection(column: Double(column), row: Double(row))
    let p = (end - center) / radii
    let d = direction / radii
    let (a, b, c) = (dot(d, d), dot(p, d), dot(p, p) - 1)
    let discriminant = b * b - a * c
    return discriminant > 0 ? density * 2 * discriminant.squareRoot() / a : 0
  }

  /// Voxels hold the mean of 3 x 3 x 3 points.
  func voxels(_ size: Int) -> Volume {
    let grid = VoxelGrid.canonical(size: size)
    let offsets = [-1.0 / 3, 0, 1.0 / 3]
    let values = (0..<grid.count).map { index -> Float in
      let v = grid.voxel(at: index)
      var inside = 0.0
      for a in offsets {
        for b in offsets {
          for c in offsets {
            let point = grid.worldPoint(Double(v.x) + a, Double(v.y) + b, Double(v.z) + c)
            let p = (point - center) / radii
            if dot(p, p) < 1 { inside += 1 }
          }
        }
      }
      return Float(density * inside / 27)
    }
    return Volume(grid: grid, values: values)
  }

  @Test func projectorsConverge() throws {
    let setup = ViewSetup(pixelSize: SIMD2(9, 9), columns: 41, rows: 43)
    var parallel = setup
    parallel.isParallel = true
    let geometries = [
      try setup.geometry(of: .pa), try setup.geometry(of: .gantry(degrees: 37)),
      try parallel.geometry(of: .left),
    ]
    let volumes = [12, 24, 48].map(voxels)
    for geometry in geometries {
      let truth = Scenes.pixels(geometry).map { integral(geometry, $0.column, $0.row) }
      let norm = truth.reduce(0) { $0 + $1 * $1 }.squareRoot()
      for projector in [JosephProjector(), ExactProjector()] as [any Projector] {
        let errors = volumes.map { volume in
          let image = projector.forward(volume, geometry)
          return zip(image, truth).reduce(0) {
            $0 + (Double($1.0) - $1.1) * (Double($1.0) - $1.1)
          }.squareRoot() / norm
        }
        // The error lies at the silhouette, whose blur shrinks with the voxel: halving it gains a
        // factor of about 2^1.5 (half the width, half the error).
        #expect(errors[1] < errors[0] / 2 && errors[2] < errors[1] / 2, "\(errors)")
        #expect(errors[2] < 0.005, "\(errors)")
      }
    }
  }
}
