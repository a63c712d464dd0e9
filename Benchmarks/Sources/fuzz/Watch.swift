import Foundation

/// What a child has seen so far, in a file that outlives it.
struct Progress: Codable {
  /// The number of the input that is read now.
  var current: Int
  /// Inputs that were taken for sound.
  var accepted = 0
  /// The slowest execution: seconds, and the input's number.
  var slowest = 0.0
  var slowestInput = 0
  /// The most that the process grew by in one execution, MB, and the input's number.
  var growth = 0.0
  var growthInput = 0
  /// Inputs that were too slow, or grew the process too much.
  var faults: [String] = []
}

/// Starts children that read a target's inputs, until all are read.
struct Watch {
  private let target: Target
  private let options: [String]
  private let folder: URL

  init(_ target: Target, options: [String], in folder: URL) {
    (self.target, self.options, self.folder) = (target, options, folder)
  }

  /// Reads the inputs of these numbers, and prints a line; answers how many faults there were.
  func read(_ numbers: Range<Int>) throws -> Int {
    let begun = ProcessInfo.processInfo.systemUptime
    var (next, crashes, total) = (numbers.lowerBound, 0, Progress(current: 0))
    let log = folder.appendingPathComponent("\(target.name).log")
    while next < numbers.upperBound {
      try? FileManager.default.removeItem(at: Reader.file(of: target, in: folder))
      let end = try child(next..<numbers.upperBound, log)
      let data = try Data(contentsOf: Reader.file(of: target, in: folder))
      let seen = try JSONDecoder().decode(Progress.self, from: data)
      total.accepted += seen.accepted
      if seen.slowest > total.slowest {
        (total.slowest, total.slowestInput) = (seen.slowest, seen.slowestInput)
      }
      if seen.growth > total.growth {
        (total.growth, total.growthInput) = (seen.growth, seen.growthInput)
      }
      total.faults += seen.faults
      guard let end else { break }
      crashes += 1
      let number = try Reader.current(of: target, in: folder)
      let kept = folder.appendingPathComponent("\(target.name)-\(number).\(target.ending)")
      try Data(target.input(number)).write(to: kept)
      let words = folder.appendingPathComponent("\(target.name)-\(number).log")
      try? FileManager.default.removeItem(at: words)
      try? FileManager.default.moveItem(at: log, to: words)
      say("\(target.name) \(number): \(end); \(kept.path), \(words.path)")
      next = number + 1
    }
    for fault in total.faults { say("\(target.name) \(fault)") }
    let seconds = ProcessInfo.processInfo.systemUptime - begun
    say(
      "\(target.name): \(numbers.count) inputs, \(total.accepted) taken, \(crashes) crashes, slowest "
        + String(format: "%.3f s (%d), ", total.slowest, total.slowestInput)
        + String(format: "most memory %.0f MB (%d), ", total.growth, total.growthInput)
        + String(format: "%.0f s", seconds))
    return crashes + total.faults.count
  }

  /// At once, also where output goes into a file.
  private func say(_ line: String) {
    FileHandle.standardOutput.write(Data((line + "\n").utf8))
  }

  /// How a child that does not read all of them ended.
  private func child(_ numbers: Range<Int>, _ log: URL) throws -> String? {
    try Data().write(to: log)
    let process = Process()
    process.executableURL = Bundle.main.executableURL
    process.arguments =
      [target.name, "--child", "--first", "\(numbers.lowerBound)", "--count", "\(numbers.count)"]
      + options
    process.standardError = try FileHandle(forWritingTo: log)
    var environment = ProcessInfo.processInfo.environment
    // A crash is told by the parent: nobody need read a backtrace for each.
    environment["SWIFT_BACKTRACE"] = "enable=no"
    // Short records of who allocated: unwinding whole stacks is a fifth of the time.
    environment["ASAN_OPTIONS"] =
      "detect_leaks=0:max_allocation_size_mb=512:quarantine_size_mb=8:malloc_context_size=3"
    environment["OPENBLAS_NUM_THREADS"] = "1"
    process.environment = environment
    try process.run()
    process.waitUntilExit()
    let status = process.terminationStatus
    guard process.terminationReason == .uncaughtSignal else {
      return status == 0 ? nil : "the reader ended with status \(status)"
    }
    return status == SIGALRM
      ? "the reader was given up after \(Reader.patience) s, in which it may have been held up from outside"
      : "the reader ended by signal \(status)"
  }
}
