import Foundation
import RadiographLooks
import SpiderCore

/// Counts of what was found, and the table made of them.
struct Tally {
  var cases = 0
  private var suspected: [Look: (any: Int, grave: Int)] = [:]
  private var caught: [Fault: (any: Int, grave: Int)] = [:]

  /// Counts what was found in right X-rays.
  mutating func countRight(_ look: Look, _ faults: [ViewFault]) {
    suspected[look, default: (0, 0)].any += faults.isEmpty ? 0 : 1
    suspected[look, default: (0, 0)].grave += faults.contains(where: \.isGrave) ? 1 : 0
  }

  /// Counts what was found in X-rays with a fault.
  mutating func count(_ fault: Fault, _ faults: [ViewFault]) {
    caught[fault, default: (0, 0)].any += faults.isEmpty ? 0 : 1
    caught[fault, default: (0, 0)].grave += faults.contains(where: \.isGrave) ? 1 : 0
  }

  /// Counts X-rays that cannot even be prepared.
  mutating func countRefused(_ fault: Fault) {
    caught[fault, default: (0, 0)].any += 1
    caught[fault, default: (0, 0)].grave += 1
  }

  /// Markdown.
  func table(of name: String) -> String {
    func share(_ count: Int?) -> String {
      String(format: "%.1f %%", 100 * Double(count ?? 0) / Double(max(1, cases)))
    }
    var lines = [
      "### \(cases) \(name)", "", "| right X-rays | suspected | refused |", "| --- | --- | --- |",
    ]
    for look in Look.allCases {
      lines.append(
        "| \(look) | \(share(suspected[look]?.any)) | \(share(suspected[look]?.grave)) |")
    }
    let all = (
      any: suspected.values.reduce(0) { $0 + $1.any },
      grave: suspected.values.reduce(0) { $0 + $1.grave }
    )
    let pairs = Double(max(1, cases * Look.allCases.count))
    lines.append(
      String(
        format: "| **all** | %.2f %% | %.2f %% |", 100 * Double(all.any) / pairs,
        100 * Double(all.grave) / pairs))
    lines += ["", "| fault | said | refused |", "| --- | --- | --- |"]
    for fault in Fault.allCases {
      lines.append("| \(fault) | \(share(caught[fault]?.any)) | \(share(caught[fault]?.grave)) |")
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
