import Foundation
import SpiderCore
import SpiderDRR
import SpiderSupport
import SpiderTestSupport
import Testing

/// Line integrals of a polychromatic beam.
@Suite struct BeamSignalTests {
  static let responses = [
    DetectorResponse.energyIntegrating, .caesiumIodide(millimetres: 0.6),
  ]
  static let materials = [AttenuatingMaterial.water, .corticalBone, .titanium]

  /// -ln of the signal behind layers (mm of each material), by brute force: midpoints 0.005 keV apart
  /// and the lines, in double. A midpoint beside an edge errs by less than 1e-6 of the whole.
  private func expected(
    _ spectrum: TubeSpectrum, _ response: DetectorResponse, _ layers: [[Double]]
  ) -> [Double] {
    var open = 0.0
    var behind = [Double](repeating: 0, count: layers.count)
    func add(_ keV: Double, _ photons: Double) {
      let signal = photons * response.signal(keV: keV)
      let attenuation = Self.materials.map { $0.linearAttenuation(keV: keV) }
      open += signal
      for (index, layer) in layers.enumerated() {
        behind[index] += signal * exp(-zip(attenuation, layer).reduce(0) { $0 + $1.0 * $1.1 })
      }
    }
    let step = 0.005
    for index in 0..<Int(((spectrum.tube.kilovolts - 10) / step).rounded()) {
      let energy = 10 + (Double(index) + 0.5) * step
      add(energy, spectrum.fluence(keV: energy) * step)
    }
    for line in spectrum.lines { add(line.keV, line.photons) }
    return behind.map { -log($0 / open) }
  }

  private func lineIntegrals(_ beam: BeamSignal, _ layers: [[Double]]) -> [Float] {
    beam.lineIntegrals((0..<3).map { m in layers.map { Float($0[m]) } })
  }

  /// 120 kVp through 0 to 30 cm of water; 1e-4 is demanded. Float carries 1e-6 of 7.
  @Test(arguments: responses) func waterAtHundredTwenty(response: DetectorResponse) throws {
    let spectrum = try TubeSpectrum(XRayTube(kilovolts: 120))
    let beam = try BeamSignal(spectrum, response, materials: Self.materials)
    let layers = (0...30).map { [Double($0) * 10, 0, 0] }
    let values = lineIntegrals(beam, layers)
    expectClose(values, expected(spectrum, response, layers), atol: 1e-4, "water")
    #expect(values[0] == 0)
    // The beam hardens: each centimetre takes away less than the one before.
    let steps = zip(values, values.dropFirst()).map { $1 - $0 }
    #expect(zip(steps, steps.dropFirst()).allSatisfy { $0 > $1 })
    #expect(steps[0] > 1.1 * steps[29])
  }

  /// A wedge of 0 to 30 mm of bone in 150 mm of water, its steps taking the place of water.
  @Test(arguments: [60.0, 80, 140]) func stepWedgeOfBone(kilovolts: Double) throws {
    let spectrum = try TubeSpectrum(XRayTube(kilovolts: kilovolts, aluminium: 3, copper: 0.1))
    let response = DetectorResponse.caesiumIodide(millimetres: 0.6)
    let beam = try BeamSignal(spectrum, response, materials: Self.materials)
    let layers = (0...10).map { [150 - 3 * Double($0), 3 * Double($0), 0] }
    expectClose(lineIntegrals(beam, layers), expected(spectrum, response, layers), atol: 1e-4)
  }

  /// Softer beams show bone with more contrast.
  @Test func boneStandsOutAtLowVoltage() throws {
    let contrasts = try [60.0, 80, 120].map { kilovolts in
      let beam = try BeamSignal(
        TubeSpectrum(XRayTube(kilovolts: kilovolts)), .energyIntegrating,
        materials: Self.materials)
      let values = lineIntegrals(beam, [[150, 0, 0], [140, 10, 0]])
      return (values[1] - values[0]) / values[0]
    }
    #expect(contrasts[0] > 1.1 * contrasts[1] && contrasts[1] > 1.1 * contrasts[2])
  }

  /// The kernel against the definition in double, over counts that do not fill its lanes.
  @Test(arguments: [1, 3, 63, 64, 65, 200]) func kernelEqualsReference(count: Int) throws {
    var random = SeededGenerator(seed: UInt64(count))
    let beam = try BeamSignal(
      TubeSpectrum(XRayTube(kilovolts: 90)), .caesiumIodide(millimetres: 0.6),
      materials: Self.materials)
    let layers = (0..<count).map { _ in
      [random.uniform(in: 0...300), random.uniform(in: 0...60), random.uniform(in: 0...20)]
    }
    // Lengths and coefficients in float, sums of up to 80 terms: a few 1e-7 of values up to 20.
    expectClose(
      lineIntegrals(beam, layers),
      layers.map { beam.referenceLineIntegral($0.map { Double(Float($0)) }) }, rtol: 2e-6,
      atol: 2e-6)
    // Images of the last materials may be missing.
    expectClose(
      beam.lineIntegrals([layers.map { Float($0[0]) }]),
      layers.map { beam.referenceLineIntegral([Double(Float($0[0]))]) }, rtol: 2e-6, atol: 2e-6)
  }

  /// Half a metre of titanium: every term underflows, the logarithm does not.
  @Test func muchMetalStaysFinite() throws {
    let beam = try BeamSignal(
      TubeSpectrum(XRayTube(kilovolts: 60)), .energyIntegrating, materials: Self.materials)
    let value = beam.lineIntegrals([[0], [0], [500]])[0]
    expectClose(value, beam.referenceLineIntegral([0, 0, 500]), rtol: 1e-5, atol: 0)
    #expect(value > 150)
  }

  @Test func nanTravels() throws {
    let beam = try BeamSignal(
      TubeSpectrum(XRayTube()), .energyIntegrating, materials: Self.materials)
    let values = beam.lineIntegrals([[10, .nan, 30, 40], [0, 0, .nan, 0], [0, 0, 0, 0]])
    #expect(values.map(\.isNaN) == [false, true, true, false])
  }

  /// One energy: the plain line integral, to the rounding of a product.
  @Test func oneEnergyIsBeer() throws {
    let beam = try BeamSignal(keV: 70, materials: Self.materials)
    expectClose(
      beam.lineIntegrals([[100, 0], [0, 20], [0, 0]]),
      [
        100 * Attenuation.standard.water,
        20 * AttenuatingMaterial.corticalBone.linearAttenuation(keV: 70),
      ], rtol: 3e-7, atol: 0)
    #expect(throws: AttenuationError.self) { try BeamSignal(keV: 7, materials: [.water]) }
    #expect(throws: PhysicsError.self) {
      try BeamSignal(
        TubeSpectrum(XRayTube()), .caesiumIodide(millimetres: -1), materials: [.water])
    }
  }

  /// Behind water alone the correction gives the line integrals of 70 keV back.
  @Test(arguments: [60.0, 120]) func waterCorrectionIsExactForWater(kilovolts: Double) throws {
    let beam = try BeamSignal(
      TubeSpectrum(XRayTube(kilovolts: kilovolts)), .energyIntegrating, materials: [.water])
    let correction = WaterCorrection(beam)
    let lengths = [0, 0.7, 13, 101, 333, 999].map { Double($0) }
    let values = lengths.map { Float(beam.referenceLineIntegral([$0])) }
    // Cubics between lengths 2 mm apart, and p in float.
    expectClose(
      values.map(correction.corrected), lengths.map { $0 * Attenuation.standard.water },
      rtol: 1e-6, atol: 1e-8)
    // Noise in the open field and what no table reaches go on along the ends.
    #expect(correction.corrected(-0.01) < 0 && correction.corrected(-0.01) > -0.02)
    #expect(correction.corrected(40) > correction.corrected(30))
    #expect(correction.corrected(.nan).isNaN)
  }
}
