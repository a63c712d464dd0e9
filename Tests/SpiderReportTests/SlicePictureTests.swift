import SpiderCore
import SpiderReport
import SpiderTestSupport
import Testing

/// A head-shaped nothing of air with three bright marks at known places of the patient: left,
/// anterior and superior of the centre. No two lie on the same slice through the centre.
private enum Marks {
  static let left = Vector3(-30, 0, 0)
  static let anterior = Vector3(0, 30, 0)
  static let superior = Vector3(0, 0, 30)

  /// A grid of anisotropic voxels (2 x 3 x 5 mm along x, y, z) about the origin.
  static let grid = VoxelGrid(
    nx: 48, ny: 32, nz: 20, boxFrom: Vector3(-48, -48, -50), to: Vector3(48, 48, 50))

  /// The volume with a mark about a world point, 5 mm around it, stored in an orientation.
  static func volume(at mark: Vector3, stored orientation: Orientation) -> Volume {
    var volume = Volume(grid: grid, repeating: -1000)
    for index in volume.values.indices {
      let v = grid.voxel(at: index)
      let p = grid.worldPoint(Double(v.x), Double(v.y), Double(v.z))
      if length(p - mark) < 5 { volume.values[index] = 1200 }
    }
    return volume.reoriented(to: orientation)
  }

  static func labels(at mark: Vector3, stored orientation: Orientation) -> LabelVolume {
    let volume = volume(at: mark, stored: orientation)
    return volume.withValues(volume.values.map { $0 > 0 ? HeadLabel.mandible : 0 })
  }
}

private let orientations = ["RAS", "LPI", "SPR", "PIR", "ASL", "LAS"].compactMap {
  Orientation(code: $0)
}

@Suite struct SlicePictureTests {
  /// Centroid of the pixels that `isMark` accepts in one slice of the picture, relative to the
  /// slice's centre and in mm (x rightwards, y downwards); nil when there are none.
  private func centroid(
    _ figure: SliceFigure, _ picture: RGBImage, _ plane: BodyPlane, column: Int,
    isMark: (RGBColor) -> Bool
  ) -> SIMD2<Double>? {
    let frame = figure.frame(of: plane, column: column)
    var (sum, count) = (SIMD2<Double>.zero, 0.0)
    // The rim holds letters and the place of the slice; the marks are well inside.
    for y in 24..<(frame.height - 24) {
      for x in 24..<(frame.width - 24) where isMark(picture[frame.x + x, frame.y + y]) {
        sum += SIMD2(Double(x), Double(y))
        count += 1
      }
    }
    guard count > 0 else { return nil }
    let middle = SIMD2(Double(frame.width - 1), Double(frame.height - 1)) / 2
    return (sum / count - middle) * figure.raster(of: plane).pixelSize
  }

  @Test(arguments: orientations)
  func marksAppearWhereRadiologistsExpectThem(orientation: Orientation) throws {
    // Where each mark must be, mm right and down of the middle; nil: not on that slice.
    let expected: [(mark: Vector3, at: [BodyPlane: SIMD2<Double>])] = [
      (Marks.left, [.axial: SIMD2(30, 0), .coronal: SIMD2(30, 0)]),
      (Marks.anterior, [.axial: SIMD2(0, -30), .sagittal: SIMD2(-30, 0)]),
      (Marks.superior, [.coronal: SIMD2(0, -30), .sagittal: SIMD2(0, -30)]),
    ]
    for (mark, places) in expected {
      let figure = SliceFigure(
        result: Marks.volume(at: mark, stored: orientation),
        resultLabels: Marks.labels(at: mark, stored: .ras), through: .zero)
      let picture = figure.render()
      for plane in BodyPlane.allCases {
        let bright = centroid(figure, picture, plane, column: 0) {
          $0.red > 128 && $0.blue > 128
        }
        let colored = centroid(figure, picture, plane, column: 1) {
          Int($0.red) > Int($0.blue) + 40
        }
        guard let place = places[plane] else {
          #expect(bright == nil, "\(mark) must not be on the \(plane) slice through the centre")
          continue
        }
        // Voxels are up to 5 mm, so their centroid may be off by half of one.
        let found = try #require(bright, "\(mark) is not on the \(plane) slice of \(orientation)")
        expectClose([found.x, found.y], [place.x, place.y], atol: 2.5, "\(plane), \(orientation)")
        let label = try #require(colored, "no label of \(mark) on the \(plane) slice")
        expectClose([label.x, label.y], [place.x, place.y], atol: 2.5, "\(plane), labels")
      }
    }
  }

  @Test func anObliqueVolumeShowsItsMarkAtTheSameWorldPoint() throws {
    let turn = Affine.rotation(angle: 0.4, axis: normalized(Vector3(1, 2, 3)))
    let straight = Marks.grid
    let grid = VoxelGrid(
      nx: straight.nx, ny: straight.ny, nz: straight.nz,
      affine: turn.composed(with: straight.affine))
    var volume = Volume(grid: grid, repeating: -1000)
    let mark = Vector3(-20, 10, 0)
    for index in volume.values.indices {
      let v = grid.voxel(at: index)
      if length(grid.worldPoint(Double(v.x), Double(v.y), Double(v.z)) - mark) < 6 {
        volume.values[index] = 1200
      }
    }
    let figure = SliceFigure(result: volume, through: .zero)
    let found = centroid(figure, figure.render(), .axial, column: 0) {
      $0.red > 128 && $0.blue > 128
    }
    let place = try #require(found)
    expectClose([place.x, place.y], [20, -10], atol: 2.5)
  }

  @Test func placementTakesPixelsToTheWorldAndBack() {
    let box = WorldBox(low: Vector3(-50, -60, -70), high: Vector3(60, 50, 40))
    for plane in BodyPlane.allCases {
      let raster = SliceRaster(
        plane: plane, through: Vector3(3, 4, 5), covering: box, pixelSize: 0.5)
      let pixel = raster.pixel(of: raster.worldPoint(x: 17, y: 91))
      expectClose([pixel.x, pixel.y], [17, 91], atol: 1e-9)
      #expect(raster.worldPoint(x: 17, y: 91)[plane.normalAxis] == [3, 4, 5][plane.normalAxis])
    }
  }

  @Test func aspectFollowsMillimetresAndTheLongestSideThePanelSize() {
    let figure = SliceFigure(result: Volume(grid: Marks.grid, repeating: 0))
    // The grid fills 96 x 96 x 100 mm; 256 pixels cover 100 mm.
    let sizes = BodyPlane.allCases.map { figure.frame(of: $0, column: 0) }
    #expect(sizes.map(\.width) == [246, 246, 246])
    #expect(sizes.map(\.height) == [246, 256, 256])
  }

  /// A long name makes the titles taller, not the pictures further apart.
  @Test func longTitlesAreBrokenIntoLines() {
    let volume = Volume(grid: Marks.grid, repeating: 0)
    func figure(_ title: String) -> SliceFigure {
      SliceFigure(columns: ["short", title].map { SliceFigure.Column(title: $0, volume: volume) })
    }
    let (short, long) = (figure("also short"), figure("x2ct-published-conventions"))
    let (before, after) = (
      short.frame(of: .axial, column: 1), long.frame(of: .axial, column: 1)
    )
    #expect(after.x == before.x && after.y > before.y)
    // Ink where the first line stands, and where the second does.
    let (picture, plain) = (long.render(), short.render())
    func hasInk(_ picture: RGBImage, _ rows: Range<Int>) -> Bool {
      rows.contains { y in
        (before.x..<before.x + before.width).contains { picture[$0, y].red > 128 }
      }
    }
    let step = after.y - before.y
    #expect(hasInk(picture, 0..<before.y) && hasInk(picture, before.y..<before.y + step))
    #expect(picture.height == plain.height + step && picture.width == plain.width)
  }

  @Test func everyColumnHasASliceInsideThePicture() {
    let volume = Volume(grid: Marks.grid, repeating: 0)
    let labels = LabelVolume(grid: Marks.grid, repeating: LabelScheme.unknown)
    let figure = SliceFigure(
      result: volume, resultLabels: labels, truth: volume, truthLabels: labels)
    #expect(
      figure.columns.map(\.title) == ["Truth CT", "Result CT", "Truth labels", "Result labels"])
    let picture = figure.render()
    var right = 0
    for column in 0..<4 {
      let frame = figure.frame(of: .sagittal, column: column)
      #expect(frame.x >= right, "columns must not overlap")
      right = frame.x + frame.width
      #expect(right <= picture.width && frame.y + frame.height <= picture.height)
    }
    #expect(picture.pixels.count == picture.width * picture.height * 3)
  }

  @Test func theWindowDecidesBlackAndWhite() {
    #expect(DisplayWindow.bone.brightness(-200) == 0)
    #expect(DisplayWindow.bone.brightness(500) == 0.5)
    #expect(DisplayWindow.bone.brightness(3000) == 1)
    #expect(DisplayWindow.bone.brightness(.nan) == 0)
    #expect(DisplayWindow.bone.description == "-200 to 1200 HU")
  }
}
