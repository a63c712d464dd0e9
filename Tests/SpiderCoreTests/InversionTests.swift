import SpiderCore
import Testing

@Suite struct InversionTests {
  /// A disc of bright bone in dark air, or the other way round, with a neck down to the edge.
  private func picture(
    inverted: Bool, intensity: RadiographIntensity = .relative, size: Int = 64
  ) throws -> Radiograph {
    let geometry = try ViewSetup(columns: size, rows: size).geometry(of: .pa)
    let values = (0..<size * size).map { index -> Float in
      let (x, y) = (Double(index % size) - 31.5, Double(index / size) - 31.5)
      let isHead = x * x + y * y < 24 * 24 || (abs(x) < 10 && y > 0)
      return isHead == inverted ? 100 : 60000
    }
    return Radiograph(geometry: geometry, values: values, intensity: intensity)
  }

  @Test func onlyDarkBoneLooksInverted() throws {
    #expect(try picture(inverted: true).looksInverted)
    #expect(try !picture(inverted: false).looksInverted)
    #expect(try !picture(inverted: true, intensity: .absolute).looksInverted)
  }

  /// A head that fills the picture, a little brighter at its rim, is no cause for a warning.
  @Test(arguments: [(0.2, false), (0.3, true)]) func theMarginIsAQuarter(
    _ share: Float, isInverted: Bool
  ) throws {
    var image = try picture(inverted: true)
    // Greys from 0 to 1 whose middle and border are told apart by the share alone.
    image.values = (0..<64 * 64).map { index in
      let (column, row) = (index % 64, index / 64)
      if column == 0 || column == 63 || row == 0 || row == 63 { return 0.4 + share }
      if (16..<48).contains(column), (16..<48).contains(row) { return 0.4 }
      return index.isMultiple(of: 2) ? 0 : 1
    }
    #expect(image.looksInverted == isInverted)
  }

  @Test func masksAndEmptyPicturesAreNoFault() throws {
    var image = try picture(inverted: true)
    image.mask = image.values.map { $0 < 1000 }
    #expect(!image.looksInverted)
    image.mask = image.values.map { _ in false }
    #expect(!image.looksInverted)
  }
}
