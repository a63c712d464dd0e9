import Foundation
import SpiderTestSupport
import Testing

/// The built `spider` program, run as a user runs it.
enum SpiderProgram {
  /// What a run left behind.
  struct Run {
    let status: Int32
    let output: String
    let errors: String

    /// Standard output as one JSON object.
    func object() throws -> [String: Any] {
      let value = try JSONSerialization.jsonObject(with: Data(output.utf8))
      return try #require(value as? [String: Any], "standard output is not one JSON object")
    }
  }

  /// The program is built into the folder of the test program.
  private static var url: URL {
    get throws {
      let tests = try #require(Bundle.main.executableURL).resolvingSymlinksInPath()
      let program = tests.deletingLastPathComponent().appendingPathComponent("spider")
      try #require(
        FileManager.default.isExecutableFile(atPath: program.path),
        "there is no \(program.path): build it first (swift build -c release)")
      return program
    }
  }

  /// Runs it with some arguments.
  static func run(_ arguments: String...) throws -> Run { try run(arguments) }

  /// Starts it and kills it, as `kill -9` does, as soon as a condition holds or it ends by itself.
  static func kill(_ arguments: [String], when condition: () -> Bool) throws {
    let process = Process()
    process.executableURL = try url
    process.arguments = arguments
    for stream in [\Process.standardInput, \.standardOutput, \.standardError] {
      process[keyPath: stream] = FileHandle.nullDevice
    }
    try process.run()
    while process.isRunning && !condition() { usleep(500) }
    Foundation.kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
  }

  /// Starts it, and sends it a signal as soon as a condition holds.
  static func signal(
    _ signal: Int32, _ arguments: [String], when condition: () -> Bool
  ) throws -> (status: Int32, reason: Process.TerminationReason) {
    let process = Process()
    // A shell behind `&` may have the tests ignore Ctrl-C; the program would inherit that.
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["--default-signal", try url.path] + arguments
    for stream in [\Process.standardInput, \.standardOutput, \.standardError] {
      process[keyPath: stream] = FileHandle.nullDevice
    }
    try process.run()
    while process.isRunning && !condition() { usleep(500) }
    Foundation.kill(process.processIdentifier, signal)
    process.waitUntilExit()
    return (process.terminationStatus, process.terminationReason)
  }

  /// Runs it with a list of arguments. Output goes through files: a full pipe cannot block it.
  /// With `output`, standard output goes there and is not read. With `fileLimit`, no file may grow beyond so
  /// many blocks of 512 bytes.
  static func run(
    _ arguments: [String], output: String? = nil, fileLimit: Int? = nil
  ) throws -> Run {
    let folder = try TemporaryFolder()
    let process = Process()
    process.executableURL = try url
    process.arguments = arguments
    if let fileLimit {
      process.executableURL = URL(fileURLWithPath: "/bin/sh")
      process.arguments =
        ["-c", "ulimit -f \(fileLimit); exec \"$0\" \"$@\"", try url.path] + arguments
    }
    process.standardInput = FileHandle.nullDevice
    for name in ["output", "errors"] {
      #expect(FileManager.default.createFile(atPath: folder[name].path, contents: nil))
    }
    process.standardOutput = try FileHandle(
      forWritingTo: output.map { URL(fileURLWithPath: $0) } ?? folder["output"])
    process.standardError = try FileHandle(forWritingTo: folder["errors"])
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationReason == .exit, "spider \(arguments) crashed")
    return Run(
      status: process.terminationStatus,
      output: try String(contentsOf: folder["output"], encoding: .utf8),
      errors: try String(contentsOf: folder["errors"], encoding: .utf8))
  }
}
