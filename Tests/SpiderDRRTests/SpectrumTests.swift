import Foundation
import SpiderDRR
import SpiderTestSupport
import Testing

/// Coefficients and tube spectra against published values.
@Suite struct SpectrumTests {
  /// Between the entries of our tables: cm^2/g of XCOM (M. J. Berger et al., NIST SRD 8), printed by
  /// xraylib 4.0's `CS_Total` and `CS_Total_CP` ("Water, Liquid"; "Air, Dry (near sea level)").
  /// The interpolation through every fourth entry is worth 0.5 %; next to the L edges of gold 1.5 %.
  @Test(arguments: published) func coefficientsAreThoseOfXCOM(_ item: Published) {
    for (energy, value) in zip(item.energies, item.values) {
      expectClose(
        item.material.massAttenuation(keV: energy), value, rtol: 5e-3, atol: 0,
        "\(item.material.name), \(energy) keV")
    }
  }

  struct Published: Sendable {
    let material: AttenuatingMaterial
    let energies: [Double]
    let values: [Double]
  }

  static let published = [
    Published(
      material: .water, energies: [12, 25, 45, 70, 120],
      values: [3.126, 0.5082, 0.2436, 0.1929, 0.1614]),
    Published(
      material: .air, energies: [12, 25, 70, 120], values: [3.012, 0.4838, 0.1750, 0.1455]),
    Published(
      material: .aluminium, energies: [12, 25, 45, 70, 120],
      values: [15.34, 1.836, 0.4466, 0.2301, 0.1533]),
    Published(
      material: .copper, energies: [12, 25, 45, 70, 120],
      values: [135.7, 18.20, 3.498, 1.064, 0.3195]),
    Published(
      material: .titanium, energies: [12, 25, 45, 70, 120],
      values: [66.81, 8.371, 1.605, 0.5361, 0.2102]),
    Published(
      material: .iron, energies: [12, 25, 45, 70, 120],
      values: [104.7, 13.70, 2.614, 0.8164, 0.2693]),
    Published(
      material: .gold, energies: [17, 25, 45, 70, 90, 120],
      values: [119.1, 44.11, 9.542, 3.054, 6.743, 3.252]),
  ]

  /// The entries themselves: NISTIR 5632.
  @Test func coefficientsAreThoseOfNIST() {
    expectClose(
      [
        AttenuatingMaterial.water.massAttenuation(keV: 60),
        AttenuatingMaterial.corticalBone.massAttenuation(keV: 60),
        AttenuatingMaterial.aluminium.massAttenuation(keV: 60),
        AttenuatingMaterial.copper.massAttenuation(keV: 100),
        AttenuatingMaterial.titanium.linearAttenuation(keV: 80),
      ], [0.2059, 0.3148, 0.2778, 0.4584, 0.4052 * 0.454], rtol: 1e-12, atol: 0)
  }

  /// At an absorption edge the coefficient jumps, and no smoothing reaches across it.
  @Test func edgesJump() {
    let gold = AttenuatingMaterial.gold
    expectClose(gold.massAttenuation(keV: 80.7248), 2.137, rtol: 1e-4, atol: 0, "below")
    expectClose(gold.massAttenuation(keV: 80.7249), 8.904, rtol: 1e-12, atol: 0, "on the edge")
    expectClose(gold.massAttenuation(keV: 80.7250), 8.904, rtol: 1e-4, atol: 0, "above")
    // Half mercury, 35 % silver, 15 % tin at 60 keV.
    expectClose(
      AttenuatingMaterial.amalgam.massAttenuation(keV: 60),
      0.5 * 4.683 + 0.35 * 5.766 + 0.15 * 6.564, rtol: 1e-9, atol: 0, "amalgam")
  }

  /// First half-value layer (mm Al) and mean energy (keV) of SpekPy 2.5.4: `Spek(kvp, th=12,
  /// physics="casim").filter("Al", al).filter("Cu", cu)`, `get_hvl1()`, `get_emean()`. The model is an
  /// older, simpler one: its half-value layers lie up to 6.5 % lower, its means by a share that grows
  /// with the voltage, from 0.6 % at 60 kV over 2.2 % at 120 to 2.9 % at 140 and 3.2 % at 150 kV.
  @Test(
    arguments: [
      (50.0, 2.5, 0.0, 1.750, 32.22), (60, 2.5, 0, 2.082, 35.95), (70, 2.5, 0, 2.397, 39.40),
      (80, 2.5, 0, 2.734, 42.90), (100, 2.5, 0, 3.458, 49.14), (120, 2.5, 0, 4.219, 54.44),
      (140, 2.5, 0, 4.989, 59.14), (150, 2.5, 0, 5.372, 61.36), (80, 2.5, 0.2, 5.500, 50.91),
      (120, 2.5, 0.2, 7.728, 63.18),
      (80, 4, 0, 3.546, 45.38), (120, 4, 0, 5.305, 57.06), (80, 1, 0, 1.596, 38.91),
    ])
  func qualityIsThatOfSpekPy(
    kilovolts: Double, aluminium: Double, copper: Double, layer: Double, mean: Double
  ) throws {
    let spectrum = try TubeSpectrum(
      XRayTube(kilovolts: kilovolts, aluminium: aluminium, copper: copper))
    expectClose(spectrum.halfValueLayer, layer, rtol: 0.065, atol: 0, "half-value layer")
    expectClose(
      spectrum.meanEnergy, mean, rtol: kilovolts > 130 ? 0.033 : 0.025, atol: 0, "mean energy")
  }

  /// The K lines' share of the photons; SpekPy has 1.60 %, 5.60 %, 8.65 % (as above, `brem=False`).
  @Test(arguments: [(80.0, 0.0160), (100, 0.0560), (120, 0.0865)])
  func linesHaveTheirShare(kilovolts: Double, share: Double) throws {
    let spectrum = try TubeSpectrum(XRayTube(kilovolts: kilovolts))
    let continuous = (0..<Int((kilovolts - 10) * 20)).reduce(0.0) {
      $0 + spectrum.fluence(keV: 10.025 + 0.05 * Double($1)) * 0.05
    }
    let lines = spectrum.lines.reduce(0) { $0 + $1.photons }
    expectClose(lines / (lines + continuous), share, rtol: 0.04, atol: 0)
  }

  @Test func spectrumEndsAtTheVoltage() throws {
    let spectrum = try TubeSpectrum(XRayTube(kilovolts: 69))
    #expect(spectrum.lines.isEmpty)
    #expect(spectrum.fluence(keV: 69.01) == 0 && spectrum.fluence(keV: 9.9) == 0)
    #expect(spectrum.fluence(keV: 68) > 0)
    #expect(spectrum.fluence(keV: .nan) == 0)
    #expect(try TubeSpectrum(XRayTube(kilovolts: 71)).lines.count == 4)
  }

  @Test(
    arguments: [
      XRayTube(kilovolts: 39), XRayTube(kilovolts: 151), XRayTube(kilovolts: .nan),
      XRayTube(aluminium: 0), XRayTube(aluminium: -1), XRayTube(copper: -0.1),
      XRayTube(copper: .infinity), XRayTube(anodeAngle: 0),
    ]) func refusesImpossibleTubes(tube: XRayTube)
  {
    #expect(throws: PhysicsError.self) { try TubeSpectrum(tube) }
  }

  @Test func errorNamesSettingAndRange() {
    #expect(
      throws: PhysicsError.outOfRange(
        setting: "the tube voltage", value: 200, range: 40...150, unit: "kV")
    ) { try TubeSpectrum(XRayTube(kilovolts: 200)) }
    let text = PhysicsError.outOfRange(
      setting: "the tube voltage", value: 200, range: 40...150, unit: "kV"
    ).description
    #expect(text == "the tube voltage is 200.0 kV; it must be 40.0 to 150.0 kV")
  }
}
