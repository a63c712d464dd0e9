import SpiderCore
import Testing

/// The crown is found where it is, and not where a letter or a cut is.
@Suite struct CrownTests {
  /// Pixels of 1 mm at the patient.
  private let size = SIMD2(1.0, 1.0)

  /// A ball of radius 90 mm, its top in a row (of 300), as its chords show it, with an air gap around.
  private func head(
    top: Double, columns: Int = 260,
    marking: (_ column: Int, _ row: Int) -> Bool = { _, _ in false }
  ) throws -> Radiograph {
    let setup = ViewSetup(pixelSize: SIMD2(1.5, 1.5), columns: columns, rows: 300)
    let geometry = try setup.geometry(of: NamedView.left)
    let values = (0..<geometry.count).map { index -> Float in
      let (column, row) = (index % columns, index / columns)
      if marking(column, row) { return 5 }
      let x = Double(column) - 130
      let y = Double(row) - (top + 90)
      let inside = 90.0 * 90 - x * x - y * y
      return inside > 0 ? Float(2 * inside.squareRoot() * 0.02) : 0
    }
    return Radiograph(geometry: geometry, values: values, intensity: .relative)
  }

  @Test(arguments: [40.0, 52.25, 71.5]) func itIsFoundToAMillimetre(_ top: Double) throws {
    let image = try head(top: top)
    for off in [-25.0, 0, 30] {
      let crown = Crown(in: image, near: SIMD2(130, top + off), pixelAtPatient: size)
      // It begins where the ball is 25 mm wide, or its rays as long as counts as tissue: 2 mm down.
      let row = try #require(crown).row
      #expect(abs(row - top - 2) < 1.2, "from \(off) mm off")
    }
  }

  @Test func lettersAndLinesAboveTheHeadAreNoCrown() throws {
    let image = try head(top: 60) { column, row in
      (row == 35) || ((40..<44).contains(row) && (100..<115).contains(column))
    }
    let crown = Crown(in: image, near: SIMD2(130, 60), pixelAtPatient: size)
    #expect(abs(try #require(crown).row - 62) < 1.5)
  }

  @Test func aHeadThatIsCutOffHasNone() throws {
    #expect(Crown(in: try head(top: -30), near: SIMD2(130, 5), pixelAtPatient: size) == nil)
  }

  @Test func whereNothingIsSeenThereIsNone() throws {
    let image = try head(top: 200)
    #expect(Crown(in: image, near: SIMD2(130, 60), pixelAtPatient: size) == nil)
  }
}
