import SpiderImaging
import SpiderSupport
import SpiderTestSupport
import Testing

/// Against matrices that plastimatch 1.9.4 itself wrote: Benchmarks/peers/plastimatch_geometry.py prints them.
@Suite struct PlastimatchGeometryTests {
  struct Pose: Sendable {
    let arguments: PlastimatchGeometry
    /// The program's matrix from LPS mm; columns and rows are counted from its image centre.
    let matrix: [[Double]]
  }

  static let poses = [
    Pose(
      arguments: PlastimatchGeometry(
        normal: Vector3(0.3, -1, 0.2), up: Vector3(0.1, 0.2, 1), sourceToAxis: 900,
        sourceToDetector: 1400, isocenter: Vector3(-5, 10, -20), size: SIMD2(200, 160),
        extent: SIMD2(400, 300), center: SIMD2(90, 70)),
      matrix: [
        [4.77566931e-01, 1.28575717e-01, -7.34718377e-02, -3.67359271e-01],
        [-4.79207662e-02, -1.17958810e-01, -5.17912892e-01, -9.41827357e+00],
        [-2.01583050e-04, 6.71943475e-04, -1.34388697e-04, 6.32442019e-01],
      ]),
    Pose(
      arguments: PlastimatchGeometry(
        normal: Vector3(1, 0.1, -0.4), up: Vector3(0, 1, 1), sourceToAxis: 1000,
        sourceToDetector: 1536, isocenter: Vector3(33, -12, 7), size: SIMD2(120, 90),
        extent: SIMD2(300, 310), center: SIMD2(10, 80.5)),
      matrix: [
        [-1.33333335e-01, 2.66666666e-01, -2.66666666e-01, 9.46666672e+00],
        [-5.36806647e-02, -2.14722657e-01, -1.87882324e-01, 5.09966323e-01],
        [-6.01888232e-04, -6.01888241e-05, 2.40755297e-04, 6.68496425e-01],
      ]),
    Pose(
      arguments: PlastimatchGeometry(
        normal: Vector3(0, 0, 2), up: Vector3(0, -3, 0), sourceToAxis: 500,
        sourceToDetector: 800, size: SIMD2(64, 64), extent: SIMD2(128, 96)),
      matrix: [
        [-5.00000000e-01, 0, 0, 0], [0, 6.66666667e-01, 0, 0],
        [0, 0, -1.25000000e-03, 6.25000000e-01],
      ]),
  ]

  @Test(arguments: poses) func theProgramsOwnMatrix(_ pose: Pose) throws {
    let geometry = try pose.arguments.geometry()
    let center = pose.arguments.center ?? SIMD2(31.5, 31.5)
    var random = SeededGenerator(seed: 3)
    for point in GeometryScenes.points(
      50, about: geometry.isocenter ?? .zero, radius: 200, &random)
    {
      let lps = Vector3(-point.x, -point.y, point.z)
      let products = pose.matrix.map { $0[0] * lps.x + $0[1] * lps.y + $0[2] * lps.z + $0[3] }
      let found = geometry.project(point)
      // The program writes nine digits: 1e-8 of 200 pixels and of their lever of 100 mm.
      expectClose(
        [found.x, found.y],
        [center.x + products[0] / products[2], center.y + products[1] / products[2]], atol: 1e-4)
    }
  }

  @Test func roundTrip() throws {
    var random = SeededGenerator(seed: 11)
    for _ in 0..<30 {
      let geometry = try GeometryScenes.arm(&random)
      let there = try PlastimatchGeometry(geometry)
      let back = try there.geometry()
      expectClose(
        GeometryScenes.numbers(back), GeometryScenes.numbers(geometry), atol: 1e-9, "round trip")
    }
    for pose in Self.poses {
      let geometry = try pose.arguments.geometry()
      let again = try PlastimatchGeometry(geometry)
      expectClose(again.sourceToAxis, pose.arguments.sourceToAxis, atol: 1e-9)
      expectClose(length(again.isocenter - pose.arguments.isocenter), 0, atol: 1e-9)
      #expect(again.size == pose.arguments.size)
    }
  }

  /// ap is what the program makes of its manual's AP example, nrm (0, -1, 0); pa it cannot make.
  @Test func namedViews() throws {
    let ap = try PlastimatchGeometry(try ViewSetup().geometry(of: .ap))
    #expect(length(ap.normal - Vector3(0, -1, 0)) < 1e-12)
    #expect(length(ap.up - Vector3(0, 0, 1)) < 1e-12)
    let pa = try ViewSetup().geometry(of: .pa)
    #expect(throws: ConversionError.mirrored(form: "plastimatch")) { try PlastimatchGeometry(pa) }
    let turned = try PlastimatchGeometry(try pa.flipped(columns: true, rows: false))
    #expect(length(turned.normal - Vector3(0, 1, 0)) < 1e-12)
  }

  @Test func whatCannotBeSaid() throws {
    let parallel = try ViewSetup(isParallel: true).geometry(of: .ap)
    #expect(throws: ConversionError.needsCone(form: "plastimatch")) {
      try PlastimatchGeometry(parallel)
    }
    let skewed = try ProjectionGeometry(
      beam: .cone(source: Vector3(0, 900, 0)), pixelOrigin: Vector3(0, -500, 0),
      columnStep: Vector3(-1, 0, 0.1), rowStep: Vector3(0, 0, -1), columns: 9, rows: 9)
    #expect(throws: ConversionError.self) { try PlastimatchGeometry(skewed) }
    func error(_ change: (inout PlastimatchGeometry) -> Void) -> ConversionError? {
      var arguments = PlastimatchGeometry()
      change(&arguments)
      do { _ = try arguments.geometry() } catch { return error }
      return nil
    }
    #expect(error { _ in } == nil)
    #expect(
      error { $0.up = Vector3(3, 0, 0) } == .parallelVectors("-n", "--vup"))
    #expect(error { $0.normal = .zero } == .parallelVectors("-n", "--vup"))
    #expect(
      error { $0.sourceToAxis = -1 } == .badValue(name: "--sad", value: -1))
    #expect(
      error { $0.sourceToDetector = 900 }
        == .geometry(.badDistances(sourceToAxis: 1000, sourceToDetector: 900)))
    #expect(error { $0.extent.y = 0 } == .badValue(name: "-z", value: 0))
    #expect(error { $0.size.x = 0 } == .badValue(name: "-r", value: 0))
    #expect(error { $0.isocenter.x = .nan } == .geometry(.notFinite))
    #expect(error { $0.normal.x = .nan } != nil)
  }
}
