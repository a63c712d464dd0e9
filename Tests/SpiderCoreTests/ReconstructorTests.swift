import SpiderCore
import SpiderSupport
import SpiderTestSupport
import Testing

@Suite struct ReconstructorTests {
  private let model = tinyModel()

  /// Smooth blobs, so that resampling changes little.
  private func radiograph(_ view: NamedView, setup: ViewSetup, isocenter: Vector3 = .zero) throws
    -> Radiograph
  {
    let geometry = try setup.geometry(of: view, isocenter: isocenter)
    let values = (0..<geometry.count).map { index -> Float in
      let x = (Double(index % geometry.columns) + 0.5) / Double(geometry.columns) - 0.4
      let y = (Double(index / geometry.columns) + 0.5) / Double(geometry.rows) - 0.55
      let r2: Double = (x * x + 2 * y * y) / 0.05
      return r2 < 1 ? Float(4 * (1 - r2) * (1 - r2)) : 0
    }
    return Radiograph(geometry: geometry, values: values)
  }

  private func views(isocenter: Vector3 = .zero) throws -> [Radiograph] {
    try [.pa, .left].map {
      try radiograph($0, setup: model.description.setup, isocenter: isocenter)
    }
  }

  private let grid = VoxelGrid.canonical(size: 12)

  @Test func theOrderOfViewsDoesNotMatter() throws {
    let views = try views()
    let reconstructor = Reconstructor(model: model)
    let straight = try reconstructor.reconstruct(views, on: grid)
    let swapped = try reconstructor.reconstruct(views.reversed(), on: grid)
    #expect(straight.ct.values == swapped.ct.values)
    #expect(Set(straight.ct.values).count > 100, "the answers are all the same")
  }

  /// An image whose columns count the other way is the same radiograph: its geometry says so.
  @Test func hangingDoesNotMatter() throws {
    let views = try views()
    let reconstructor = Reconstructor(model: model)
    let straight = try reconstructor.reconstruct(views, on: grid)
    let turned = try reconstructor.reconstruct(
      [views[0].flipped(columns: true, rows: false), views[1].flipped(columns: true, rows: true)],
      on: grid)
    expectClose(turned.ct.values, straight.ct.values, atol: 0.05)
  }

  /// Moving patient, X-rays and grid together moves nothing in the answer.
  @Test func theWorldHasNoPreferredPlace() throws {
    let shift = Vector3(30, -50, 1000)
    let reconstructor = Reconstructor(model: model)
    let here = try reconstructor.reconstruct(views(), on: grid)
    let there = try reconstructor.reconstruct(
      views(isocenter: shift), on: .canonical(size: 12, center: shift))
    expectClose(there.ct.values, here.ct.values, atol: 0.05)
  }

  /// A view from the right of a patient is what a view from the left is of his mirror image, and so is the
  /// answer: exactly, about whatever sagittal plane.
  @Test func aViewFromTheRightIsThatOfAMirroredPatient() throws {
    let center = Vector3(35, -20, 110)
    let views = try views(isocenter: center)
    let mirrored = try views.map { try $0.mirrored(atX: center.x) }
    // As a view from the right hangs, its columns count the other way.
    let hung = try mirrored.map { try $0.geometry.flipped(columns: true, rows: false) }
    #expect(NamedView.pa.agrees(with: hung[0]) && NamedView.right.agrees(with: hung[1]))
    let reconstructor = Reconstructor(model: model)
    let box = VoxelGrid.canonical(size: 12, center: center)
    let here = try reconstructor.reconstruct(views, on: box)
    let there = try reconstructor.reconstruct(mirrored, on: box)
    let turned = (0..<box.count).map { index in
      let voxel = box.voxel(at: index)
      return there.ct[11 - voxel.x, voxel.y, voxel.z]
    }
    expectClose(turned, here.ct.values, atol: 0.05)
    #expect(Set(turned).count > 100, "the answers are all the same")
    #expect(
      there.summary.warnings.contains { $0.contains("radiograph 2: taken from the other side") })
    #expect(!here.summary.warnings.contains { $0.contains("the other side") })
  }

  /// A frontal view from before instead of from behind is accepted and told of.
  @Test func aViewFromTheFrontStandsForOneFromBehind() throws {
    let views = [
      try radiograph(.ap, setup: model.description.setup), try self.views()[1],
    ]
    let result = try Reconstructor(model: model).reconstruct(views, on: grid)
    #expect(
      result.summary.warnings.contains { $0.contains("radiograph 1: taken from the other side") })
    let prepared = try PreparedViews(views, for: model.traits)
    #expect(!prepared.isMirrored)
    // It hangs as it would be seen from behind.
    #expect(dot(prepared.input[0].geometry.columnStep, NamedView.pa.columnDirection) > 0)
  }

  /// The frame is the isocentre's, whatever grid is asked for: a box out of the middle gives the same
  /// numbers as the same voxels of the whole.
  @Test func anyGridGivesTheSameAnswers() throws {
    let views = try views()
    let reconstructor = Reconstructor(model: model)
    let whole = try reconstructor.reconstruct(views, on: grid)
    let corner = grid.worldPoint(3, 4, 5)
    let box = VoxelGrid(
      nx: 4, ny: 3, nz: 2, affine: Affine(scale: grid.spacing, translation: corner))
    let part = try reconstructor.reconstruct(views, on: box)
    var expected: [Float] = []
    for k in 0..<2 {
      for j in 0..<3 { for i in 0..<4 { expected.append(whole.ct[3 + i, 4 + j, 5 + k]) } }
    }
    expectClose(part.ct.values, expected, atol: 0.02)
  }

  @Test func beyondTheFieldOfViewThereIsAir() throws {
    let wide = VoxelGrid.canonical(size: 8, side: 512)
    let result = try Reconstructor(model: model).reconstruct(views(), on: wide)
    #expect(result.ct[0, 0, 0] == -1000)
    #expect(result.labels[0, 0, 0] == LabelScheme.outsideScan)
    #expect(result.labels[4, 4, 4] != LabelScheme.outsideScan)
    #expect(result.summary.warnings.contains { $0.contains("field of view") })
  }

  /// A detector of other pixels and another size records the same X-rays. Culling is off: the two
  /// shadows' edges may differ by a pixel.
  @Test func anotherDetectorGivesNearlyTheSame() throws {
    let own = model.description.setup
    let fine = ViewSetup(
      pixelSize: own.pixelSize / 2, columns: own.columns * 2, rows: own.rows * 2)
    let reconstructor = Reconstructor(model: model)
    let options = ReconstructionOptions(culling: false)
    let expected = try reconstructor.reconstruct(views(), on: grid, options: options).ct.values
    let found = try reconstructor.reconstruct(
      [.pa, .left].map { try radiograph($0, setup: fine) }, on: grid, options: options
    ).ct.values
    let spread = Double((expected.max() ?? 0) - (expected.min() ?? 0))
    expectClose(found, expected, atol: 0.05 * spread)
  }

  @Test func anyThreadCountGivesTheSameBits() throws {
    let views = try views()
    let reconstructor = Reconstructor(model: model)
    let values = try [1, 2, 5].map { count in
      try Parallel.withWorkerCount(count) {
        try reconstructor.reconstruct(views, on: grid).ct.values
      }
    }
    #expect(values[1] == values[0] && values[2] == values[0])
  }

  @Test func viewsThatContradictTheModelAreRefused() throws {
    let reconstructor = Reconstructor(model: model)
    let views = try views()
    #expect(throws: ViewError.count(given: 1, expected: 2, views: [.pa, .left])) {
      try reconstructor.reconstruct([views[0]], on: grid)
    }
    let oblique = try radiograph(.gantry(degrees: 225), setup: model.description.setup)
    #expect {
      try ViewMatching.fit([views[0], oblique], to: model.description, isocenter: .zero)
    } throws: {
      "\($0)".contains("45 degrees off; it was trained on pa and left")
    }
    #expect(throws: ViewError.self) {
      try reconstructor.reconstruct([views[0], oblique], on: grid)
    }
    let empty = Radiograph(
      geometry: views[1].geometry, values: [Float](repeating: 2, count: views[1].values.count))
    #expect(throws: ViewError.emptyImage(index: 1)) {
      try reconstructor.reconstruct([views[0], empty], on: grid)
    }
    var absolute = model
    absolute.description.intensity = .absolute
    var relative = views
    relative[1].intensity = .relative
    #expect(throws: Never.self) {
      try Reconstructor(model: absolute).reconstruct(views, on: grid)
    }
    #expect(throws: ViewError.notAbsolute(index: 1)) {
      try Reconstructor(model: absolute).reconstruct(relative, on: grid)
    }
  }

  /// The pa source lies at y = -1000, the detector's plane must lie at y >= 0.
  @Test(arguments: [-1500, -1000.01, -990, -500, -1])
  func detectorsBeforeThePatientAreRefused(_ y: Double) throws {
    let views = try views()
    let good = views[0].geometry
    let moved = Radiograph(
      geometry: try ProjectionGeometry(
        beam: good.beam, pixelOrigin: Vector3(good.pixelOrigin.x, y, good.pixelOrigin.z),
        columnStep: good.columnStep, rowStep: good.rowStep, columns: good.columns,
        rows: good.rows, isocenter: .zero), values: views[0].values)
    #expect(throws: ViewError.detectorBeforePatient(expected: .pa)) {
      try ViewMatching.fit([moved, views[1]], to: model.description, isocenter: .zero)
    }
  }

  @Test func aDetectorAtTheIsocentreIsAllowed() throws {
    var description = model.description
    description.setup.sourceToDetector = description.setup.sourceToAxis
    let views = try [NamedView.pa, .left].map { try radiograph($0, setup: description.setup) }
    #expect(throws: Never.self) {
      try ViewMatching.fit(views, to: description, isocenter: .zero)
    }
  }

  @Test func aSourceAtTheIsocentreIsRefused() throws {
    let views = try views()
    #expect(throws: ViewError.sourceAtIsocenter(index: 1)) {
      try ViewMatching.fit(views, to: model.description, isocenter: Vector3(1000, 0, 0))
    }
  }

  /// Numbers beyond Int must not trap: distances in warnings, pixels far smaller than the model's.
  @Test func hugeNumbersAreTold() throws {
    let far = ViewSetup(sourceToAxis: 1e20, sourceToDetector: 1.5e20, columns: 32, rows: 32)
    let views = try [NamedView.pa, .left].map { try radiograph($0, setup: far) }
    let result = try Reconstructor(model: model).reconstruct(views, on: grid)
    #expect(result.summary.warnings.contains { $0.contains("from 100000000000000000000 mm") })
    var wide = model
    wide.description.fieldOfView = 1e20
    let beyond = VoxelGrid.canonical(size: 4, side: 1e21)
    #expect(
      try Reconstructor(model: wide).reconstruct(self.views(), on: beyond).summary.warnings.contains
      {
        $0.contains("field of view of 100000000000000000000 mm")
      })
    let tiny = try radiograph(.pa, setup: ViewSetup(pixelSize: SIMD2(1e-20, 1e-20)))
    let coarse = tiny.resampled(onto: try ViewSetup().geometry(of: .pa))
    #expect(coarse.values.allSatisfy { $0.isFinite })
  }

  @Test func theIsocentreIsWhereTheCentralRaysMeet() throws {
    let center = Vector3(12, -7, 300)
    let geometries = try [NamedView.pa, .gantry(degrees: 250)].map { view in
      let stated = try ViewSetup().geometry(of: view, isocenter: center)
      return try ProjectionGeometry(
        beam: stated.beam, pixelOrigin: stated.pixelOrigin, columnStep: stated.columnStep,
        rowStep: stated.rowStep, columns: stated.columns, rows: stated.rows)
    }
    let found = try Isocenter.of(geometries)
    expectClose([found.x, found.y, found.z], [center.x, center.y, center.z], atol: 1e-6)
    #expect(throws: ViewError.isocenterUnknown) { try Isocenter.of([geometries[0]]) }
    #expect(throws: ViewError.isocenterUnknown) {
      try Isocenter.of([geometries[0], geometries[0]])
    }
  }
}
