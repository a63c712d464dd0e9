import SpiderCore
import SpiderReport
import SpiderTestSupport
import Testing

@Suite struct ViewOverlayTests {
  private func overlay(
    _ view: NamedView, isocenter: Vector3 = .zero, tilt: Double = 0
  ) throws -> ViewOverlay {
    let geometry = try ViewSetup(pixelSize: SIMD2(0.8, 0.8), columns: 640, rows: 640)
      .geometry(of: view, isocenter: isocenter, tiltDegrees: tilt)
    return ViewOverlay(
      title: "test",
      radiograph: Radiograph(
        geometry: geometry, values: [Float](repeating: 0, count: geometry.count)),
      grid: .canonical(size: 16, side: 160))
  }

  private func colors(
    _ picture: RGBImage, around place: SIMD2<Double>, _ reach: Int
  ) -> [RGBColor] {
    let (x, y) = (Int(place.x), Int(place.y))
    return (-reach...reach).flatMap { dy in (-reach...reach).map { picture[x + $0, y + dy] } }
  }

  /// The volume's centre, magnified 1.5 times about the isocentre: 30 mm are 45 mm, 56.25 pixels of 0.8.
  @Test func centreAndIsocentreAreWhereTheyProject() throws {
    let overlay = try overlay(.pa, isocenter: Vector3(30, 0, -20))
    let center = try #require(overlay.place(of: .zero))
    // In pa the patient's left is at the viewer's right: the volume's centre lies to the patient's left of
    // the isocentre, and above it.
    expectClose([center.x, center.y], [320 + 56.25, 320 - 37.5], atol: 1e-9)
    let picture = overlay.render()
    #expect(colors(picture, around: center, 1).contains(RGBColor(255, 255, 255)))
    // The isocentre's circle, 13 pixels about the middle of the detector.
    #expect(colors(picture, around: SIMD2(320 + 13, 320), 2).contains(RGBColor(255, 196, 64)))
    #expect(picture.height > 640 && picture.width == 640)
  }

  /// The letters' colours are found where the ends of the axes lie.
  @Test(arguments: [NamedView.pa, .ap, .left, .right, .gantry(degrees: 90)])
  func axesAreWhereTheyProject(view: NamedView) throws {
    let overlay = try overlay(view)
    let picture = overlay.render()
    let ink = [RGBColor(255, 92, 92), RGBColor(96, 220, 110), RGBColor(110, 160, 255)]
    for axis in AnatomicalAxis.allCases where abs(dot(axis.direction, view.sourceDirection)) < 0.1 {
      let end = try #require(overlay.place(of: axis.direction * 60))
      let found = colors(picture, around: end, 14).count { $0 == ink[axis.worldAxis] }
      #expect(found > 15, "\(axis.rawValue) in \(view)")
      // 60 mm magnified 1.5 times are 112.5 pixels along columns or rows.
      let expected =
        SIMD2(320.0, 320)
        + 112.5
        * SIMD2(
          dot(axis.direction, view.columnDirection), dot(axis.direction, view.rowDirection))
      expectClose([end.x, end.y], [expected.x, expected.y], atol: 1e-9)
    }
  }

  /// The edges of the volume's box: halfway along one of them there is a line, beside it none.
  @Test func theBoxIsDrawn() throws {
    let overlay = try overlay(.ap)
    let picture = overlay.render()
    let edge = try #require(overlay.place(of: Vector3(80, 80, 20)))
    #expect(colors(picture, around: edge, 1).contains(RGBColor(70, 110, 150)))
    let beside = try #require(overlay.place(of: Vector3(90, 80, 20)))
    #expect(colors(picture, around: beside, 1).allSatisfy { $0 == RGBColor(0, 0, 0) })
  }

  /// Sources within the volume, volumes behind the source: nothing crashes and nothing wild is drawn.
  @Test func placesThatAreNotSeen() throws {
    for isocenter in [
      Vector3(0, -1000, 0), Vector3(0, -2000, 0), Vector3(0, 5000, 0), Vector3(1e6, 0, 0),
    ] {
      let overlay = try overlay(.ap, isocenter: isocenter)
      _ = overlay.render()
      if isocenter.y == -2000 { #expect(overlay.place(of: .zero) == nil) }
    }
  }
}
