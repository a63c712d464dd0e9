import Foundation
import SpiderCore
import SpiderTestSupport
import Testing

/// A model that reads any views: how X-rays from anywhere are brought to it, and what it refuses.
@Suite struct AnyViewTests {
  private let model = tinyModel(pooling: .mean, anyViews: ViewCounts(), size: 64)

  /// The X-ray of a ball off the isocentre, worked out ray by ray, on any detector.
  private func ball(_ geometry: ProjectionGeometry) -> Radiograph {
    let (center, radius) = (Vector3(22, -14, 30), 60.0)
    let values = (0..<geometry.count).map { index -> Float in
      let (column, row) = (Double(index % geometry.columns), Double(index / geometry.columns))
      let pixel = geometry.pixelCenter(column: column, row: row)
      let direction = geometry.rayDirection(column: column, row: row)
      let off = (center - pixel) - direction * dot(center - pixel, direction)
      let half = radius * radius - dot(off, off)
      return half > 0 ? Float(0.04 * half.squareRoot()) : 0
    }
    return Radiograph(geometry: geometry, values: values)
  }

  private func view(_ degrees: Double, tilt: Double = 0, distance: Double = 1000) throws
    -> Radiograph
  {
    let setup = ViewSetup(
      sourceToAxis: distance, sourceToDetector: 1.5 * distance, pixelSize: SIMD2(3.6, 3.6),
      columns: 128, rows: 128)
    return ball(try setup.geometry(of: .gantry(degrees: degrees), tiltDegrees: tilt))
  }

  /// The same X-ray on a detector that is turned in its plane, mirrored, of other pixels, and off the middle.
  private func hungOtherwise(_ radiograph: Radiograph, turn: Double, isMirrored: Bool) throws
    -> Radiograph
  {
    let g = radiograph.geometry
    let angle = turn * .pi / 180
    let (column, row) = (normalized(g.columnStep), normalized(g.rowStep))
    let newColumn = (column * cos(angle) + row * sin(angle)) * (isMirrored ? -2.4 : 2.4)
    let newRow = (row * cos(angle) - column * sin(angle)) * 2.9
    let (columns, rows) = (261, 209)
    let middle = g.detectorCenter + column * 12 - row * 9
    return ball(
      try ProjectionGeometry(
        beam: g.beam,
        pixelOrigin: middle - newColumn * (Double(columns - 1) / 2) - newRow
          * (Double(rows - 1) / 2),
        columnStep: newColumn, rowStep: newRow, columns: columns, rows: rows, isocenter: .zero))
  }

  @Test(arguments: [(0.0, 0.0), (37, 12), (90, -30), (180, 5), (215, 40), (290, -48)])
  func howAnXrayHangsChangesNothing(degrees: Double, tilt: Double) throws {
    let upright = try view(degrees, tilt: tilt)
    let expected = try PreparedViews([upright], for: model.traits).input[0]
    let setup = model.description.setup
    let meant = try setup.geometry(of: .gantry(degrees: degrees), tiltDegrees: tilt)
    for index in [0, 77, 4095] {
      let (column, row) = (Double(index % 64), Double(index / 64))
      let off =
        expected.geometry.pixelCenter(column: column, row: row)
        - meant.pixelCenter(column: column, row: row)
      #expect(length(off) < 1e-6)
    }
    for (turn, isMirrored) in [(0.0, true), (25, false), (90, false), (180, true), (-70, true)] {
      let other = try hungOtherwise(upright, turn: turn, isMirrored: isMirrored)
      let input = try PreparedViews([other], for: model.traits).input[0]
      let difference = zip(input.values, expected.values).map { abs($0 - $1) }
      let mean = difference.reduce(0, +) / Float(difference.count)
      #expect(mean < 0.004, "turned by \(turn), mirrored: \(isMirrored)")
      #expect(expected.values.max() ?? 0 > 0.9)
    }
  }

  @Test func theOrderOfViewsChangesNothing() throws {
    let views = try [view(180), view(270, tilt: 20), view(40, distance: 1700), view(120)]
    let grid = VoxelGrid.canonical(size: 16)
    let reconstructor = Reconstructor(model: model)
    let options = ReconstructionOptions(bfloat16: false)
    let one = try reconstructor.reconstruct(views, on: grid, options: options)
    let other = try reconstructor.reconstruct(
      [2, 0, 3, 1].map { views[$0] }, on: grid, options: options)
    expectClose(one.ct.values, other.ct.values, atol: 0.5)
    // Fewer X-rays are another answer: every one is read.
    for left in 0..<4 {
      let fewer = views.indices.filter { $0 != left }.map { views[$0] }
      let less = try reconstructor.reconstruct(fewer, on: grid, options: options)
      #expect(zip(less.ct.values, one.ct.values).contains { abs($0 - $1) > 1 })
    }
  }

  /// One picture, told to have been taken from two sides: the rays make two inputs of it.
  @Test func theNetworkIsToldFromWhereAnXrayIs() throws {
    let setup = model.description.setup
    let planes = try [90.0, 270].map { degrees in
      let geometry = try setup.geometry(of: .gantry(degrees: degrees))
      let radiograph = Radiograph(geometry: geometry, values: (0..<4096).map { Float($0) })
      return NetworkInput.tensor([radiograph], planes: 4)
    }
    #expect(planes[0].shape == [1, 4, 64, 64])
    let (a, b) = (planes[0].values, planes[1].values)
    #expect(a[..<4096] == b[..<4096] && a[4096..<8192] != b[4096..<8192])
    for pixel in [0, 63, 2000, 4095] {
      let ray = (1...3).map { Double(a[$0 * 4096 + pixel]) }
      #expect(abs(ray.reduce(0) { $0 + $1 * $1 } - 1) < 1e-5)
      // From the patient's left: the rays run to the right.
      #expect(ray[0] > 0.9)
    }
  }

  @Test func whatCannotBeReadIsRefused() throws {
    let one = try view(0)
    #expect(throws: ViewError.number(given: 5, least: 1, most: 4)) {
      try PreparedViews([one, one, one, one, one], for: model.traits)
    }
    #expect(throws: ViewError.number(given: 0, least: 1, most: 4)) {
      try PreparedViews([], for: model.traits)
    }
    let error = #expect(throws: ViewError.self) {
      try PreparedViews([one, view(30, tilt: 62)], for: model.traits)
    }
    guard case .steep(index: 1, let degrees) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(abs(degrees - 62) < 1e-6)
    #expect("\(ViewError.steep(index: 1, degrees: -62))".contains("62 degrees below"))
    #expect("\(ViewError.number(given: 1, least: 2, most: 4))".hasPrefix("1 radiograph was given"))
  }

  @Test func whatWasNotLearnedIsToldOf() throws {
    let odd = try [
      view(90, distance: 700), view(200, distance: 2100), view(0, tilt: 41), view(300),
    ]
    let notes = try PreparedViews(odd, for: model.traits).notes
    #expect(notes.map(\.index) == [0, 1, 2])
    #expect(notes[0].text.contains("700 mm") && notes[1].text.contains("800 to 2000 mm"))
    #expect(notes[2].text.contains("41 degrees"))
    let parallel = try ViewSetup(isParallel: true).geometry(of: .gantry(degrees: 40))
    let told = try PreparedViews([ball(parallel)], for: model.traits).notes
    #expect(told.count == 1 && told[0].text.contains("cone beams"))
    #expect(throws: ViewError.self) {
      try PreparedViews([view(90, distance: 100)], for: model.traits)
    }
  }

  @Test func viewsFromOneSideAreToldOf() throws {
    let notes = try PreparedViews([view(0), view(90), view(184), view(93)], for: model.traits).notes
    #expect(notes.map(\.index) == [2, 3])
    #expect(notes[0].text.contains("the side opposite that of radiograph 1"))
    #expect(notes[1].text.contains("nearly the side of radiograph 2"))
  }

  @Test func descriptionsThatContradictThemselves() {
    var architecture = model.description.architecture
    #expect(architecture.fault == nil)
    architecture.pooling = .concatenate
    #expect(architecture.fault?.contains("mean") == true)
    architecture.pooling = .mean
    for counts in [
      ViewCounts(least: 0, most: 4), ViewCounts(least: 3, most: 2), ViewCounts(least: 1, most: 17),
      ViewCounts(least: 3, most: 4),
    ] {
      architecture.anyViews = counts
      #expect(architecture.fault?.contains("views") == true, "\(counts)")
    }
  }
}
