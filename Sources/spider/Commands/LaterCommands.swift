import ArgumentParser

/// A subcommand that a later version brings: it says so, with the status of bad usage.
struct Compare: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Compare models and baselines on one data set (in a later version).")
  @Argument(parsing: .allUnrecognized) var arguments: [String] = []

  func run() throws {
    throw ValidationError(
      "compare is not part of this version; score one model at a time with spider evaluate --model")
  }
}

/// A subcommand that a later version brings.
struct Doctor: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Check libraries, threads and speed of this machine (in a later version).")
  @Argument(parsing: .allUnrecognized) var arguments: [String] = []

  func run() throws { throw ValidationError("doctor is not part of this version") }
}
