import SpiderCore
import SpiderDRR
import SpiderTestSupport
import Testing

@Suite struct AttenuationTests {
  /// NIST SRD 126 (entries of the table) and XCOM (70 keV, which is not an entry), cm^2/g = 1/cm.
  @Test(arguments: [(20.0, 0.8096), (60, 0.2059), (70, 0.1929), (80, 0.1837), (150, 0.1505)])
  func waterIsThatOfNIST(keV: Double, massAttenuation: Double) throws {
    expectClose(
      try Attenuation(keV: keV).water, massAttenuation / 10, rtol: 1e-3, atol: 0, "water")
  }

  @Test func lawAtSeventyIsTheCTNumber() {
    let law = Attenuation.standard
    for hu in [-1000, -500, -100, 0, 40, 1000, 3000] as [Float] {
      expectClose(
        law.attenuation(hu: hu), law.water * (1 + Double(hu) / 1000), rtol: 1e-6, atol: 1e-9)
    }
  }

  /// Cortical bone, at its own CT number, has its own coefficient at every energy.
  @Test func boneIsThatOfNIST() throws {
    // 1.92 g/cm^3 times 0.1 cm/mm times the table's entries, cm^2/g.
    let hounsfield = try [(30.0, 1.331), (60, 0.3148), (100, 0.1855)].map {
      let law = try Attenuation(keV: $0.0)
      return ($0.1 * 0.192 - law.water) / law.boneSlope
    }
    // One and the same number whatever the energy: 1000 (mu_b / mu_w - 1) at 70 keV. Between the
    // entries of 60 and 80 keV, mu_b is bounded by a straight and a curved interpolation.
    expectClose(hounsfield, [Double](repeating: hounsfield[0], count: 3), rtol: 1e-6, atol: 0)
    #expect(hounsfield[0] > 1540 && hounsfield[0] < 1620)
    #expect(try Attenuation(keV: 60).boneSlope > Attenuation(keV: 60).water / 1000)
    #expect(try Attenuation(keV: 120).boneSlope < Attenuation(keV: 120).water / 1000)
  }

  @Test func airAndNonsenseAreZero() {
    for hu in [-1000, -1024, -3024, -.infinity, .infinity, .nan] as [Float] {
      #expect(Attenuation.standard.attenuation(hu: hu) == 0)
    }
  }

  @Test(arguments: [40.0, 70, 120]) func inverseReturns(keV: Double) throws {
    let law = try Attenuation(keV: keV)
    let grid = VoxelGrid(nx: 41, ny: 1, nz: 1, affine: .identity)
    let ct = Volume(grid: grid, values: (0..<41).map { Float($0) * 100 - 1000 })
    expectClose(law.ct(of: law.attenuation(of: ct)).values, ct.values, atol: 2e-3, "HU")
    #expect(law.hu(attenuation: -1) == -1000)
    #expect(law.hu(attenuation: .nan) == -1000)
  }

  @Test(arguments: [0.0, 19.9, 151, -70, .nan, .infinity]) func refusesOtherEnergies(keV: Double) {
    #expect(throws: AttenuationError.self) { try Attenuation(keV: keV) }
  }

  @Test func errorNamesRangeAndRemedy() {
    let text = AttenuationError.energyOutOfRange(keV: 7).description
    #expect(text.contains("7.0 keV") && text.contains("20.0 to 150.0"))
  }

  /// 100 mm of water, with a hole that is not a number.
  @Test func radiographOfWater() throws {
    let grid = VoxelGrid(
      nx: 20, ny: 10, nz: 20, boxFrom: Vector3(-100, -50, -100), to: Vector3(100, 50, 100))
    var ct = Volume(grid: grid, repeating: 0)
    let geometry = try ViewSetup(pixelSize: SIMD2(10, 10), columns: 3, rows: 3, isParallel: true)
      .geometry(of: .pa)
    let maker = DigitalRadiograph()
    let water = Attenuation.standard.water
    let image = maker.make(ct: ct, geometry: geometry)
    #expect(image.intensity == .absolute)
    expectClose(image.values, [Double](repeating: 100 * water, count: 9), rtol: 1e-6, atol: 0)
    for k in 0..<20 { for i in 0..<20 { ct[i, 4, k] = .nan } }
    expectClose(
      maker.make(ct: ct, geometry: geometry).values, [Double](repeating: 90 * water, count: 9),
      rtol: 1e-6, atol: 0)
  }
}
