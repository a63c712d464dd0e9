import Foundation
import SpiderCore
import SpiderDRR
import SpiderTestSupport
import Testing

/// The chain as a whole.
@Suite struct XRayChainTests {
  private let geometry: ProjectionGeometry
  private var ct: Volume

  /// A box of water, -100 to 100 mm, with a rod of bone.
  init() throws {
    geometry = try ViewSetup(pixelSize: SIMD2(14.4, 14.4), columns: 32, rows: 32).geometry(of: .pa)
    let grid = VoxelGrid(
      nx: 20, ny: 20, nz: 20, boxFrom: Vector3(-100, -100, -100), to: Vector3(100, 100, 100))
    ct = Volume(grid: grid, repeating: 0)
    for k in 0..<20 { for j in 8..<12 { for i in 8..<12 { ct[i, j, k] = 1200 } } }
  }

  /// Photons of 70 keV and nothing else are what a radiograph without a chain is.
  @Test func idealChainChangesNothing() throws {
    let plain = DigitalRadiograph().make(ct: ct, geometry: geometry)
    let chained = DigitalRadiograph(chain: try XRayChain(RadiographPhysics()))
      .make(ct: ct, geometry: geometry)
    #expect(chained.intensity == .absolute && chained.mask == nil)
    // Two projections in place of one, in float.
    expectClose(chained.values, plain.values, atol: 5e-6)
    let energy = try Attenuation(keV: 100)
    var physics = RadiographPhysics()
    physics.keV = 100
    expectClose(
      DigitalRadiograph(chain: try XRayChain(physics)).make(ct: ct, geometry: geometry).values,
      DigitalRadiograph(attenuation: energy).make(ct: ct, geometry: geometry).values, atol: 5e-6)
  }

  /// The whole way at 120 kVp behind 200 mm of water and bone, against the closed form of the ray
  /// through the middle.
  @Test func tubeRadiographOfABox() throws {
    var physics = RadiographPhysics()
    physics.tube = XRayTube(kilovolts: 120)
    let chain = try XRayChain(physics)
    let parallel = try ViewSetup(
      pixelSize: SIMD2(10, 10), columns: 3, rows: 3, isParallel: true
    ).geometry(of: .pa)
    let value = DigitalRadiograph(chain: chain).make(ct: ct, geometry: parallel)[1, 1]
    let shares = physics.decomposition.shares(hu: 1200)
    let expected = chain.beam.referenceLineIntegral([
      160 + 40 * Double(shares.water), 40 * Double(shares.bone),
    ])
    // The middle ray runs along the edge between voxels of the same rod.
    expectClose(value, expected, rtol: 1e-5, atol: 0)
  }

  /// Voxels that are not numbers are air, also for the chain.
  @Test func brokenVoxelsAreAir() throws {
    var physics = RadiographPhysics()
    physics.tube = XRayTube()
    let drr = DigitalRadiograph(chain: try XRayChain(physics))
    var (holes, air) = (ct, ct)
    for (index, value) in [Float.nan, .infinity, -.infinity].enumerated() {
      for k in 0..<20 {
        holes[3 + index, 5, k] = value
        air[3 + index, 5, k] = -1000
      }
    }
    let values = drr.make(ct: holes, geometry: geometry).values
    #expect(values.allSatisfy { $0.isFinite })
    let expected = drr.make(ct: air, geometry: geometry).values
    #expect(values == expected)
  }

  /// Every stage on: finite, masked where collimated, the same twice, different from view to view.
  @Test func wholeChainIsRepeatable() throws {
    var physics = RadiographPhysics()
    physics.tube = XRayTube(kilovolts: 90, copper: 0.1)
    physics.correctsWater = true
    physics.collimation = CollimatedField(size: SIMD2(0.8, 0.7), turnDegrees: 4)
    physics.focalSpot = 1
    physics.scatter = Scatter()
    physics.openField = FlatField(fallsOff: true, heel: 0.1, gainDeviation: 0.02)
    physics.photons = 1e5
    physics.electronicNoise = 3
    physics.detectorBlur = 1
    physics.digitization = Digitization()
    physics.tone = ToneCurve()
    let drr = DigitalRadiograph(chain: try XRayChain(physics))
    let first = drr.make(ct: ct, geometries: [geometry, geometry])
    let second = drr.make(ct: ct, geometries: [geometry, geometry])
    #expect(first == second)
    #expect(first[0].values != first[1].values)
    #expect(first[0].intensity == .relative && first[0].values.allSatisfy { $0 >= 0 && $0 <= 1 })
    let visible = first[0].mask?.filter { $0 }.count ?? 0
    expectClose(Double(visible) / 1024, 0.56, atol: 0.03, "share of the open field")
    let again = try JSONDecoder().decode(
      RadiographPhysics.self, from: JSONEncoder().encode(physics))
    #expect(again == physics)
  }

  /// A film takes the place of a picture: its greys are those of the line integrals' film.
  @Test func filmsAreMadeLast() throws {
    var physics = RadiographPhysics()
    physics.tone = ToneCurve(gamma: 0.7)
    physics.film = FilmProcessing()
    let plain = DigitalRadiograph().make(ct: ct, geometry: geometry)
    let film = DigitalRadiograph(chain: try XRayChain(physics)).make(ct: ct, geometry: geometry)
    #expect(film.intensity == .relative && Set(film.values).count > 20)
    #expect(film.values == FilmPicture(plain).pixels.map { Float($0) / 255 })
  }

  /// Water hardens the beam, and the correction takes that back.
  @Test func correctedTubeIsSeventyKeV() throws {
    var physics = RadiographPhysics()
    physics.tube = XRayTube(kilovolts: 100)
    let water = ct.withValues(ct.values.map { min($0, 0) })
    let plain = DigitalRadiograph().make(ct: water, geometry: geometry)
    let raw = DigitalRadiograph(chain: try XRayChain(physics)).make(ct: water, geometry: geometry)
    let difference = zip(raw.values, plain.values).map { abs($0 - $1) }.max() ?? 0
    #expect(difference > 0.3)
    physics.correctsWater = true
    expectClose(
      DigitalRadiograph(chain: try XRayChain(physics)).make(ct: water, geometry: geometry).values,
      plain.values, atol: 1e-4)
  }

  @Test(
    arguments: [
      { $0.keV = 5 }, { $0.tube = XRayTube(kilovolts: 500) }, { $0.photons = 0 },
      { $0.photons = .nan }, { $0.electronicNoise = 3 }, { $0.scatter = Scatter(ratio: -1) },
      { $0.scatter = Scatter(width: 0) }, { $0.focalSpot = -1 }, { $0.detectorBlur = .infinity },
      { $0.digitization = Digitization(bits: 64) },
      { $0.digitization = Digitization(openField: 0) },
      { $0.tone = ToneCurve(gamma: 0) }, { $0.tone = ToneCurve(window: 0.9...0.91) },
      {
        $0.film = FilmProcessing(); $0.film?.contour = -1
      },
      {
        $0.film = FilmProcessing(); $0.film?.exponent = .nan
      },
      { $0.openField.heel = 1 }, { $0.openField.gainDeviation = -1 },
      { $0.collimation = CollimatedField(size: SIMD2(0, 1)) },
      { $0.response = .caesiumIodide(millimetres: .nan) },
    ] as [@Sendable (inout RadiographPhysics) -> Void])
  func refusesWhatIsNotModelled(set: @Sendable (inout RadiographPhysics) -> Void) {
    var physics = RadiographPhysics()
    set(&physics)
    #expect(throws: PhysicsError.self) { try XRayChain(physics) }
  }
}
