import SpiderCore
import SpiderDRR
import SpiderSupport
import SpiderTestSupport
import Testing

@Suite struct NormalizationTests {
  /// A smooth head-like blob in an open field, 64 x 64, with a little noise everywhere.
  func head(noise: Double = 0, columns: Int = 64) throws -> Radiograph {
    var random = SeededGenerator(seed: 4)
    let geometry = try ViewSetup(columns: columns, rows: 64).geometry(of: .pa)
    let values = Scenes.pixels(geometry).map { pixel -> Float in
      let x = (Double(pixel.column) - Double(columns - 1) / 2) / 20
      let y = (Double(pixel.row) - 31.5) / 26
      let inside = max(0, 1 - x * x - y * y)
      return Float(4.5 * inside.squareRoot() + noise * random.normal())
    }
    return Radiograph(geometry: geometry, values: values)
  }

  @Test(arguments: [0, 0.03]) func openFieldIsZeroAndHeadIsOne(noise: Double) throws {
    let image = try head(noise: noise)
    let result = image.relative()
    #expect(result.intensity == .relative)
    #expect(result.geometry == image.geometry)
    // The corner blocks see only air; their noise is cut off at 0 on one side.
    let corner = (0..<8).flatMap { row in (0..<8).map { result[$0, row] } }
    expectClose(corner, [Double](repeating: 0, count: 64), atol: noise + 1e-7, "corner")
    let bright = result.values.filter { $0 > 0.06 }
    expectClose(bright.quantile(0.995) ?? 0, 1, atol: 0.005, "99.5th percentile of the head")
    expectClose(image.relativeScale?.openField ?? -1, 0, atol: 0.3 * noise + 1e-7, "open field")
  }

  @Test(arguments: [(1e-3, 0.0), (255.0, 17.0), (30.0, -400.0), (0.7, 1000.0)])
  func gainAndOffsetChangeNothing(gain: Double, offset: Double) throws {
    let image = try head(noise: 0.02)
    var picture = image
    picture.intensity = .relative
    picture.values = image.values.map { Float(Double($0) * gain + offset) }
    // An offset of 1000 over a range of 3 leaves float 2e-5 of the range.
    expectClose(picture.relative().values, image.relative().values, atol: 1e-4)
  }

  @Test func twiceIsOnce() throws {
    let once = try head(noise: 0.02).relative()
    expectClose(once.relative().values, once.values, atol: 2e-3)
  }

  @Test func amountOfAirDoesNotMatter() throws {
    let narrow = try head().relative()
    let wide = try head(columns: 128).relative()
    let middle = (0..<64).flatMap { row in (0..<64).map { wide[$0 + 32, row] } }
    expectClose(middle, narrow.values, atol: 2e-3)
  }

  @Test func metalIsCutOff() throws {
    var image = try head()
    let plain = image.relative()
    // Six pixels of a filling: less than 0.5 % of the head.
    for column in 30..<36 { image.values[40 * 64 + column] = 60 }
    let result = image.relative()
    #expect(result.values.max() == RelativeScale.ceiling)
    let tooth = (0..<6).map { 40 * 64 + 30 + $0 }
    let rest = image.values.indices.filter { !tooth.contains($0) }
    expectClose(rest.map { result.values[$0] }, rest.map { plain.values[$0] }, atol: 0.01)
  }

  @Test func maskedAndBrokenPixelsSayNothing() throws {
    var image = try head()
    var mask = [Bool](repeating: true, count: image.values.count)
    for row in 0..<64 {
      for column in 0..<6 {
        mask[row * 64 + column] = false
        image.values[row * 64 + column] = 1e6
      }
    }
    image.mask = mask
    image.values[64 * 5 + 60] = .nan
    image.values[64 * 5 + 61] = .infinity
    let result = image.relative()
    let plain = try head().relative()
    #expect(result.mask == mask)
    expectClose(result.values, plain.values, atol: 1e-3)
  }

  @Test func emptyImagesGiveZeros() throws {
    let geometry = try ViewSetup(columns: 4, rows: 4).geometry(of: .pa)
    let zeros = [Float](repeating: 0, count: 16)
    for value in [0, 3, -1, .nan, .infinity] as [Float] {
      let image = Radiograph(geometry: geometry, values: [Float](repeating: value, count: 16))
      #expect(image.relative().values == zeros)
      #expect(image.relativeScale == nil)
    }
    let masked = Radiograph(
      geometry: geometry, values: (0..<16).map(Float.init),
      mask: [Bool](repeating: false, count: 16))
    #expect(masked.relative().values == zeros)
    #expect(RadiographPicture.gray16(masked) == [UInt16](repeating: 0, count: 16))
  }

  /// A single lit pixel hides from every percentile, yet is the head.
  @Test func loneBrightPixelIsTheHead() throws {
    let geometry = try ViewSetup(columns: 40, rows: 40).geometry(of: .pa)
    var values = [Float](repeating: 0, count: 1600)
    values[777] = 2
    let result = Radiograph(geometry: geometry, values: values).relative()
    #expect(result.values[777] == 1)
    #expect(result.values.reduce(0, +) == 1)
  }

  @Test func pictureIsBoneBrightAndRobust() throws {
    var image = try head()
    let plain = RadiographPicture.gray16(image)
    #expect(plain.max() == 65535 && plain[0] == 0)
    let middle = 32 * 64 + 32
    #expect(plain[middle] > plain[32 * 64 + 16] && plain[32 * 64 + 16] > 10000)
    image.values[100] = 1e9
    image.values[101] = .nan
    image.values[102] = -5
    let robust = RadiographPicture.gray16(image)
    #expect(robust[100] == 65535 && robust[101] == 0 && robust[102] == 0)
    expectClose(Double(robust[middle]), Double(plain[middle]), rtol: 0.01, atol: 0)
    image.values = [Float](repeating: 0, count: image.values.count)
    #expect(RadiographPicture.gray16(image).allSatisfy { $0 == 0 })
  }

  @Test func quantilesAreThoseOfNumpy() {
    // numpy.quantile([3, 1, 2, 10], [0, 0.25, 0.5, 0.9, 1]) = [1, 1.75, 2.5, 7.9, 10]
    let shares = [0, 0.25, 0.5, 0.9, 1]
    let values: [Float] = [3, 1, 2, 10]
    expectClose(shares.map { values.quantile($0) ?? -1 }, [1, 1.75, 2.5, 7.9, 10], atol: 1e-6)
    #expect([Float]().quantile(0.5) == nil)
  }
}
