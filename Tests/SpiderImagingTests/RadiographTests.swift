import SpiderImaging
import SpiderTestSupport
import Testing

/// Large pictures are read as averages of blocks; where their own pixels lie is not lost.
@Suite struct RadiographBinningTests {
  private func picture(columns: Int, rows: Int) throws -> Radiograph {
    let geometry = try ViewSetup(pixelSize: SIMD2(0.1, 0.11), columns: columns, rows: rows)
      .geometry(of: .left)
    return Radiograph(
      geometry: geometry, values: (0..<geometry.count).map { Float($0 % 7) }, intensity: .relative)
  }

  @Test func pictureOfUsualSizeStaysAsItIs() throws {
    let usual = try picture(columns: 2048, rows: 10)
    #expect(usual.reduction == 1 && usual.reduced.geometry == usual.geometry)
    #expect(usual.reduced.values == usual.values)
  }

  @Test(arguments: [(2049, 31, 2), (6145, 20, 4), (9, 4100, 3)])
  func largePicturesAreAveraged(columns: Int, rows: Int, block: Int) throws {
    let large = try picture(columns: columns, rows: rows)
    let small = large.reduced
    #expect(large.reduction == block)
    #expect(small.geometry.columns == columns / block && small.geometry.rows == rows / block)
    // One block's mean, by hand.
    var sum: Float = 0
    for r in 0..<block { for c in 0..<block { sum += large.values[r * columns + c] } }
    expectClose(small.values[0], sum / Float(block * block), atol: 1e-5)
    // A block lies where the middle of its pixels lies.
    let middle = Double(block - 1) / 2
    let place = large.geometry.pixelCenter(column: middle, row: middle)
    #expect(length(small.geometry.pixelCenter(column: 0, row: 0) - place) < 1e-9)
  }

  @Test(arguments: [1, 2, 3]) func refiningUndoesBinning(_ block: Int) throws {
    // 4 and 5 pixels are left over.
    let large = try picture(columns: 31, rows: 23)
    let refined = try large.binned(by: block).geometry.refined(by: block, columns: 31, rows: 23)
    for (column, row) in [(0.0, 0.0), (30, 0), (0, 22), (30, 22)] {
      let difference =
        refined.pixelCenter(column: column, row: row)
        - large.geometry.pixelCenter(column: column, row: row)
      #expect(length(difference) < 1e-9)
    }
  }

  @Test func aBlockWithAHiddenPixelIsHidden() throws {
    var large = try picture(columns: 8, rows: 8)
    var mask = [Bool](repeating: true, count: 64)
    mask[9] = false
    large.mask = mask
    let small = try large.binned(by: 2)
    #expect(small.mask == (0..<16).map { $0 != 0 })
  }
}

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
