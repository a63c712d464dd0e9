import SpiderCore
import SpiderReport
import Testing

@Suite struct ContactSheetTests {
  /// A block of bone in air, half of the grid outside the scan.
  private func sheet(notes: [String]) throws -> (ContactSheet, [RGBColor]) {
    let grid = VoxelGrid.canonical(size: 32)
    var ct = Volume(grid: grid, repeating: -1000)
    var labels = LabelVolume(grid: grid, repeating: 0)
    for index in ct.values.indices {
      let v = grid.voxel(at: index)
      if v.x > 20 { labels.values[index] = LabelScheme.outsideScan }
      if v.x > 6 && v.x < 18 && v.y > 8 && v.y < 24 && v.z > 4 && v.z < 28 {
        ct.values[index] = 1200
        labels.values[index] = v.z < 12 ? LabelScheme.unknown : HeadLabel.skull
      }
    }
    let setup = ViewSetup(pixelSize: SIMD2(14.4, 14.4), columns: 32, rows: 32)
    let geometry = try setup.geometry(of: NamedView.pa)
    let radiograph = Radiograph(
      geometry: geometry, values: (0..<1024).map { Float($0 % 32) },
      mask: (0..<1024).map { $0 < 512 })
    let sheet = ContactSheet(
      scan: ct, ct: ct, labels: labels, scheme: .head,
      radiographs: [RadiographFigure.Panel(title: "pa", radiograph: radiograph)],
      title: "a case", notes: notes)
    let colors = [HeadLabel.skull, LabelScheme.unknown, LabelScheme.outsideScan].compactMap {
      LabelPalette.color(of: $0)
    }
    return (sheet, colors)
  }

  @Test func whatIsUnknownAndOutsideIsSeen() throws {
    let (sheet, colors) = try sheet(notes: ["one", "two"])
    let picture = sheet.render()
    // The full tint of each class is in the legend; in the slices it is shaded by the CT.
    func count(_ accepts: (RGBColor) -> Bool) -> Int {
      var count = 0
      for y in 0..<picture.height {
        for x in 0..<picture.width where accepts(picture[x, y]) { count += 1 }
      }
      return count
    }
    #expect(count { $0 == colors[0] } > 20_000, "skull")
    #expect(count { $0 == colors[1] } > 8_000, "unknown")
    let dark = RGBColor(
      UInt8(Double(colors[2].red) * 0.6), UInt8(Double(colors[2].green) * 0.6),
      UInt8(Double(colors[2].blue) * 0.6))
    #expect(count { $0 == dark } > 50_000, "outside the scan, where the CT is air")
    // The frame of the field of view, on three panels.
    #expect(count { $0 == RGBColor(255, 196, 64) } > 3 * 4 * 200)
  }

  @Test func notesMakeItHigher() throws {
    let short = try sheet(notes: []).0.render()
    let long = try sheet(notes: (0..<9).map { "note \($0)" }).0.render()
    #expect(long.width == short.width && long.height > short.height + 9 * 10)
  }
}
