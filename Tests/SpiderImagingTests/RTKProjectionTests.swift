import Foundation
import SpiderImaging
import SpiderSupport
import SpiderTestSupport
import Testing

/// Against the matrices of RTK's documentation (documentation/docs/Geometry.md, version of 2024).
@Suite struct RTKProjectionTests {
  private typealias Rows = [[Double]]

  private func product(_ a: Rows, _ b: Rows) -> Rows {
    a.map { row in
      b[0].indices.map { column in
        row.indices.reduce(0) { $0 + row[$1] * b[$1][column] }
      }
    }
  }

  /// M_P as the page writes it: five factors.
  private func published(_ p: RTKProjection) -> Rows {
    func cosine(_ degrees: Double) -> Double { cos(-degrees * .pi / 180) }
    func sine(_ degrees: Double) -> Double { sin(-degrees * .pi / 180) }
    let (i, o, g) = (p.inPlaneAngle, p.outOfPlaneAngle, p.gantryAngle)
    let inPlane: Rows = [
      [cosine(i), -sine(i), 0, 0], [sine(i), cosine(i), 0, 0], [0, 0, 1, 0], [0, 0, 0, 1],
    ]
    let outOfPlane: Rows = [
      [1, 0, 0, 0], [0, cosine(o), -sine(o), 0], [0, sine(o), cosine(o), 0], [0, 0, 0, 1],
    ]
    let gantry: Rows = [
      [cosine(g), 0, sine(g), 0], [0, 1, 0, 0], [-sine(g), 0, cosine(g), 0], [0, 0, 0, 1],
    ]
    let rotation = product(product(inPlane, outOfPlane), gantry)
    if p.sourceToDetector == 0 {
      return product(
        [
          [1, 0, 0, -p.projectionOffset.x], [0, 1, 0, -p.projectionOffset.y], [0, 0, 0, 1],
        ], rotation)
    }
    let shift: Rows = [
      [1, 0, p.sourceOffset.x - p.projectionOffset.x],
      [0, 1, p.sourceOffset.y - p.projectionOffset.y], [0, 0, 1],
    ]
    let cone: Rows = [
      [-p.sourceToDetector, 0, 0, 0], [0, -p.sourceToDetector, 0, 0],
      [0, 0, 1, -p.sourceToIsocenter],
    ]
    let source: Rows = [
      [1, 0, 0, -p.sourceOffset.x], [0, 1, 0, -p.sourceOffset.y], [0, 0, 1, 0], [0, 0, 0, 1],
    ]
    return product(product(shift, cone), product(source, rotation))
  }

  /// A matrix from the fixed system to the detector, applied to a world point of a patient head first
  /// supine: left, superior, anterior about the isocentre.
  private func millimetres(_ m: Rows, _ point: Vector3) -> [Double] {
    let fixed = [-point.x, point.z, point.y, 1]
    let h = m.map { row in zip(row, fixed).reduce(0) { $0 + $1.0 * $1.1 } }
    return [h[0] / h[2], h[1] / h[2]]
  }

  private let plate = RTKDetector(
    origin: SIMD2(-40, 25), spacing: SIMD2(0.8, -0.5), columns: 64, rows: 48)

  private func expectSame(_ p: RTKProjection, _ matrix: Rows) throws {
    let isocenter = Vector3(12, -30, 5)
    let geometry = try p.geometry(plate, isocenter: isocenter)
    var random = SeededGenerator(seed: 8)
    for point in GeometryScenes.points(40, about: .zero, radius: 150, &random) {
      let pixel = geometry.project(point + isocenter)
      let found = [-40 + 0.8 * pixel.x, 25 - 0.5 * pixel.y]
      // The documentation's numbers have 15 digits; detectors reach 1000 mm.
      expectClose(found, millimetres(matrix, point), atol: 1e-8, "mm on the detector")
    }
  }

  @Test func theExampleOfItsDocumentation() throws {
    let examples: [(Double, Double, Double, Rows)] = [
      (
        271.847274780273, -117.056503295898, -1.01195001602173,
        [
          [-166.5093078829, 0, -1531.42837748039, -117056.503295898],
          [-1.01142410874151, -1536, 0.0326206557691505, -1011.95001602173],
          [-0.999480303105996, 0, 0.0322354417240802, -1000],
        ]
      ),
      (
        271.852905273438, -117.056831359863, -1.01187002658844,
        [
          [-166.660129424325, 0, -1531.41199650136, -117056.831359863],
          [-1.01134095059569, -1536, 0.0327174625589984, -1011.87002658844],
          [-0.999477130482326, 0, 0.0323336611415466, -1000],
        ]
      ),
    ]
    for (gantry, x, y, matrix) in examples {
      try expectSame(
        RTKProjection(
          gantryAngle: gantry, sourceToIsocenter: 1000, sourceToDetector: 1536,
          projectionOffset: SIMD2(x, y)), matrix)
    }
  }

  @Test func theMatrixOfItsDocumentation() throws {
    var random = SeededGenerator(seed: 4)
    for isParallel in [false, true] {
      for _ in 0..<20 {
        let projection = RTKProjection(
          gantryAngle: random.uniform(in: -360...360),
          outOfPlaneAngle: random.uniform(in: -80...80),
          inPlaneAngle: random.uniform(in: -180...180),
          sourceToIsocenter: random.uniform(in: 500...1000),
          sourceToDetector: isParallel ? 0 : random.uniform(in: 1100...1800),
          sourceOffset: isParallel
            ? .zero : SIMD2(random.uniform(in: -20...20), random.uniform(in: -20...20)),
          projectionOffset: SIMD2(random.uniform(in: -90...90), random.uniform(in: -90...90)))
        try expectSame(projection, published(projection))
      }
    }
  }

  /// Gantry angles are the same number in RTK and here, and so hang the images.
  @Test(arguments: [0.0, 37, 90, 200, 315]) func gantryAnglesAreOurs(degrees: Double) throws {
    let setup = ViewSetup(pixelSize: SIMD2(2, 3), columns: 40, rows: 30)
    let ours = try setup.geometry(of: .gantry(degrees: degrees), isocenter: Vector3(1, 2, 3))
    let theirs = try RTKProjection(
      gantryAngle: degrees, sourceToIsocenter: 1000, sourceToDetector: 1500
    ).geometry(
      RTKDetector(centered: 40, 30, pixelSize: SIMD2(2, 3)), isocenter: Vector3(1, 2, 3))
    expectClose(
      GeometryScenes.numbers(theirs), GeometryScenes.numbers(ours), atol: 1e-9, "\(degrees)")
    // A positive tilt raises the source: RTK counts the other way.
    let tilted = try RTKProjection.from(
      try setup.geometry(of: .gantry(degrees: degrees), tiltDegrees: 20)
    ).projection
    expectClose(tilted.outOfPlaneAngle, -20, atol: 1e-9)
    expectClose(tilted.inPlaneAngle, 0, atol: 1e-9)
  }

  @Test func roundTrip() throws {
    var random = SeededGenerator(seed: 21)
    for number in 0..<60 {
      let geometry = try GeometryScenes.arm(
        &random, mirrored: number % 2 == 1, parallel: number % 3 == 2)
      let (projection, detector) = try RTKProjection.from(geometry)
      let back = try projection.geometry(detector, isocenter: geometry.isocenter ?? .zero)
      if number % 3 == 2 {
        // RTK puts the plane of a parallel beam where it likes: the image is the same.
        expectClose(
          back.matrix.rows.flatMap { $0 }, geometry.matrix.rows.flatMap { $0 }, atol: 1e-9)
      } else {
        expectClose(
          GeometryScenes.numbers(back), GeometryScenes.numbers(geometry), atol: 1e-8)
      }
    }
    // Straight from above, two of the angles turn about one axis.
    let above = try ViewSetup().geometry(of: .gantry(degrees: 40), tiltDegrees: 90)
    let (projection, detector) = try RTKProjection.from(above)
    expectClose(
      GeometryScenes.numbers(try projection.geometry(detector)), GeometryScenes.numbers(above),
      atol: 1e-6)
  }

  @Test func whatCannotBe() throws {
    func error(_ p: RTKProjection) -> ConversionError? {
      do { _ = try p.geometry(plate) } catch { return error }
      return nil
    }
    let sound = RTKProjection(gantryAngle: 0, sourceToIsocenter: 1000, sourceToDetector: 1500)
    #expect(error(sound) == nil)
    var bad = sound
    bad.gantryAngle = .nan
    #expect(error(bad) == .notFinite(form: "RTK"))
    let skewed = try ProjectionGeometry(
      beam: .cone(source: Vector3(0, 900, 0)), pixelOrigin: Vector3(0, -500, 0),
      columnStep: Vector3(-1, 0, 0.1), rowStep: Vector3(0, 0, -1), columns: 9, rows: 9)
    #expect(throws: ConversionError.self) { try RTKProjection.from(skewed) }
  }
}
