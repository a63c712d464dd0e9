import ArgumentParser
import Foundation

/// Reads damaged inputs of every kind, and says which of them crash, hang or bloat their reader.
///
/// A child process reads; when it dies, the input that it died of is kept, and another child goes on behind
/// it. Built with `--sanitize=address`, reads and writes beyond memory are crashes too.
@main struct Fuzz: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fuzz",
    abstract: "Read damaged inputs until one crashes, hangs or bloats its reader.",
    discussion: "Example: fuzz --count 20000            fuzz rtk nifti --count 1000000 --out found")

  @Argument(help: "Kinds of input (default: all).") var kinds: [String] = []
  @Option(help: "Executions of each; kinds that take long get a share of them.") var count = 2000
  @Option(help: "The number of the first.") var first = 0
  @Option(help: "The package's folder of tests: pictures and DICOM files.") var tests = "Tests"
  @Option(help: "A folder of more NIfTI files to damage.") var odd: String?
  @Option(help: "Folder for what is found.") var out = "fuzz-output"
  @Flag(help: ArgumentHelp("Read here, in this process.", visibility: .hidden)) var child = false

  /// Where inputs lie while they are read: in memory, where the system has such a folder.
  private static var scratch: URL {
    let memory = "/dev/shm"
    let base = FileManager.default.isWritableFile(atPath: memory) ? memory : NSTemporaryDirectory()
    return URL(fileURLWithPath: base).appendingPathComponent(
      "spider-fuzz-\(ProcessInfo.processInfo.processIdentifier)", isDirectory: true)
  }

  func run() throws {
    let folder = URL(fileURLWithPath: out, isDirectory: true)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let scratch = Self.scratch
    try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: scratch) }
    let sources = Sources(
      scratch: scratch, tests: URL(fileURLWithPath: tests, isDirectory: true),
      odd: odd.map { URL(fileURLWithPath: $0, isDirectory: true) })
    let chosen = Target.all.filter { kinds.isEmpty || kinds.contains($0.key) }
    guard kinds.isEmpty || chosen.count == kinds.count else {
      throw ValidationError("kinds are \(Target.all.map(\.key).joined(separator: ", "))")
    }
    var faults = 0
    for (_, make) in chosen {
      let target = try make(sources)
      if child {
        try Reader(target, in: folder, scratch).read(first..<first + count)
        return
      }
      let end = first + max(1, Int((Double(count) * target.share).rounded()))
      faults += try Watch(target, options: options, in: folder).read(first..<end)
    }
    if faults > 0 { throw ExitCode.failure }
  }

  /// What a child needs to make the same inputs.
  private var options: [String] {
    ["--tests", tests, "--out", out] + (odd.map { ["--odd", $0] } ?? [])
  }
}
