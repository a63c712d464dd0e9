import Foundation
import SpiderCore
import SpiderDRR
import SpiderSupport
import SpiderTestSupport
import Testing

/// Detector counts and stored pictures to radiographs: the normaliser's first half.
@Suite struct DetectorImageTests {
  private let geometry: ProjectionGeometry
  private let lineIntegrals: [Float]

  init() throws {
    geometry = try ViewSetup(columns: 40, rows: 30).geometry(of: .pa)
    // A disc in an open field.
    lineIntegrals = (0..<1200).map { index in
      let (x, y) = (Double(index % 40) - 19.5, Double(index / 40) - 14.5)
      return Float(4 * max(0, 1 - (x * x + y * y) / 100).squareRoot())
    }
  }

  private func counts(_ open: Float, dark: Float) -> [Float] {
    lineIntegrals.map { dark + (open - dark) * exp(-$0) }
  }

  @Test func knownFlatAndMeasuredOpenFieldsAgree() throws {
    let image = counts(20_000, dark: 100)
    for field in [
      DetectorImage.Reference.known(20_000), .flat([Float](repeating: 20_000, count: 1200)),
      .measured,
    ] {
      let radiograph = try DetectorImage(
        geometry: geometry, counts: image, dark: 100, openField: field
      ).radiograph()
      #expect(radiograph.intensity == .absolute && radiograph.mask == nil)
      expectClose(radiograph.values, lineIntegrals, atol: 2e-4)
    }
  }

  /// With quantum noise the median of the bright band lies on the open field; its maximum would not.
  @Test func measuredOpenFieldBearsNoise() throws {
    var random = SeededGenerator(seed: 3)
    let image = counts(2000, dark: 0).map { Float(random.poisson(Double($0))) }
    let radiograph = try DetectorImage(geometry: geometry, counts: image, openField: .measured)
      .radiograph()
    let open = lineIntegrals.indices.filter { lineIntegrals[$0] == 0 }.map { radiograph.values[$0] }
    // A median of some hundred numbers of deviation 2 %.
    expectClose(open.reduce(0, +) / Float(open.count), 0, atol: 0.005)
  }

  @Test func uselessPixelsAreMasked() throws {
    var image = counts(1000, dark: 0)
    image[3] = .nan
    image[4] = .infinity
    var flat = [Float](repeating: 1000, count: 1200)
    flat[5] = 0
    flat[6] = .nan
    let radiograph = try DetectorImage(
      geometry: geometry, counts: image, openField: .flat(flat),
      mask: (0..<1200).map { $0 != 7 }
    ).radiograph()
    let masked = radiograph.mask?.indices.filter { radiograph.mask?[$0] == false }
    #expect(masked == [3, 4, 5, 6, 7])
    #expect(radiograph.values.allSatisfy { $0.isFinite })
  }

  /// Nothing, or less than nothing, is taken for the least signal: ln 2000.
  @Test func zeroCountsAreHalfACount() throws {
    var image = counts(1000, dark: 0)
    image[0] = 0
    image[1] = -20
    let values = try DetectorImage(geometry: geometry, counts: image, openField: .known(1000))
      .radiograph().values
    expectClose([values[0], values[1]], [7.600902, 7.600902], atol: 1e-5)
  }

  @Test func refusesWhatHasNoOpenField() {
    func error(_ counts: [Float], dark: Float = 0, _ field: DetectorImage.Reference)
      -> DetectorImageError?
    {
      do {
        _ = try DetectorImage(geometry: geometry, counts: counts, dark: dark, openField: field)
          .radiograph()
        return nil
      } catch {
        return error
      }
    }
    let image = counts(1000, dark: 0)
    #expect(
      error(image, dark: 2000, .measured) == .openFieldNotBright(openField: 1000, dark: 2000))
    #expect(error(image, .known(0)) == .openFieldNotBright(openField: 0, dark: 0))
    #expect(error(image, .flat([1, 2])) == .flatFieldSize(pixels: 2, expected: 1200))
    #expect(error([Float](repeating: .nan, count: 1200), .measured) == .nothingCounts)
    #expect(error(image, dark: .nan, .known(9)) != nil)
    #expect(error(image, .known(.nan)) != nil)
    #expect(error(image, .flat([Float](repeating: 0, count: 1200))) != nil)
  }

  /// A picture and the line integrals it was made from come out of the normaliser the same.
  @Test func picturesAgreeWithLineIntegrals() throws {
    let absolute = Radiograph(geometry: geometry, values: lineIntegrals)
    // 12 bits, bone white, a margin at both ends.
    let bright = lineIntegrals.map { (200 + $0 * 900).rounded() }
    let picture = Radiograph(
      geometry: geometry, values: bright.map { $0 / 4095 }, intensity: .relative)
    // Half a grey level of 3600.
    expectClose(picture.relative().values, absolute.relative().values, atol: 3e-4)
    #expect(!picture.looksInverted)
  }

  /// Through counts and back the relative form is the same: gain and offset do not matter.
  @Test func countsAndLineIntegralsAgree() throws {
    let image = DetectorImage(
      geometry: geometry, counts: counts(5e4, dark: 300), dark: 300, openField: .measured)
    expectClose(
      try image.radiograph().relative().values,
      Radiograph(geometry: geometry, values: lineIntegrals).relative().values, atol: 1e-3)
  }
}
