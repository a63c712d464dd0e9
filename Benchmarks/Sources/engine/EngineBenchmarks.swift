import ArgumentParser
import Foundation
import SpiderCore
import SpiderEngineWorks

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
    try Parallel.withWorkerCount(threads ?? Parallel.workerCount) {
      try EngineTable(names: names, repeats: repeats).print()
    }
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
    try Parallel.withWorkerCount(threads ?? Parallel.workerCount) {
      try EngineServer(folder: URL(fileURLWithPath: folder)).run()
    }
  }
}
