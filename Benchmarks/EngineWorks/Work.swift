import Foundation
import SpiderSupport
import SpiderTensor

/// A piece of work that can be timed: it has its inputs, and running it twice does the same thing twice.
struct Work: Sendable {
  /// How it is asked for, such as `conv2d 64x128 forward`.
  let name: String
  /// Floating-point operations of its direct definition; 0 where counting them says nothing.
  let operations: Double
  /// Makes the inputs and returns the work itself. Called when the work is first asked for.
  let prepare: @Sendable () throws -> () -> Void
}

/// All works by name. Each is prepared when it is first asked for and then kept.
final class WorkList {
  /// In the order in which they are listed.
  let works: [Work]
  private var ready: [String: () -> Void] = [:]

  init() throws {
    works =
      ProductWorks.all + ConvolutionWorks.all + MemoryWorks.all
      + (try ReconstructionWorks(head: BenchmarkHead()).all) + TrainingWorks.all
  }

  /// The work of a name, ready to run; nil where there is none.
  func run(named name: String) throws -> (() -> Void)? {
    if let body = ready[name] { return body }
    guard let work = works.first(where: { $0.name == name }) else { return nil }
    let body = try work.prepare()
    ready[name] = body
    return body
  }
}

/// Times a piece of work by the wall clock. On a shared machine the mean measures the neighbours, so
/// whoever reads the times takes the median.
enum WorkTimer {
  /// Seconds of `repeats` runs, after one untimed run.
  static func seconds(repeats: Int, _ work: () -> Void) -> [Double] {
    work()
    return (0..<repeats).map { _ in ContinuousClock().measure(work) / .seconds(1) }
  }

  /// The middle one.
  static func median(_ seconds: [Double]) -> Double { seconds.sorted()[seconds.count / 2] }
}

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
