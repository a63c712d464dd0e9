import ArgumentParser
import Foundation

struct Doctor: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Tell whether everything is in place, and how fast this machine is.",
    discussion: """
      Names the libraries and their versions, the kernels of OpenBLAS, the instruction sets of the processor, the \
      weights with their digests; measures matrix products for two seconds and a small reconstruction. Exit status 1 \
      when weights are missing or damaged.
      Example: spider doctor
      """)

  @OptionGroup var common: CommonOptions

  func run() throws {
    common.apply()
    let report = MachineReport()
    if common.json {
      try Console.printJSON(report)
    } else {
      try Console.answer(text(report))
    }
    guard report.isSound else { throw ExitCode.failure }
  }

  private func text(_ report: MachineReport) -> String {
    var lines: [(String, String)] = [
      ("Spider", "\(report.version), commit \(report.commit ?? "unknown")"),
      ("processor", report.processor ?? "not named by the system"),
      ("processors", "\(report.processors), threads used: \(report.threads)"),
      ("memory", String(format: "%.1f GB", Double(report.memory) / 1e9)),
      ("own kernels", report.instructions),
      ("BLAS", "\(report.blas); kernels \(report.blasKernels)"),
      (
        "speed",
        String(
          format: "%.0f GFLOP/s with one thread, %.0f with %d", report.gigaflopsOfOne,
          report.gigaflopsOfAll, report.threads)
      ),
      (
        "128^3 voxels",
        report.expectedSeconds.map { String(format: "in about %.1f s", $0) } ?? "not measured"
      ),
    ]
    lines += report.libraries.map { ($0.name, $0.version ?? "present; it names no version") }
    for weights in report.weights {
      lines.append(("weights \(weights.name)", weights.file ?? "not found"))
      if let digest = weights.sha256 { lines.append(("", "sha256 \(digest)")) }
      lines.append(("", weights.licence))
    }
    let width = lines.map(\.0.count).max() ?? 0
    let table = lines.map { $0.0.padding(toLength: width + 2, withPad: " ", startingAt: 0) + $0.1 }
    let advice = report.advice.isEmpty ? ["All is in place."] : report.advice.map { "To do: \($0)" }
    return (table + [""] + advice).joined(separator: "\n")
  }
}
