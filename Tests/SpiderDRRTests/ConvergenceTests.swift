import Foundation
import SpiderCore
import SpiderDRR
import SpiderSupport
import SpiderTestSupport
import Testing

/// The projectors against objects whose line integrals are known in closed form, as voxels shrink.
@Suite struct ConvergenceTests {
  static func geometries() throws -> [ProjectionGeometry] {
    var random = SeededGenerator(seed: 41)
    var setup = ViewSetup(pixelSize: SIMD2(9, 9), columns: 41, rows: 43)
    let cones = try [NamedView.pa, .gantry(degrees: 37)].map { try setup.geometry(of: $0) }
    setup.isParallel = true
    let tilted = try Scenes.geometry(
      parallel: false, source: 900, detector: 500, pixel: 9, columns: 41, rows: 43, &random)
    return try cones + [setup.geometry(of: .left), tilted]
  }

  /// exp(-|x - c|^2 / 2 s^2), whose integral along a line at distance d of c is sqrt(2 pi) s
  /// exp(-d^2 / 2 s^2). Bilinear interpolation of a smooth function errs by the square of the voxel; so
  /// do uniform voxels once the many of a ray average out.
  @Test(arguments: try geometries()) func josephIsOfSecondOrder(_ geometry: ProjectionGeometry) {
    let (center, deviation) = (Vector3(4, -6, 3), 22.0)
    let truth = Scenes.pixels(geometry).map { pixel in
      let (c, r) = (Double(pixel.column), Double(pixel.row))
      let offset = geometry.pixelCenter(column: c, row: r) - center
      let distance = length(cross(offset, geometry.rayDirection(column: c, row: r)))
      return (2 * Double.pi).squareRoot() * deviation
        * exp(-distance * distance / (2 * deviation * deviation))
    }
    let largest = truth.max() ?? 0
    #expect(largest > 20)
    let errors = [32, 64, 128].map { size -> Double in
      let grid = VoxelGrid.canonical(size: size)
      let blob = Volume(grid: grid) { k in
        (0..<size * size).map { index in
          let offset =
            grid.worldPoint(Double(index % size), Double(index / size), Double(k)) - center
          return Float(exp(-dot(offset, offset) / (2 * deviation * deviation)))
        }
      }
      let image = JosephProjector().forward(blob, geometry)
      return zip(image, truth).reduce(0) { max($0, abs(Double($1.0) - $1.1)) } / largest
    }
    // Halving the voxels quarters the error: by 4, but for the fourth-order term at 8 mm.
    #expect(
      abs(errors[0] / errors[1] - 4) < 0.5 && abs(errors[1] / errors[2] - 4) < 0.3, "\(errors)")
    // h^2 / 8 times the largest second derivative, in each of two directions: 2 (2/22)^2 / 8.
    #expect(errors[2] < 2.1e-3, "\(errors)")
  }

  /// An ellipsoid's edge lies somewhere within a voxel: in a band along the silhouette, one voxel wide,
  /// the error is as large as a chord there. Its norm falls at least like the voxel.
  @Test func ellipsoidsAreOfFirstOrder() throws {
    for geometry in try Self.geometries() {
      let truth = EllipsoidPhantom.head.integrals(geometry)
      let norm = truth.reduce(0) { $0 + $1 * $1 }.squareRoot()
      for projector in [JosephProjector(), ExactProjector()] as [any Projector] {
        let errors = [32, 64, 128].map { size in
          let image = projector.forward(EllipsoidPhantom.head.voxels(size), geometry)
          return zip(image, truth).reduce(0) { sum, pair in
            sum + (Double(pair.0) - pair.1) * (Double(pair.0) - pair.1)
          }.squareRoot() / norm
        }
        let order = log2(errors[0] / errors[2]) / 2
        // Steps of uniform voxels stand in line where rays run along the grid; interpolation smooths them.
        let least = projector is JosephProjector ? 0.85 : 0.55
        #expect(order > least && errors[2] < 0.04, "\(type(of: projector)): \(errors)")
      }
    }
  }

  /// What RTK demands of its forward projectors against the analytic projection of ellipsoids
  /// (test/rtkforwardprojectiontest.cxx, CheckImageQuality): a mean error of at most 1.28 and a PSNR of
  /// at least 44 dB, on a scale of 255; here the image's maximum. Voxels of 1 mm; those that are uniform
  /// show their steps along every silhouette, interpolation does not.
  @Test func rtkWouldAccept() throws {
    let volume = EllipsoidPhantom.head.voxels(256)
    for geometry in try Self.geometries() {
      let truth = EllipsoidPhantom.head.integrals(geometry)
      let scale = 255 / (truth.max() ?? 0)
      for (projector, least) in [(JosephProjector(), 44.0), (ExactProjector(), 40)]
        as [(any Projector, Double)]
      {
        let errors = zip(projector.forward(volume, geometry), truth).map {
          scale * abs(Double($0.0) - $0.1)
        }
        let mean = errors.reduce(0, +) / Double(errors.count)
        let square = errors.reduce(0) { $0 + $1 * $1 } / Double(errors.count)
        let decibels = 20 * log10(255 / square.squareRoot())
        #expect(
          mean <= 1.28 && decibels >= least, "\(type(of: projector)): \(mean), \(decibels) dB")
      }
    }
  }
}
