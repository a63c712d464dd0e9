import SpiderCore
import SpiderReport
import Testing

@Suite struct RadiographFigureTests {
  private func radiograph(_ view: NamedView, columns: Int = 64, rows: Int = 64) throws -> Radiograph
  {
    let geometry = try ViewSetup(columns: columns, rows: rows).geometry(of: view)
    return Radiograph(
      geometry: geometry, values: [Float](repeating: 0, count: geometry.count))
  }

  @Test func aBrightPixelIsDrawnWhereItHangs() throws {
    var image = try radiograph(.pa)
    image.values[10 * 64 + 50] = 5
    let figure = RadiographFigure(panels: [.init(title: "PA", radiograph: image)])
    let picture = figure.render()
    let frame = figure.frame(of: 0)
    // 384 picture pixels show 64 detector pixels: 6 a pixel.
    #expect(picture[frame.x + 50 * 6 + 3, frame.y + 10 * 6 + 3].red > 200)
    #expect(picture[frame.x + 13 * 6 + 3, frame.y + 10 * 6 + 3].red == 0)
  }

  @Test func aDetectorTwiceAsWideIsDrawnTwiceAsWide() throws {
    let wide = try radiograph(.left, columns: 96, rows: 48)
    let figure = RadiographFigure(panels: [
      .init(title: "PA", radiograph: try radiograph(.pa)),
      .init(title: "Left", radiograph: wide),
    ])
    let frame = figure.frame(of: 1)
    #expect((frame.width, frame.height) == (768, 384))
    #expect(frame.x >= figure.frame(of: 0).x + 384)
    let picture = figure.render()
    #expect(frame.x + frame.width < picture.width && frame.y + frame.height < picture.height)
  }

  @Test func lettersFollowTheVectorsNotTheName() throws {
    // The right edge of `pa` is the patient's left; of the same detector read backwards, the right.
    let straight = try radiograph(.pa)
    let g = straight.geometry
    let mirrored = try ProjectionGeometry(
      beam: g.beam, pixelOrigin: g.pixelCenter(column: Double(g.columns - 1), row: 0),
      columnStep: -g.columnStep, rowStep: g.rowStep, columns: g.columns, rows: g.rows)
    let panels = [straight, Radiograph(geometry: mirrored, values: straight.values)]
    let pictures = panels.map {
      RadiographFigure(panels: [.init(title: "x", radiograph: $0)]).render()
    }
    let frame = RadiographFigure(panels: [.init(title: "x", radiograph: straight)]).frame(of: 0)
    func edge(_ picture: RGBImage, left: Bool) -> [RGBColor] {
      let start = left ? frame.x : frame.x + frame.width - 18
      return (0..<18).flatMap { x in
        (-9..<9).map { y in picture[start + x, frame.y + frame.height / 2 + y] }
      }
    }
    func ink(_ colors: [RGBColor]) -> Int { colors.count { $0.red > 200 } }
    // An R has more dots than an L.
    #expect(ink(edge(pictures[0], left: true)) > ink(edge(pictures[0], left: false)))
    #expect(ink(edge(pictures[1], left: true)) < ink(edge(pictures[1], left: false)))
  }

  @Test func longTitlesStayAboveTheirOwnImage() throws {
    let image = try radiograph(.pa)
    let title = String(repeating: "W", count: 60)
    let figure = RadiographFigure(panels: [
      .init(title: title, radiograph: image), .init(title: title, radiograph: image),
    ])
    let picture = figure.render()
    let (first, second) = (figure.frame(of: 0), figure.frame(of: 1))
    func inked(_ columns: Range<Int>) -> Int {
      columns.count { x in (0..<first.y).contains { picture[x, $0].red > 200 } }
    }
    #expect(inked(first.x..<first.x + first.width) > 200)
    #expect(inked(first.x + first.width..<second.x) == 0, "titles touch between the images")
    #expect(second.x - first.x - first.width < 20, "a title does not widen its column")
  }

  @Test func numbersThatAreNoneAndMaskedPixelsAreNotPainted() throws {
    var image = try radiograph(.pa)
    image.values = image.values.map { _ in Float.nan }
    image.values[32 * 64 + 32] = 1
    image.mask = image.values.map { _ in true }
    image.mask?[32 * 64 + 40] = false
    let figure = RadiographFigure(panels: [.init(title: "PA", radiograph: image)])
    let picture = figure.render()
    let frame = figure.frame(of: 0)
    let masked = picture[frame.x + 40 * 6 + 3, frame.y + 32 * 6 + 3]
    #expect(masked.blue > masked.red, "a masked pixel must not look like a grey")
    #expect(picture[frame.x + 3, frame.y + 100] == masked, "nor one that is not a number")
    #expect(picture[frame.x + 32 * 6 + 3, frame.y + 32 * 6 + 3].red == 255)
  }
}
