import Foundation
import SpiderCore
import SpiderDRR
import SpiderTestSupport
import Testing

/// Scatter, blur, field and numbers of the detector.
@Suite struct DetectorTests {
  private func chain(_ set: (inout RadiographPhysics) -> Void) throws -> XRayChain {
    var physics = RadiographPhysics()
    set(&physics)
    return try XRayChain(physics)
  }

  private func detector(_ columns: Int, _ rows: Int, pixel: Double = 2, parallel: Bool = false)
    throws -> ProjectionGeometry
  {
    try ViewSetup(
      pixelSize: SIMD2(pixel, pixel), columns: columns, rows: rows, isParallel: parallel
    ).geometry(of: .pa)
  }

  /// Behind a wide layer of 200 mm of water scatter adds the stated share, behind half of that half.
  @Test(arguments: [(200.0, 0.6), (100, 0.3)]) func scatterAddsItsShare(
    thickness: Double, ratio: Double
  ) throws {
    let plain = Float(thickness * Attenuation.standard.water)
    let geometry = try detector(101, 67)
    let image = try chain { $0.scatter = Scatter(ratio: 0.6, width: 60) }.detectorImage(
      of: [Float](repeating: plain, count: geometry.count), geometry: geometry)
    expectClose(
      image.counts, [Double](repeating: Double(exp(-plain)) * (1 + ratio), count: geometry.count),
      rtol: 2e-5, atol: 0)
  }

  /// The same share with the spectrum of a tube, whose own line integral of water is the scale.
  @Test func scatterOfATube() throws {
    let chain = try chain {
      $0.tube = XRayTube(kilovolts: 100)
      $0.scatter = Scatter(ratio: 1.5)
    }
    let geometry = try detector(50, 50)
    let plain = Float(chain.beam.referenceLineIntegral([200]))
    let image = chain.detectorImage(
      of: [Float](repeating: plain, count: geometry.count), geometry: geometry)
    expectClose(image.counts[0], Double(exp(-plain)) * 2.5, rtol: 2e-5, atol: 0)
  }

  /// From a small object scatter reaches beyond it, and as much arrives as left: bins keep the sum.
  @Test func scatterSpreads() throws {
    let geometry = try detector(120, 120)
    let middle = 60 * 120 + 60
    var lineIntegrals = [Float](repeating: 0, count: geometry.count)
    lineIntegrals[middle] = 2
    let image = try chain { $0.scatter = Scatter(ratio: 0.6, width: 60) }
      .detectorImage(of: lineIntegrals, geometry: geometry)
    let scatter = zip(image.counts, lineIntegrals).map { Double($0) - exp(-Double($1)) }
    let sent = 0.6 / (200 * Attenuation.standard.water) * 2 * exp(-2)
    // 14400 sums of float numbers about 1.
    expectClose(scatter.reduce(0, +), sent, rtol: 0.01, atol: 0, "sum")
    #expect(scatter[middle + 10] > 0.5 * scatter[middle + 1] && scatter[middle + 10] > 1e-6)
    // Half of the middle at half of the width: 30 mm, 15 pixels, to every side. 1 % for the straight
    // lines between bins a quarter of a deviation wide and for the place of the pixel between them,
    // 0.5 % for numbers of 2e-5 beside 1 in float.
    for place in [15, -15, 15 * 120, -15 * 120] {
      expectClose(scatter[middle + place], scatter[middle] / 2, rtol: 0.02, atol: 0, "half width")
    }
  }

  /// A lit pixel spreads by the stated width and keeps its sum, also at the border, where the image
  /// is mirrored.
  @Test(arguments: [(20, 15), (0, 0), (39, 29)]) func blurKeepsTheSum(column: Int, row: Int) throws
  {
    let geometry = try detector(40, 30)
    var lineIntegrals = [Float](repeating: 100, count: geometry.count)
    lineIntegrals[row * 40 + column] = 0
    let image = try chain { $0.detectorBlur = 6 }
      .detectorImage(of: lineIntegrals, geometry: geometry)
    expectClose(image.counts.reduce(0, +), 1, rtol: 1e-5, atol: 0, "sum")
    guard column == 20 else { return }
    let variance = image.counts.indices.reduce(0.0) {
      $0 + Double(image.counts[$1]) * pow(Double($1 % 40 - column), 2)
    }
    // The Gaussian's variance, and 1/12 for the pixels over which its shares are taken.
    expectClose(variance, pow(6 / 2 / 2.3548, 2) + 1 / 12.0, rtol: 2e-3, atol: 0, "variance")
  }

  /// A focal spot of 3 mm at a magnification of 1.5 throws a shadow of 1.5 mm; a parallel beam none.
  @Test func focalSpotBlursByMagnification() throws {
    for isParallel in [false, true] {
      let geometry = try detector(41, 1, pixel: 0.5, parallel: isParallel)
      var lineIntegrals = [Float](repeating: 100, count: 41)
      lineIntegrals[20] = 0
      let counts = try chain { $0.focalSpot = 3 }
        .detectorImage(of: lineIntegrals, geometry: geometry).counts
      let variance = counts.indices.reduce(0.0) {
        $0 + Double(counts[$1]) * pow(Double($1 - 20) * 0.5, 2)
      }
      expectClose(
        variance, isParallel ? 0 : 1.5 * 1.5 / 12 + 0.25 / 12, rtol: 2e-3, atol: 1e-12)
    }
  }

  /// Whole numbers err by half a step; what was numbers already stays.
  @Test(arguments: [8, 12, 16]) func quantisationIsARoundTrip(bits: Int) throws {
    let geometry = try detector(50, 2)
    let lineIntegrals = (0..<100).map { Float($0) * 0.05 }
    let chain = try chain { $0.digitization = Digitization(bits: bits, openField: 0.8) }
    let image = chain.detectorImage(of: lineIntegrals, geometry: geometry)
    let scale = 0.8 * Float((1 << bits) - 1)
    #expect(image.counts.allSatisfy { $0 == $0.rounded() && $0 >= 0 && $0 < Float(1 << bits) })
    expectClose(
      image.counts, lineIntegrals.map { (value: Float) -> Float in exp(-value) * scale },
      rtol: 1e-6, atol: 0.5, "counts")
    let again = chain.detectorImage(of: try image.radiograph().values, geometry: geometry)
    // Zero counts come back as half of one, which rounds up to one or down to none.
    for (count, second) in zip(image.counts, again.counts) where count > 0 {
      #expect(count == second)
    }
  }

  /// An open field above the scale saturates: all thin parts look alike.
  @Test func overexposureSaturates() throws {
    let geometry = try detector(3, 1)
    let image = try chain { $0.digitization = Digitization(bits: 10, openField: 2) }
      .detectorImage(of: [0, 0.5, 1], geometry: geometry)
    #expect(image.counts[0] == 1023 && image.counts[1] == 1023)
    expectClose(Double(image.counts[2]), 2046 * exp(-1.0), atol: 0.5)
    expectClose(try image.radiograph().values[0], 0.6931472, atol: 1e-6)
  }

  /// The flat-field correction takes an uneven field and uneven gains out; without it they stay.
  @Test func flatFieldIsCorrected() throws {
    let geometry = try detector(30, 40, pixel: 10)
    let lineIntegrals = (0..<geometry.count).map { Float($0 % 7) * 0.3 }
    var shape = FlatField(fallsOff: true, heel: 0.2, gainDeviation: 0.05)
    let corrected = try chain { $0.openField = shape }
      .detectorImage(of: lineIntegrals, geometry: geometry).radiograph()
    expectClose(corrected.values, lineIntegrals, atol: 2e-6)
    shape.isCorrected = false
    let uncorrected = try chain { $0.openField = shape }
      .detectorImage(of: lineIntegrals, geometry: geometry).radiograph()
    let worst = zip(uncorrected.values, lineIntegrals).map { abs($0 - $1) }.max() ?? 0
    #expect(worst > 0.2)
    // The heel: the first row gets 0.8 of the middle's beam, the last 1.2.
    let heel = try chain { $0.openField = FlatField(heel: 0.2, isCorrected: false) }
      .detectorImage(of: [Float](repeating: 0, count: geometry.count), geometry: geometry)
    expectClose([heel.counts[0], heel.counts[39 * 30]], [0.8, 1.2], atol: 1e-6)
    // The cosine law at the corner of 300 x 400 mm, 1500 mm away; pixels' centres.
    let fall = try chain { $0.openField = FlatField(fallsOff: true, isCorrected: false) }
      .detectorImage(of: [Float](repeating: 0, count: geometry.count), geometry: geometry)
    let cosine = 1500 / length(Vector3(1500, 145, 195))
    expectClose(fall.counts[0], pow(cosine, 3), rtol: 1e-6, atol: 0)
  }

  @Test func toneCurveMakesPictures() throws {
    let geometry = try detector(101, 1)
    let radiograph = Radiograph(geometry: geometry, values: (0..<101).map { Float($0) / 20 })
    let picture = ToneCurve(gamma: 2, window: 0...1, bits: 8).picture(of: radiograph)
    #expect(picture.intensity == .relative)
    let expected = (0..<101).map { (place: Int) -> Double in pow(Double(place) / 100, 2) }
    expectClose(picture.values, expected, atol: 0.5 / 255 + 1e-6)
    for value in picture.values {
      expectClose(value * 255, (value * 255).rounded(), atol: 1e-4, "a grey level")
    }
    let flat = Radiograph(geometry: geometry, values: [Float](repeating: 3, count: 101))
    #expect(ToneCurve().picture(of: flat).values.allSatisfy { $0 == 0 })
  }
}
