import SpiderCore
import SpiderDRR
import SpiderSupport
import SpiderTestSupport
import Testing

/// The fast projector against the plain one, adjoints against their projectors, and independence of
/// how voxels are stored and work is split.
@Suite struct MatchingTests {
  static let shapes = [(33, 17, 9), (8, 24, 30), (1, 12, 5), (7, 1, 1), (1, 1, 1), (20, 20, 20)]

  struct Case: Sendable, CustomTestStringConvertible {
    let geometry: ProjectionGeometry
    let volume: Volume
    let image: [Float]

    /// Without the thousands of numbers.
    var testDescription: String { "\(volume.grid.shape) voxels, \(geometry.beam)" }
  }

  /// Oblique volumes under tilted views, whose rays are followed in bundles; then upright ones under
  /// level views, whose rays are followed by lines.
  static func cases() throws -> [Case] {
    var random = SeededGenerator(seed: 11)
    let tilted = try Scenes.geometries(count: 24, seed: 3).enumerated().map { number, geometry in
      let (nx, ny, nz) = shapes[number % shapes.count]
      return (geometry, Scenes.grid(nx, ny, nz, &random))
    }
    let level = try (0..<36).map { number in
      let (nx, ny, nz) = shapes[number % shapes.count]
      return try Scenes.levelView(number, nx, ny, nz, &random)
    }
    return (tilted + level).map { geometry, grid in
      Case(
        geometry: geometry, volume: Scenes.noise(on: grid, &random),
        image: (0..<geometry.count).map { _ in Float(random.uniform()) })
    }
  }

  @Test(arguments: try cases()) func josephEqualsReference(_ item: Case) {
    let expected = JosephReference().lineIntegrals(item.volume, item.geometry)
    let largest = expected.max() ?? 0
    let fast = JosephProjector().forward(item.volume, item.geometry)
    // Positions in float are good to 1e-6 of a voxel in these small volumes.
    expectClose(fast, expected, atol: 3e-6 * largest + 1e-12, "forward")

    let back = JosephReference().adjoint(item.image, item.geometry, onto: item.volume.grid)
    let highest = Double(back.values.max() ?? 0)
    expectClose(
      JosephProjector().adjoint(item.image, item.geometry, onto: item.volume.grid).values,
      back.values, atol: 5e-6 * highest + 1e-12, "adjoint")
  }

  /// The place where a ray crosses a face is known to the rounding of positions over its slope: single
  /// voxels may lose or gain a little to their neighbours, sums hardly change.
  @Test(arguments: try cases()) func exactEqualsReference(_ item: Case) {
    let expected = ExactReference().lineIntegrals(item.volume, item.geometry)
    let largest = expected.max() ?? 0
    expectClose(
      ExactProjector().forward(item.volume, item.geometry), expected,
      atol: 2e-5 * largest + 1e-12, "forward")

    let back = ExactReference().adjoint(item.image, item.geometry, onto: item.volume.grid)
    let highest = Double(back.values.max() ?? 0)
    expectClose(
      ExactProjector().adjoint(item.image, item.geometry, onto: item.volume.grid).values,
      back.values, atol: 5e-4 * highest + 1e-12, "adjoint")
  }

  @Test func casesMeetTheVolume() throws {
    let lit = try Self.cases().filter { item in
      JosephReference().lineIntegrals(item.volume, item.geometry).contains { $0 > 0 }
    }
    // A lone voxel or needle may escape some of the beams.
    #expect(lit.count >= 45)
  }

  /// |<Ax, y> - <x, A'y>| <= 1e-5 |Ax| |y|.
  @Test(arguments: try cases()) func adjointsMatch(_ item: Case) {
    func product(_ a: [Float], _ b: [Float]) -> Double {
      zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }
    let projectors: [any Projector] = [
      JosephProjector(), JosephReference(), ExactProjector(), ExactReference(),
    ]
    for projector in projectors {
      let image = projector.forward(item.volume, item.geometry)
      let back = projector.adjoint(item.image, item.geometry, onto: item.volume.grid)
      let scale = (product(image, image) * product(item.image, item.image)).squareRoot()
      expectClose(
        product(image, item.image), product(item.volume.values, back.values),
        atol: 1e-6 * scale, "<Ax, y> of \(type(of: projector))")
    }
  }

  /// To the last bit: how the work is split changes nothing.
  @Test func workersDoNotMatter() throws {
    for item in try Self.cases() {
      func results(_ projector: any FastProjector) -> ([Float], Volume) {
        (
          projector.forward(item.volume, item.geometry),
          projector.adjoint(item.image, item.geometry, onto: item.volume.grid)
        )
      }
      let pairs: [(any FastProjector, any FastProjector)] = [
        (JosephProjector(isParallel: false), JosephProjector()),
        (ExactProjector(isParallel: false), ExactProjector()),
      ]
      for (one, many) in pairs {
        let expected = results(one)
        for workers in [2, 5] {
          let found = Parallel.withWorkerCount(workers) { results(many) }
          #expect(found.0 == expected.0 && found.1 == expected.1)
        }
      }
    }
  }

  @Test func addAdjointAdds() throws {
    let item = try Self.cases()[0]
    for projector in [JosephProjector(), ExactProjector()] as [any FastProjector] {
      var sum = item.volume
      projector.addAdjoint(item.image, item.geometry, to: &sum)
      let share = projector.adjoint(item.image, item.geometry, onto: item.volume.grid)
      expectClose(
        sum.values, zip(item.volume.values, share.values).map { $0 + $1 },
        rtol: 1e-5, atol: 1e-5, "volume plus adjoint")
    }
  }

  /// The same voxels stored in any of the 48 orders cast the same shadow, also where rays run equally
  /// fast along two axes, so that the main one is a tie.
  @Test func orientationDoesNotMatter() throws {
    var random = SeededGenerator(seed: 9)
    let cube = Scenes.noise(
      on: VoxelGrid(
        nx: 12, ny: 12, nz: 12, boxFrom: Vector3(-12, -12, -12), to: Vector3(12, 12, 12)), &random)
    let oblique = Scenes.noise(on: Scenes.grid(12, 9, 7, &random), &random)
    let setup = ViewSetup(pixelSize: SIMD2(3, 3), columns: 17, rows: 15)
    let parallel = ViewSetup(pixelSize: SIMD2(3, 3), columns: 17, rows: 15, isParallel: true)
    let geometries = [
      try setup.geometry(of: .pa), try setup.geometry(of: .gantry(degrees: 45)),
      try parallel.geometry(of: .gantry(degrees: 45)), try parallel.geometry(of: .left),
      try Scenes.geometry(parallel: false, &random),
      // An exact tie; gantry 45 has a sine and a cosine that differ in their last bit. The third
      // component matters: within a plane, both families of planes give the same weights.
      try ProjectionGeometry(
        beam: .parallel(direction: Vector3(1, 1, 0.5)), pixelOrigin: Vector3(50.3, 30, 40),
        columnStep: Vector3(-2, 2, 0), rowStep: Vector3(0, 0, -3), columns: 11, rows: 14),
    ]
    for volume in [cube, oblique] {
      for (number, geometry) in geometries.enumerated() {
        let joseph = JosephProjector().forward(volume, geometry)
        let exact = ExactProjector().forward(volume, geometry)
        let largest = Double(joseph.max() ?? 0)
        #expect(largest > 1)
        for orientation in Orientation.all {
          let other = volume.reoriented(to: orientation)
          expectClose(
            JosephProjector().forward(other, geometry), joseph, atol: 1e-5 * largest,
            "\(orientation), geometry \(number)")
          // Only rays off the voxel faces: along a face the exact projector must choose a side.
          guard number == 4 else { continue }
          expectClose(
            ExactProjector().forward(other, geometry), exact, atol: 1e-5 * largest,
            "exact, \(orientation)")
        }
      }
    }
  }
}
