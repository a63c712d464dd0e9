import SpiderAnatomy
import SpiderImaging
import SpiderTestSupport
import Testing

/// Figures of labels whose measures are known.
@Suite struct HeadMeasurementTests {
  /// Labels on the canonical field with 2 mm voxels, by their places.
  private func labels(_ grid: VoxelGrid, _ label: (Vector3) -> UInt8) -> LabelVolume {
    LabelVolume(grid: grid, values: (0..<grid.count).map { label(grid.worldPoint(of: $0)) })
  }

  private func isWithin(_ p: Vector3, _ low: Vector3, _ high: Vector3) -> Bool {
    all(p .>= low) && all(p .< high)
  }

  /// Two upright bars as rami, and a bow in front that joins them: 100 mm from middle to middle.
  private func jaw(_ p: Vector3) -> Bool {
    let x = abs(p.x)
    return isWithin(Vector3(x, p.y, p.z), Vector3(44, 0, -60), Vector3(56, 20, 4))
      || isWithin(Vector3(x, p.y, p.z), Vector3(0, 70, -60), Vector3(56, 80, -40))
      || isWithin(Vector3(x, p.y, p.z), Vector3(44, 20, -60), Vector3(56, 80, -40))
  }

  @Test func volumesOfBoxesAreThoseOfTheirVoxels() {
    let box = labels(.canonical(size: 128)) { p in
      if isWithin(p, Vector3(-40, -40, 0), Vector3(40, 40, 60)) { return HeadLabel.intracranial }
      if isWithin(p, Vector3(-40, -40, 60), Vector3(40, 40, 70)) { return HeadLabel.skull }
      if isWithin(p, Vector3(-10, -10, -60), Vector3(10, 10, -20)) {
        return HeadLabel.cervicalSpine
      }
      return HeadLabel.background
    }
    let found = HeadMeasurements(box)
    expectClose(found[.intracranial] ?? 0, 384, atol: 1e-9, "80 x 80 x 60 mm")
    expectClose(found[.skull] ?? 0, 64, atol: 1e-9, "80 x 80 x 10 mm")
    expectClose(found[.cervicalSpine] ?? 0, 16, atol: 1e-9, "20 x 20 x 40 mm")
    expectClose(found[.bone] ?? 0, 80, atol: 1e-9, "both")
    #expect(found[.mandible] == nil && found[.softTissue] == nil)
    #expect(found[.intercondylarDistance] == nil, "there is no mandible")
    #expect(found.cutOff.isEmpty && found.hidden.isEmpty)
  }

  /// A voxel's centre decides; over a sphere of 20 voxels' radius its errors are below a percent.
  @Test(arguments: [Vector3(2, 2, 2), Vector3(1.5, 2, 3)])
  func aSphereHasItsVolume(spacing: Vector3) {
    let size = Vector3(120, 120, 120) / spacing
    let grid = VoxelGrid(
      nx: Int(size.x), ny: Int(size.y), nz: Int(size.z), boxFrom: Vector3(repeating: -60),
      to: Vector3(repeating: 60))
    let sphere = labels(grid) { length($0) < 40 ? HeadLabel.intracranial : 0 }
    let exact = 4.0 / 3 * Double.pi * 64
    expectClose(HeadMeasurements(sphere)[.intracranial] ?? 0, exact, rtol: 0.01, atol: 0)
  }

  @Test func unknownVoxelsCountNowhere() {
    let grid = VoxelGrid.canonical(size: 32)
    let known = labels(grid) { length($0) < 60 ? HeadLabel.skull : 0 }
    let half = labels(grid) { p in
      guard length(p) < 60 else { return 0 }
      return p.z > 0 ? LabelScheme.outsideScan : p.x > 0 ? LabelScheme.unknown : HeadLabel.skull
    }
    let (a, b) = (HeadMeasurements(known), HeadMeasurements(half))
    // The grid is its own mirror image: exactly a quarter is left.
    expectClose(b[.skull] ?? 0, (a[.skull] ?? 0) / 4, atol: 1e-9)
    #expect(!a.cutOff.contains(.skull) && b.cutOff.contains(.skull))
  }

  @Test func theTopOfTheRamiIsFound() {
    let grid = VoxelGrid.canonical(size: 128)
    let found = HeadMeasurements(labels(grid) { jaw($0) ? HeadLabel.mandible : 0 })
    // The mL is a wedge along x: its middle is that of the bar.
    expectClose(found[.intercondylarDistance] ?? 0, 100, atol: 1e-9)
    // 2 x (12 x 20 x 64 + 12 x 60 x 20 + 44 x 10 x 20) mm^3.
    expectClose(found[.mandible] ?? 0, 77.12, atol: 1e-9)
    // At half a mm every other voxel is kept.
    let fine = VoxelGrid(
      nx: 240, ny: 180, nz: 134, boxFrom: Vector3(-60, -5, -62), to: Vector3(60, 85, 5))
    let again = HeadMeasurements(labels(fine) { jaw($0) ? HeadLabel.mandible : 0 })
    expectClose(again[.intercondylarDistance] ?? 0, 100, atol: 1, "a voxel kept")
  }

  @Test func aPairIsTwoCondylesSideBySide() {
    let grid = VoxelGrid.canonical(size: 128)
    func distance(_ label: (Vector3) -> Bool) -> Double? {
      HeadMeasurements(labels(grid) { label($0) ? HeadLabel.mandible : 0 })[.intercondylarDistance]
    }
    #expect(distance(jaw) != nil)
    #expect(distance { jaw($0) && $0.x > 0 } == nil, "half a jaw")
    #expect(distance { jaw(Vector3($0.x * 2, $0.y, $0.z)) } == nil, "50 mm apart")
    // Crumbs of less than a mL, above and behind, change nothing.
    let crumbs = distance { jaw($0) || isWithin($0, Vector3(60, -80, 60), Vector3(68, -72, 68)) }
    #expect(crumbs == distance(jaw))
  }

  @Test func whatIsCutOffHasNoCondyle() {
    // The field ends at 2 mm above the rami, at their top, and below it.
    for (top, isWhole) in [(6.0, true), (4, false), (0, false)] {
      let grid = VoxelGrid(
        nx: 80, ny: 60, nz: Int((top + 70) / 2), boxFrom: Vector3(-80, -20, -70),
        to: Vector3(80, 100, top))
      let found = HeadMeasurements(labels(grid) { jaw($0) ? HeadLabel.mandible : 0 })
      #expect((found[.intercondylarDistance] != nil) == isWhole, "\(top)")
      #expect(found.cutOff.contains(.mandible) == !isWhole, "\(top)")
    }
    // The scan's end counts as the grid's.
    let scan = labels(.canonical(size: 128)) {
      $0.z > 0 ? LabelScheme.outsideScan : jaw($0) ? HeadLabel.mandible : 0
    }
    let found = HeadMeasurements(scan)
    #expect(found[.intercondylarDistance] == nil && found.cutOff.contains(.mandible))
  }

  @Test func whatAnXrayDoesNotShowIsTold() throws {
    let grid = VoxelGrid.canonical(size: 64)
    let head = labels(grid) { p in
      length(p) < 50
        ? HeadLabel.intracranial : p.z < -60 && length(p) < 90 ? HeadLabel.softTissue : 0
    }
    let setup = ViewSetup(pixelSize: SIMD2(7.2, 7.2), columns: 64, rows: 64)
    let geometry = try setup.geometry(of: .pa)
    var open = Radiograph(geometry: geometry, values: [Float](repeating: 1, count: 64 * 64))
    #expect(HeadMeasurements(head, seenBy: [open]).hidden.isEmpty)
    // The lower half is hidden.
    open.mask = (0..<64 * 64).map { $0 / 64 < 32 }
    let half = HeadMeasurements(head, seenBy: [open])
    #expect(half.hidden.isSuperset(of: [.intracranial, .softTissue]))
    // The lower third: of what is small and high all is shown.
    open.mask = (0..<64 * 64).map { $0 / 64 < 46 }
    #expect(HeadMeasurements(head, seenBy: [open]).hidden == [.softTissue])
  }
}
