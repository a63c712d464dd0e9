import ArgumentParser
import Foundation
import SpiderCore
import SpiderDICOM
import SpiderIO

/// Reads damaged DICOM files, and says which of them crash or hang the reader.
///
/// A child process reads; when it dies, the file it died of is kept and another child goes on behind it.
@main struct FuzzDICOM: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fuzz-dicom",
    abstract: "Read damaged DICOM files until one crashes or hangs the reader.",
    discussion: "Example: fuzz-dicom ../Tests/SpiderDICOMTests/Resources --count 100000")

  @Argument(help: "Folder of sound DICOM files.") var seeds: String
  @Option(help: "Files to damage and read.") var count = 100_000
  @Option(help: "The number of the first.") var first = 0
  @Option(help: "Folder for what crashes or hangs.") var out = "fuzz-dicom-output"
  @Flag(help: ArgumentHelp("Read here, in this process.", visibility: .hidden)) var child = false

  /// Seconds after which a file hangs the reader.
  private static let slow = 1.0

  func run() throws {
    let folder = URL(fileURLWithPath: out, isDirectory: true)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    if child { return try read(in: folder) }
    var (next, crashes) = (first, 0)
    while next < first + count {
      let process = Process()
      process.executableURL = Bundle.main.executableURL
      process.arguments = [
        seeds, "--count", "\(first + count - next)", "--first", "\(next)", "--out", out, "--child",
      ]
      try process.run()
      process.waitUntilExit()
      if process.terminationReason == .exit, process.terminationStatus == 0 { break }
      crashes += 1
      let at = try String(contentsOf: folder.appendingPathComponent("current"), encoding: .utf8)
      guard let number = Int(at) else { throw ValidationError("the child did not start") }
      let kept = folder.appendingPathComponent("crash-\(number).dcm")
      try? FileManager.default.removeItem(at: kept)
      try FileManager.default.copyItem(at: folder.appendingPathComponent("current.dcm"), to: kept)
      print(
        "\(number): ended by signal or status \(process.terminationStatus); kept as \(kept.path)")
      next = number + 1
    }
    print("\(count) files from \(first) on: \(crashes) crashes or hangs")
    if crashes > 0 { throw ExitCode.failure }
  }

  private func read(in folder: URL) throws {
    let seeds = try sound()
    let (file, mark) = (
      folder.appendingPathComponent("current.dcm"), folder.appendingPathComponent("current")
    )
    var (accepted, worst) = (0, 0.0)
    for number in first..<first + count {
      var mutation = Mutation(UInt64(number))
      try Data(mutation.damaged(seeds)).write(to: file)
      try Data("\(number)".utf8).write(to: mark)
      // A reader that never ends is ended by the system.
      alarm(20)
      let start = ProcessInfo.processInfo.systemUptime
      if (try? RadiographSource.read(ViewSpecification(view: nil, image: file))) != nil {
        accepted += 1
      }
      if (try? VolumeSource.load(file)) != nil { accepted += 1 }
      let seconds = ProcessInfo.processInfo.systemUptime - start
      worst = max(worst, seconds)
      if seconds > Self.slow {
        print("\(number): \(String(format: "%.1f", seconds)) s")
        try? FileManager.default.copyItem(
          at: file, to: folder.appendingPathComponent("slow-\(number).dcm"))
      }
    }
    print(
      "\(count) files from \(first) on: \(accepted) read, the others refused; the slowest took "
        + String(format: "%.3f s", worst))
  }

  /// The seeds; of the slices of series one each.
  private func sound() throws -> [[UInt8]] {
    let walk = FileManager.default.enumerator(
      at: URL(fileURLWithPath: seeds), includingPropertiesForKeys: nil)
    let files = (walk?.allObjects as? [URL] ?? []).filter { $0.pathExtension == "dcm" }
      .sorted { $0.path < $1.path }
    let xraysAndFrames = files.filter {
      !$0.path.contains("/ct/") || $0.lastPathComponent.hasPrefix("enhanced")
        || $0.lastPathComponent.hasPrefix("00")
    }
    guard !xraysAndFrames.isEmpty else { throw ValidationError("\(seeds): no .dcm files") }
    return try xraysAndFrames.map { [UInt8](try Data(contentsOf: $0)) }
  }
}
