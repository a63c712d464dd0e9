import SpiderCore
import SpiderSupport
import SpiderTensor
import SpiderTestSupport
import Synchronization
import Testing

@Suite struct ParallelTests {
  /// Which workers a loop has.
  private func workers(_ count: Int = 100, limit: Int? = nil) -> [Int] {
    let seen = Mutex(Set<Int>())
    Parallel.forEachWorker(splitting: count, limit: limit) { worker, _ in
      seen.withLock { _ = $0.insert(worker) }
    }
    return seen.withLock { $0.sorted() }
  }

  @Test func aScopeSetsTheCountForItsOwnLoops() {
    let before = Parallel.workerCount
    Parallel.withWorkerCount(before + 3) {
      #expect(workers() == Array(0..<(before + 3)))
      Parallel.withWorkerCount(1) { #expect(workers() == [0]) }
      #expect(workers() == Array(0..<(before + 3)))
      // Loops within loops, on threads of their own.
      let inner = Parallel.map(4) { _ in Parallel.workerCount }
      #expect(inner == [Int](repeating: before + 3, count: 4))
      #expect(workers(limit: 2) == [0, 1])
    }
    #expect(Parallel.workerCount == before)
  }

  @Test func scopesSideBySideDoNotMeet() async {
    await withTaskGroup(of: Bool.self) { group in
      for count in 1...6 {
        group.addTask {
          Parallel.withWorkerCount(count) {
            (0..<200).allSatisfy { _ in workers(10) == Array(0..<count) }
          }
        }
      }
      for await isRight in group { #expect(isRight) }
    }
  }

  /// A pool and a pass have memory a worker: no loop may use more, whatever the count is by then.
  @Test func aPassUsesThePoolsWorkers() {
    let network = SpiderNetwork(tinyModel().description.architecture)
    let parameters = ParameterArena(network.layout, seed: 4)
    let points = 3000
    let batch = TrainingBatch(
      images: Tensor([4, 1, 16, 16], (0..<1024).map { Float($0 % 37) / 37 }),
      points: Tensor([2, points, 3], (0..<6 * points).map { Float($0 % 101) / 101 - 0.5 }),
      pixels: Tensor([2, 2, points, 2], (0..<8 * points).map { Float($0 % 151) / 10 }),
      intensity: Tensor([2, points]), labels: [UInt8](repeating: 0, count: 2 * points))
    func gradient(pool count: Int, pass other: Int) -> [Float] {
      let (pool, pass) = Parallel.withWorkerCount(count) {
        (GradientPool(network.layout), network.makeWorkspace(batch.shape))
      }
      return Parallel.withWorkerCount(other) {
        network.forward(batch, pass, parameters)
        network.backward(batch, pass, parameters, pool)
        return pool.sum().array
      }
    }
    #expect(gradient(pool: 2, pass: 5) == gradient(pool: 2, pass: 2))
  }
}
