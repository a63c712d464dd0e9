import SpiderCore
import SpiderDRR
import SpiderSupport
import SpiderTestSupport
import Testing

/// CT numbers as amounts of materials.
@Suite struct MaterialTests {
  private func attenuation(_ hu: Float, _ law: MaterialDecomposition, keV: Double) -> Double {
    let shares = law.shares(hu: hu)
    return zip(law.materials, [shares.water, shares.bone, shares.metal]).reduce(0) {
      $0 + $1.0.linearAttenuation(keV: keV) * Double($1.1)
    }
  }

  /// Up to cortical bone the shares say at every energy what the bilinear law says.
  @Test(arguments: [40.0, 70, 120]) func sharesAreTheBilinearLaw(keV: Double) throws {
    let law = try Attenuation(keV: keV)
    for hu in [-1000, -999, -300, 0, 1, 60, 700, 1500] as [Float] {
      expectClose(
        attenuation(hu, MaterialDecomposition(), keV: keV), Double(law.attenuation(hu: hu)),
        rtol: 2e-6, atol: 1e-9, "\(hu) HU")
    }
  }

  /// At the scanner's energy all of the scale below metal is the definition of the CT number.
  @Test func sharesGiveTheCTNumber() {
    for hu in [-500, 0, 1000, 1575, 1600, 2400, 2999] as [Float] {
      expectClose(
        attenuation(hu, MaterialDecomposition(), keV: 70),
        Attenuation.standard.water * (1 + Double(hu) / 1000), rtol: 1e-6, atol: 0, "\(hu) HU")
    }
  }

  @Test func metalIsWhole() {
    let law = MaterialDecomposition(metal: .gold, metalThreshold: 2800)
    #expect(law.shares(hu: 2800) == (0, 0, 1) && law.shares(hu: 30000) == (0, 0, 1))
    #expect(law.shares(hu: 2799).metal == 0 && law.shares(hu: 2799).bone > 1)
    #expect(MaterialDecomposition(metal: nil).shares(hu: 3071).bone > 1)
    for hu in [-1000, -3024, -.infinity, .infinity, .nan] as [Float] {
      #expect(law.shares(hu: hu) == (0, 0, 0))
    }
  }

  @Test func mapsWithoutMetalAreTwo() {
    let grid = VoxelGrid(nx: 3, ny: 1, nz: 1, affine: .identity)
    let ct = Volume(grid: grid, values: [-500, 500, .nan])
    #expect(MaterialDecomposition().maps(of: ct).count == 2)
    let maps = MaterialDecomposition().maps(of: Volume(grid: grid, values: [-500, 500, 3071]))
    #expect(maps.count == 3 && maps[2].values == [0, 0, 1] && maps[0].values[0] == 0.5)
  }

  /// Water and bone behind a pixel from the line integral at 70 keV and bone alone: the same lengths
  /// as by projecting both.
  @Test func lengthsFromLineIntegrals() throws {
    var random = SeededGenerator(seed: 5)
    let grid = VoxelGrid(
      nx: 20, ny: 20, nz: 20, boxFrom: Vector3(-60, -60, -60), to: Vector3(60, 60, 60))
    let ct = Volume(
      grid: grid, values: (0..<grid.count).map { _ in Float(random.uniform(in: -1000...2900)) })
    let geometry = try ViewSetup(pixelSize: SIMD2(12, 12), columns: 15, rows: 15).geometry(of: .pa)
    let projector = JosephProjector()
    let attenuation = Attenuation.standard.attenuation(of: ct)
    let bone = WaterAndBone.boneShares(of: attenuation)
    let lengths = WaterAndBone.lengths(
      lineIntegrals: projector.forward(attenuation, geometry),
      bone: projector.forward(bone, geometry))
    let maps = MaterialDecomposition(metal: nil).maps(of: ct)
    // Up to 150 mm, each in float; water is a difference.
    expectClose(lengths[1], projector.forward(maps[1], geometry), atol: 2e-4, "bone")
    expectClose(lengths[0], projector.forward(maps[0], geometry), atol: 2e-3, "water")
  }
}
