import SpiderBaselines
import SpiderCore
import SpiderDRR
import SpiderEvaluation
import SpiderTestSupport
import Testing

@Suite struct SIRTBaselineTests {
  let grid = VoxelGrid.canonical(size: 24, side: 240)

  /// A soft ball of water, off centre, with a denser core.
  func ball() -> Volume {
    Volume(
      grid: grid,
      values: (0..<grid.count).map { index in
        let v = grid.voxel(at: index)
        let point = grid.worldPoint(Double(v.x), Double(v.y), Double(v.z))
        let r = length(point - Vector3(10, -5, 8))
        return r < 40 ? 500 : Float(max(-1000, min(0, 80 * (80 - r))))
      })
  }

  func views(_ directions: [NamedView], of ct: Volume) throws -> [Radiograph] {
    let setup = ViewSetup(pixelSize: SIMD2(10, 10), columns: 44, rows: 44)
    let maker = DigitalRadiograph()
    return try directions.map { maker.make(ct: ct, geometry: try setup.geometry(of: $0)) }
  }

  /// Relative error of the attenuation.
  func error(_ volume: Volume, _ truth: Volume) -> Double {
    let law = Attenuation.standard
    let (a, b) = (law.attenuation(of: volume).values, law.attenuation(of: truth).values)
    let difference = zip(a, b).reduce(0) { $0 + Double(($1.0 - $1.1) * ($1.0 - $1.1)) }
    return (difference / b.reduce(0) { $0 + Double($1 * $1) }).squareRoot()
  }

  @Test func twoViewsFitTheirRadiographs() throws {
    let truth = ball()
    let result = try SIRTBaseline().solve(try views([.pa, .left], of: truth), on: grid)
    let residuals = result.residuals
    #expect(residuals.count == 51)
    expectClose(residuals[0], 1, atol: 1e-6, "from nothing")
    for (before, after) in zip(residuals, residuals.dropFirst()) {
      #expect(after < before * 1.001)
    }
    #expect(residuals[50] < 0.06, "\(residuals[50])")
    // The zero volume has error 1. Two views cannot give the shape back, but most of the mass is placed.
    #expect(error(result.volume, truth) < 0.6, "\(error(result.volume, truth))")
    #expect(result.volume.values.allSatisfy { $0 >= -1000 })
    #expect(result.volume.grid == grid)
  }

  /// With views from all around, SIRT finds the volume: its weights are right.
  @Test func manyViewsFindTheVolume() throws {
    let truth = ball()
    let angles = (0..<12).map { NamedView.gantry(degrees: Double($0) * 15) }
    let result = try SIRTBaseline(iterations: 60).solve(
      try views(angles, of: truth), on: grid)
    #expect(error(result.volume, truth) < 0.12, "\(error(result.volume, truth))")
    #expect(result.residuals[60] < 0.03, "\(result.residuals[60])")
  }

  /// One voxel, one ray through its centre: the first step solves the equation.
  @Test func oneEquationIsSolvedAtOnce() throws {
    let voxel = VoxelGrid(
      nx: 1, ny: 1, nz: 1, affine: Affine(scale: Vector3(8, 8, 8)))
    let geometry = try ViewSetup(columns: 1, rows: 1).geometry(of: .pa)
    let view = Radiograph(geometry: geometry, values: [0.3])
    let result = try SIRTBaseline(iterations: 1).solve([view], on: voxel)
    let attenuation = Attenuation.standard.attenuation(hu: result.volume.values[0])
    expectClose(attenuation, 0.3 / 8, rtol: 1e-5, atol: 0)
    expectClose(result.residuals[1], 0, atol: 1e-6)
  }

  @Test func maskedPixelsHaveNoWeight() throws {
    let truth = ball()
    var clean = try views([.pa, .left], of: truth)
    var mask = [Bool](repeating: true, count: 44 * 44)
    for index in 0..<44 * 12 { mask[index] = false }
    clean[0].mask = mask
    var spoilt = clean
    for index in 0..<44 * 12 { spoilt[0].values[index] = index % 2 == 0 ? .nan : 1e6 }
    let sirt = SIRTBaseline(iterations: 5)
    let expected = try sirt.solve(clean, on: grid)
    #expect(try sirt.solve(spoilt, on: grid).volume == expected.volume)
    clean[0].mask = nil
    #expect(try sirt.solve(clean, on: grid).volume != expected.volume)
  }

  @Test func anEmptyBeamGivesAir() throws {
    let geometry = try ViewSetup(columns: 4, rows: 4).geometry(
      of: .pa, isocenter: Vector3(5000, 0, 0))
    let view = Radiograph(geometry: geometry, values: [Float](repeating: 1, count: 16))
    let result = try SIRTBaseline(iterations: 2).solve([view], on: grid)
    #expect(result.volume.values.allSatisfy { $0 == -1000 })
    #expect(result.residuals == [0, 0, 0])
  }

  @Test func refusesRelativeImagesAndNone() throws {
    var view = try views([.pa], of: ball())
    view[0].intensity = .relative
    #expect(throws: BaselineError.notAbsolute(view: 1)) {
      try SIRTBaseline().solve(view, on: grid)
    }
    #expect(throws: BaselineError.noViews) { try SIRTBaseline().solve([], on: grid) }
  }
}
