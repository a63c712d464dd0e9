import SpiderCore
import SpiderSupport
import SpiderTestSupport
import Synchronization
import Testing

/// Slabs as an asynchronous sequence, cancellation, and the worker count as a value.
@Suite struct SlabTests {
  private let model = tinyModel()
  private let grid = VoxelGrid.canonical(size: 24)

  private func views() throws -> [Radiograph] {
    try model.description.views.map { view in
      let geometry = try model.description.setup.geometry(of: view)
      return Radiograph(
        geometry: geometry,
        values: (0..<geometry.count).map { index in
          let (x, y) = (Double(index % 32) - 15, Double(index / 32) - 16)
          return Float(4 * max(0, 1 - (x * x + y * y) / 100).squareRoot())
        })
    }
  }

  @Test func theSequenceIsTheVolume() async throws {
    let whole = try Reconstructor(model: model).reconstruct(views(), on: grid)
    var (hounsfield, labels, next): ([Float], [UInt8], Int) = ([], [], 0)
    let told = Mutex<[ReconstructionSummary]>([])
    let slabs = Reconstructor(model: model).slabs(try views(), on: grid) { summary in
      told.withLock { $0.append(summary) }
    }
    for try await slab in slabs {
      #expect(slab.slices.lowerBound == next)
      next = slab.slices.upperBound
      hounsfield += slab.hounsfield
      labels += slab.labels ?? []
      // A slow consumer: work waits for it.
      await Task.yield()
    }
    #expect(next == grid.nz && hounsfield == whole.ct.values && labels == whole.labels.values)
    #expect(told.withLock { $0.map(\.points) } == [grid.count])
  }

  @Test func errorsEndTheSequence() async throws {
    let slabs = Reconstructor(model: model).slabs([try views()[0]], on: grid)
    await #expect(throws: ViewError.count(given: 1, expected: 2, views: [.pa, .left])) {
      for try await _ in slabs {}
    }
  }

  /// A model of one slice a slab that counts those it hands on.
  private struct Counting: ReconstructionModel {
    final class Count: Sendable {
      let value = Atomic<Int>(0)
      let hasEnded = Atomic<Bool>(false)
    }
    let count = Count()
    let traits = ModelTraits(name: "counting", input: .unused)

    func memory(for grid: VoxelGrid, options: ReconstructionOptions) -> Int { 0 }

    func answer(
      _ views: PreparedViews, on grid: VoxelGrid, options: ReconstructionOptions,
      progress: (Double) throws -> Void, into sink: (ReconstructionSlab) throws -> Void
    ) throws -> ReconstructionSummary {
      defer { count.hasEnded.store(true, ordering: .sequentiallyConsistent) }
      for k in 0..<grid.nz {
        count.value.add(1, ordering: .sequentiallyConsistent)
        try sink(
          ReconstructionSlab(
            slices: k..<k + 1, hounsfield: [Float](repeating: 0, count: grid.nx * grid.ny)))
        try progress(Double(k + 1) / Double(grid.nz))
      }
      return ReconstructionSummary(points: grid.count)
    }
  }

  /// One slab finished and one being made, beside those taken; leaving the loop ends the work.
  @Test func workIsNeverFarAheadAndEndsWithTheLoop() async throws {
    let counting = Counting()
    var taken = 0
    for try await _ in counting.slabs(try views(), on: grid) {
      taken += 1
      for _ in 0..<200 { await Task.yield() }
      #expect(counting.count.value.load(ordering: .sequentiallyConsistent) <= taken + 2)
      if taken == 3 { break }
    }
    while !counting.count.hasEnded.load(ordering: .sequentiallyConsistent) { await Task.yield() }
    #expect(counting.count.value.load(ordering: .sequentiallyConsistent) <= 5)
  }

  @Test func cancellingTheTaskEndsTheSequence() async throws {
    let counting = Counting()
    let (views, grid) = (try views(), grid)
    let task = Task {
      var taken = 0
      for try await _ in counting.slabs(views, on: grid) {
        taken += 1
        if taken == 2 { withUnsafeCurrentTask { $0?.cancel() } }
      }
      return taken
    }
    await #expect(throws: CancellationError.self) { try await task.value }
    while !counting.count.hasEnded.load(ordering: .sequentiallyConsistent) { await Task.yield() }
    #expect(counting.count.value.load(ordering: .sequentiallyConsistent) <= 4)
  }

  /// In the task's own thread, too, between two slabs.
  @Test func cancellingTheTaskEndsTheSynchronousWay() async throws {
    let (model, views, grid) = (model, try views(), grid)
    let slabs = Counting.Count()
    let task = Task {
      _ = try Reconstructor(model: model).reconstruct(views, on: grid) { _ in
        slabs.value.add(1, ordering: .sequentiallyConsistent)
        withUnsafeCurrentTask { $0?.cancel() }
      }
    }
    await #expect(throws: CancellationError.self) { try await task.value }
    #expect(slabs.value.load(ordering: .sequentiallyConsistent) == 1)
  }

  @Test func workersAreAValue() throws {
    let seen = Mutex<[Int]>([])
    _ = try Reconstructor(model: model).reconstruct(
      views(), on: grid, options: .init(workers: 3)
    ) { _ in
      seen.withLock { $0.append(Parallel.workerCount) }
    }
    #expect(seen.withLock { Set($0) } == [3])
    let plan = MemoryPlan(model: model, grid: grid, options: .init(workers: 3))
    let one = MemoryPlan(model: model, grid: grid, options: .init(workers: 1))
    #expect(plan.scratch == 3 * one.scratch)
  }

  /// Where no grid is asked for, it is 128^3 voxels over the field of view about the isocentre.
  @Test func theDefaultGrid() throws {
    let views = try PreparedViews(views(), for: model.traits, isocenter: Vector3(1, 2, 3))
    let expected = VoxelGrid.canonical(size: 128, side: 256, center: Vector3(1, 2, 3))
    #expect(model.traits.grid(about: views.isocenter) == expected)
  }
}
