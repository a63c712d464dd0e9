import ArgumentParser
import SpiderCore
import SpiderSupport

/// What every subcommand understands.
struct CommonOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Worker threads; all processors by default.", valueName: "n"))
  var threads: Int?

  @Flag(help: "Print one machine-readable object on standard output; logs go to standard error.")
  var json = false

  func validate() throws {
    if let threads, !(1...1024).contains(threads) {
      throw ValidationError("--threads is \(threads); it must be 1 to 1024")
    }
  }

  /// Makes the settings of the process. Call first.
  func apply() {
    if let threads { Parallel.processWorkerCount = threads }
  }
}
