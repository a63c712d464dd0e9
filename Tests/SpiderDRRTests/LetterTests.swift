import SpiderCore
import SpiderDRR
import SpiderPhantom
import SpiderTestSupport
import Testing

/// A cube with letters on its faces, in every named view: each letter is where the table of the conventions
/// puts it, and reads as it must. Nothing here asks `project`: the table is written out again.
@Suite struct LetterTests {
  /// A row of the table: source as seen from the isocentre, column direction; rows go down.
  struct View: Sendable, CustomTestStringConvertible {
    let name: String
    let source: Vector3
    let column: Vector3
    var testDescription: String { name }
  }

  private static let half = 0.5.squareRoot()

  static let views = [
    View(name: "pa", source: Vector3(0, -1, 0), column: Vector3(-1, 0, 0)),
    View(name: "ap", source: Vector3(0, 1, 0), column: Vector3(-1, 0, 0)),
    View(name: "left", source: Vector3(1, 0, 0), column: Vector3(0, -1, 0)),
    View(name: "right", source: Vector3(-1, 0, 0), column: Vector3(0, 1, 0)),
    View(name: "0", source: Vector3(0, 1, 0), column: Vector3(-1, 0, 0)),
    View(
      name: "45", source: Vector3(-half, half, 0), column: Vector3(-half, -half, 0)),
    View(name: "90", source: Vector3(-1, 0, 0), column: Vector3(0, -1, 0)),
    View(
      name: "135", source: Vector3(-half, -half, 0), column: Vector3(half, -half, 0)),
    View(name: "180", source: Vector3(0, -1, 0), column: Vector3(1, 0, 0)),
    View(name: "270", source: Vector3(1, 0, 0), column: Vector3(0, 1, 0)),
    View(
      name: "315", source: Vector3(half, half, 0), column: Vector3(-half, half, 0)),
  ]

  private static let isocenter = Vector3(11, -17, 23)
  private static let setup = ViewSetup(pixelSize: SIMD2(4, 4), columns: 101, rows: 101)

  /// Where a point about the isocentre appears, by the intercept theorem.
  private func place(_ p: Vector3, _ view: View, parallel: Bool) -> (column: Double, row: Double) {
    let magnification = parallel ? 1 : 1500 / (1000 - dot(p, view.source))
    return (50 + dot(p, view.column) * magnification / 4, 50 - p.z * magnification / 4)
  }

  private func image(
    _ letter: AnatomicalAxis, _ view: View, parallel: Bool
  ) throws -> Radiograph {
    let cube = OrientationPhantom(center: Self.isocenter, letters: [letter])
    let ct = cube.render(on: .canonical(size: 64, side: 192, center: Self.isocenter))
    var setup = Self.setup
    setup.isParallel = parallel
    return DigitalRadiograph().make(
      ct: ct,
      geometry: try setup.geometry(
        of: try #require(NamedView(view.name)), isocenter: Self.isocenter))
  }

  @Test(arguments: views, [false, true])
  func everyLetterIsWhereTheTableSays(_ view: View, _ parallel: Bool) throws {
    for letter in AnatomicalAxis.allCases {
      let radiograph = try image(letter, view, parallel: parallel)
      let (middle, right, up) = OrientationPhantom.frame(of: letter)
      // The dots' middles, half a plate below the face.
      let inset = letter.direction * (OrientationPhantom.thickness / 2)
      var (column, row, lit) = (0.0, 0.0, 0)
      var dots: [(isLit: Bool, value: Float)] = []
      for r in 0..<7 {
        for c in 0..<5 {
          let dot =
            middle - inset + right * (Double(c - 2) * OrientationPhantom.dotSide)
            + up * (Double(3 - r) * OrientationPhantom.dotSide)
          let p = place(dot, view, parallel: parallel)
          let isLit = OrientationPhantom.hasDot(letter, column: c, row: r)
          dots.append((isLit, radiograph[Int(p.column.rounded()), Int(p.row.rounded())]))
          guard isLit else { continue }
          column += p.column
          row += p.row
          lit += 1
        }
      }
      // The image's centroid is that of the dots, to a fraction of a dot (3 pixels or more).
      let values = radiograph.values.map(Double.init)
      let total = values.reduce(0, +)
      let found = values.indices.reduce((0.0, 0.0)) { sum, index in
        (
          sum.0 + values[index] * Double(index % 101) / total,
          sum.1 + values[index] * Double(index / 101) / total
        )
      }
      expectClose(
        [found.0, found.1], [column / Double(lit), row / Double(lit)], atol: 0.7,
        "\(letter.rawValue) in \(view.name)")

      // A face that is looked at reads dot by dot: a mirrored or turned letter would not.
      guard abs(dot(letter.direction, view.source)) > 0.9 else { continue }
      let darkest = dots.filter(\.isLit).map(\.value).min() ?? 0
      let brightest = dots.filter { !$0.isLit }.map(\.value).max() ?? 0
      #expect(darkest > 2 * brightest, "\(letter.rawValue) in \(view.name)")
    }
  }

  /// The words of the conventions, for one who looks at the picture.
  @Test func whatTheReaderSees() throws {
    func side(_ letter: AnatomicalAxis, _ name: String) throws -> (Int, Int) {
      let view = try #require(Self.views.first { $0.name == name })
      let radiograph = try image(letter, view, parallel: false)
      let brightest = radiograph.values.max() ?? 0
      let places = radiograph.values.indices.filter { radiograph.values[$0] > brightest / 2 }
      let column = Double(places.reduce(0) { $0 + $1 % 101 }) / Double(places.count)
      let row = Double(places.reduce(0) { $0 + $1 / 101 }) / Double(places.count)
      func sign(_ x: Double) -> Int { x < 40 ? -1 : x > 60 ? 1 : 0 }
      return (sign(column), sign(row))
    }
    for name in ["pa", "ap", "0"] {
      // Patient's right at the viewer's left; superior up.
      #expect(try side(.right, name).0 == -1 && side(.left, name).0 == 1)
      #expect(try side(.superior, name).1 == -1 && side(.inferior, name).1 == 1)
    }
    #expect(try side(.anterior, "left").0 == -1 && side(.posterior, "left").0 == 1)
    #expect(try side(.anterior, "right").0 == 1 && side(.posterior, "right").0 == -1)
    #expect(try side(.right, "180").0 == 1 && side(.anterior, "270").0 == 1)
  }
}
