import SpiderCore
import SpiderSupport

/// Says which patients a step sees, by the step's number alone: real ones and phantoms in the share
/// that was asked for, each kind in random order.
struct CaseSchedule: Sendable {
  let real: [Int]
  let phantoms: [Int]
  let realShare: Double
  let seed: UInt64

  init(_ cases: [CaseLibrary.Card], realShare: Double, seed: UInt64) {
    real = cases.indices.filter { cases[$0].isReal }
    phantoms = cases.indices.filter { !cases[$0].isReal }
    self.realShare = real.isEmpty ? 0 : phantoms.isEmpty ? 1 : realShare
    self.seed = seed
  }

  /// The patients of a step and the random stream of each.
  func draw(step: Int, count: Int) -> [(patient: Int, random: SeededGenerator)] {
    (0..<count).map { slot in
      var random = SeededGenerator(seed: seed).fork(UInt64(step)).fork(UInt64(slot))
      let kind = random.uniform() < realShare ? real : phantoms
      return (kind[random.index(below: kind.count)], random.fork(1))
    }
  }
}
