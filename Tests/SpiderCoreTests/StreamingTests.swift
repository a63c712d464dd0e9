import SpiderCore
import SpiderSupport
import SpiderTestSupport
import Testing

/// Whatever saves time or memory changes nothing: slabs, threads, culling, hoisting.
@Suite struct StreamingTests {
  private let model = tinyModel(size: 64)
  /// Of more than one slab, the last one thinner.
  private let grid = VoxelGrid(
    nx: 30, ny: 20, nz: 27, boxFrom: Vector3(repeating: -128), to: Vector3(repeating: 128))

  /// An ellipsoid in an open field: air on all sides of it.
  private func views() throws -> [Radiograph] {
    try model.description.views.map { view in
      let geometry = try model.description.setup.geometry(of: view)
      let values = (0..<geometry.count).map { index -> Float in
        let x = (Double(index % geometry.columns) - 31) / 11
        let y = (Double(index / geometry.columns) - 30) / 15
        return Float(4 * max(0, 1 - x * x - y * y).squareRoot())
      }
      return Radiograph(geometry: geometry, values: values)
    }
  }

  @Test func slabsThreadsAndCullingChangeNoBit() throws {
    let views = try views()
    let reconstructor = Reconstructor(model: model)
    let all = try reconstructor.reconstruct(views, on: grid, options: .init(culling: false))
    #expect(all.summary.points == grid.count && all.summary.pointsCulled == 0)
    var culledCounts = Set<Int>()
    for threads in [1, 2, 3] {
      for culling in [false, true] {
        try Parallel.withWorkerCount(threads) {
          let options = ReconstructionOptions(culling: culling)
          let whole = try reconstructor.reconstruct(views, on: grid, options: options)
          var (hounsfield, labels, next): ([Float], [UInt8], Int) = ([], [], 0)
          let summary = try reconstructor.reconstruct(views, on: grid, options: options) { slab in
            #expect(slab.slices.lowerBound == next)
            next = slab.slices.upperBound
            hounsfield += slab.hounsfield
            labels += slab.labels ?? []
          }
          #expect(next == grid.nz)
          #expect(hounsfield == whole.ct.values && labels == whole.labels.values)
          #expect(summary.pointsCulled == whole.summary.pointsCulled)
          if culling { culledCounts.insert(summary.pointsCulled) }
          let changed = hounsfield.indices.filter {
            hounsfield[$0] != all.ct.values[$0] || labels[$0] != all.labels.values[$0]
          }
          // What culling took is air and background; all the rest is as it was.
          #expect(changed.count <= summary.pointsCulled)
          #expect(changed.allSatisfy { hounsfield[$0] == -1000 && labels[$0] == 0 })
        }
      }
    }
    let culled = try #require(culledCounts.first)
    #expect(culledCounts.count == 1 && culled > grid.count / 4 && culled < grid.count)
  }

  /// Hoisting changes rounding at most: 1e-4 of the window of 3000 HU.
  @Test func hoistingChangesLittle() throws {
    let views = try views()
    let reconstructor = Reconstructor(model: model)
    let on = try reconstructor.reconstruct(views, on: grid, options: .init(hoisting: true))
    let off = try reconstructor.reconstruct(views, on: grid, options: .init(hoisting: false))
    expectClose(on.ct.values, off.ct.values, atol: 0.3)
  }

  /// Voxels beyond the field of view are labelled as outside, culling or not.
  @Test func beyondTheFieldOfViewNothingIsCulled() throws {
    let wide = VoxelGrid.canonical(size: 12, side: 400)
    let reconstructor = Reconstructor(model: model)
    let on = try reconstructor.reconstruct(views(), on: wide)
    let off = try reconstructor.reconstruct(views(), on: wide, options: .init(culling: false))
    #expect(on.summary.pointsCulled > 0)
    let outside = on.labels.values.map { $0 == LabelScheme.outsideScan }
    #expect(outside == off.labels.values.map { $0 == LabelScheme.outsideScan })
    #expect(outside.contains(true) && outside.contains(false))
  }

  /// What the sink throws ends the work at once.
  @Test func theSinkCanStop() throws {
    struct Full: Error {}
    var slabs = 0
    #expect(throws: Full.self) {
      try Reconstructor(model: model).reconstruct(views(), on: grid) { _ in
        slabs += 1
        if slabs == 2 { throw Full() }
      }
    }
    #expect(slabs == 2)
  }

  @Test func previewIsTheVolumeOrItsMeans() throws {
    let result = try Reconstructor(model: model).reconstruct(views(), on: grid)
    func preview(_ limit: Int) throws -> ReconstructionPreview {
      var preview = ReconstructionPreview(of: grid, voxelLimit: limit)
      _ = try Reconstructor(model: model).reconstruct(views(), on: grid) { preview.add($0) }
      return preview
    }
    let whole = try preview(1 << 20)
    #expect(whole.factor == 1 && whole.ct == result.ct && whole.labels == result.labels)
    let half = try preview(grid.count / 5)
    #expect(half.factor == 2 && half.ct.grid.shape == SIMD3(15, 10, 14))
    #expect(ReconstructionPreview.bytes(of: grid, voxelLimit: grid.count / 5) == 9 * 15 * 10 * 14)
    // The last slice of blocks is cut short; elsewhere it is the box average. Sums of 8 in single
    // precision.
    let expected = result.ct.resampled(onto: half.ct.grid, outside: -1000)
    let count = 15 * 10 * 13
    expectClose(
      Array(half.ct.values[..<count]), Array(expected.values[..<count]), atol: 1e-2)
    expectClose(
      half.ct[3, 4, 13],
      (0..<4).reduce(0) { $0 + result.ct[6 + $1 % 2, 8 + $1 / 2, 26] } / 4, atol: 1e-2)
    #expect(half.labels[3, 4, 5] == result.labels[7, 9, 11])
    #expect(half.labels[3, 4, 13] == result.labels[7, 9, 26])
  }

  /// The plan counts what is known to be there, and grows with what it depends on.
  @Test func memoryIsPlanned() {
    let small = MemoryPlan(model: model, grid: .canonical(size: 64))
    #expect(small.parameters == 4 * model.network.layout.count)
    // Two views of 64 x 64 pixels with 5 features, and 12 first outputs of the decoder.
    #expect(small.features >= 2 * 64 * 64 * (5 + 12) * 4)
    #expect(small.slab >= 64 * 64 * 8 * 5)
    #expect(
      small.peak == small.parameters
        + max(small.encoder, small.features + small.slab + small.scratch))
    let large = MemoryPlan(model: model, grid: .canonical(size: 512))
    #expect(large.encoder == small.encoder && large.slab > small.slab)
    #expect(large.peak < 100_000_000, "a slab, not the volume")
    let plain = MemoryPlan(
      model: model, grid: .canonical(size: 64), options: .init(hoisting: false))
    #expect(plain.features < small.features)
    #expect(scratch(3) == 3 * scratch(1) && scratch(1) > 0)
  }

  /// The networks that Spider is made for, up to the widest decoder, stay within the memory that is
  /// promised: with a preview of the volume and its attenuation beside, and 100 MB of program.
  @Test(arguments: [64, 128, 256], [(128, 400), (256, 700), (512, 1000)])
  func largeVolumesFit(width: Int, _ goal: (size: Int, megabytes: Int)) {
    let model = SpiderModel(
      ModelDescription(
        architecture: SpiderArchitecture(
          encoderWidths: [32, 64, 128, 256], code: .paper, hiddenWidths: [width, width, width]),
        setup: ViewSetup(pixelSize: SIMD2(3.6, 3.6), columns: 128, rows: 128)), seed: 1)
    let grid = VoxelGrid.canonical(size: goal.size)
    for workers in [2, 16] {
      let plan = Parallel.withWorkerCount(workers) { MemoryPlan(model: model, grid: grid) }
      let all = plan.peak + 2 * ReconstructionPreview.bytes(of: grid) + 100_000_000
      #expect(all < goal.megabytes * 1_000_000, "\(all) bytes, \(workers) workers")
    }
  }

  private func scratch(_ workers: Int) -> Int {
    Parallel.withWorkerCount(workers) {
      MemoryPlan(model: model, grid: .canonical(size: 64)).scratch
    }
  }
}
