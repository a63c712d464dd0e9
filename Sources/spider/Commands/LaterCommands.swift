import ArgumentParser

/// A subcommand that a later version brings: it says so, with the status of bad usage.
struct Doctor: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Check libraries, threads and speed of this machine (in a later version).")
  @Argument(parsing: .allUnrecognized) var arguments: [String] = []

  func run() throws { throw ValidationError("doctor is not part of this version") }
}
