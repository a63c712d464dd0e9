import Foundation
import SpiderSupport
import SpiderTensor

/// Prints one line a work: its median time, its rate and the share of the `sgemm` peak.
public struct EngineTable {
  private let names: [String]
  private let repeats: Int

  /// Plans a table of the works whose names begin with one of `names`; of all works where there is none.
  public init(names: [String], repeats: Int) {
    self.names = names
    self.repeats = repeats
  }

  /// Times every work `repeats` times.
  public func print() throws {
    let list = try WorkList()
    let chosen = list.works.filter { work in
      names.isEmpty || names.contains { work.name.hasPrefix($0) }
    }
    Swift.print("\(Parallel.workerCount) workers, OpenBLAS kernels for \(BLAS.coreName)")
    let peak = try peak(list)
    for work in chosen {
      guard let body = try list.run(named: work.name) else { continue }
      let seconds = WorkTimer.median(WorkTimer.seconds(repeats: repeats, body))
      var line = "\(work.name): \(String(format: "%.3f ms", seconds * 1e3))"
      if work.operations > 0 {
        let rate = work.operations / seconds
        line += String(format: ", %.0f GFLOP/s, %.0f %% of peak", rate / 1e9, 100 * rate / peak)
      }
      Swift.print(line)
    }
  }

  /// The best rate of `sgemm` at the decoder's shapes, operations a second.
  private func peak(_ list: WorkList) throws -> Double {
    var best = 0.0
    for work in ProductWorks.all {
      guard let body = try list.run(named: work.name) else { continue }
      best = max(best, work.operations / WorkTimer.median(WorkTimer.seconds(repeats: 3, body)))
    }
    Swift.print(String(format: "sgemm peak at decoder shapes: %.0f GFLOP/s", best / 1e9))
    return best
  }
}
