import SpiderImaging
import Testing

@Suite struct RadiographInversionTests {
  private func image(_ values: [Float], mask: [Bool]? = nil) throws -> Radiograph {
    Radiograph(
      geometry: try ViewSetup(columns: values.count, rows: 1).geometry(of: .pa), values: values,
      intensity: .relative, mask: mask)
  }

  @Test func greysAreTurnedRoundWithinTheirRange() throws {
    #expect(try image([0.25, 0.5, 1]).inverted().values == [1, 0.75, 0.25])
    #expect(try image([3, 3]).inverted().values == [3, 3])
  }

  @Test func twiceIsOnceAgainTheSame() throws {
    let image = try image([0, 16, 255, 64])
    #expect(image.inverted().inverted() == image)
  }

  /// A masked pixel may hold anything.
  @Test func maskedPixelsDoNotCount() throws {
    let image = try image([1, 9, 2, .nan], mask: [true, false, true, false])
    let inverted = image.inverted()
    #expect(inverted.values[0] == 2 && inverted.values[2] == 1 && inverted.mask == image.mask)
    #expect(try self.image([1, 2], mask: [false, false]).inverted().values == [1, 2])
  }
}
