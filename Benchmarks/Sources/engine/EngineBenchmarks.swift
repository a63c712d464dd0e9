import ArgumentParser
import Foundation
import SpiderCore

/// The benchmarks of the compute engine.
@main
struct EngineBenchmarks: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "engine",
    abstract: "Times the parts of the engine and the whole, alone or in turns with a peer.",
    subcommands: [Table.self, Serve.self], defaultSubcommand: Table.self)
}

/// Prints one line a work.
struct Table: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Times works and prints median, GFLOP/s and the share of the sgemm peak.")

  @Argument(help: "Works whose names begin so; all without.")
  var names: [String] = []
  @Option(help: "How often each is timed.")
  var repeats = 7
  @Option(help: "How many workers share the work; all processors without.")
  var threads: Int?

  func run() throws {
    if let threads { Parallel.workerCount = threads }
    let list = try WorkList()
    let chosen = list.works.filter { work in
      names.isEmpty || names.contains { work.name.hasPrefix($0) }
    }
    print("\(Parallel.workerCount) workers, OpenBLAS kernels for \(BLAS.coreName)")
    let peak = try peak(list)
    for work in chosen {
      guard let body = try list.run(named: work.name) else { continue }
      let seconds = Stopwatch.median(Stopwatch.seconds(repeats: repeats, body))
      var line = "\(work.name): \(String(format: "%.3f ms", seconds * 1e3))"
      if work.operations > 0 {
        let rate = work.operations / seconds
        line += String(format: ", %.0f GFLOP/s, %.0f %% of peak", rate / 1e9, 100 * rate / peak)
      }
      print(line)
    }
  }

  /// The best rate of `sgemm` at the decoder's shapes, operations a second.
  private func peak(_ list: WorkList) throws -> Double {
    var best = 0.0
    for work in ProductWorks.all {
      guard let body = try list.run(named: work.name) else { continue }
      best = max(best, work.operations / Stopwatch.median(Stopwatch.seconds(repeats: 3, body)))
    }
    print(String(format: "sgemm peak at decoder shapes: %.0f GFLOP/s", best / 1e9))
    return best
  }
}

/// Waits for requests.
struct Serve: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Writes what a peer needs into a folder, then times works as asked on standard input."
  )

  @Argument(help: "The folder for models, inputs and our answers.")
  var folder: String
  @Option(help: "How many workers share the work; all processors without.")
  var threads: Int?

  func run() throws {
    if let threads { Parallel.workerCount = threads }
    try PeerFiles(folder: URL(fileURLWithPath: folder)).write()
    try Server(works: WorkList()).run()
  }
}
