import ArgumentParser
import Foundation
import RadiographLooks
import SpiderAnatomy
import SpiderCore
import SpiderDRR
import SpiderIO
import SpiderPhantom
import SpiderPretrained

/// What the inspector of X-rays catches, and how often it suspects right ones: radiographs of phantoms and of real
/// heads in several looks, right and with one fault after the other.
@main struct Inspection: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspection",
    abstract: "Measures the inspection of X-rays and prints Markdown.",
    discussion: "Example: inspection --phantoms 100 CT... > results/inspection.md")

  @Option(help: "Phantoms to make.") var phantoms = 100
  @Option(help: "The first phantom's seed.") var seed: UInt64 = 9001
  @Argument(help: "Real heads, NIfTI files.") var files: [String] = []

  func run() throws {
    let inspection = XrayInspection(try .pretrained(), acceptsFaults: true)
    let traits = try ModelFile.read(Pretrained.head).traits
    var tables: [(String, Tally)] = []
    var tally = Tally()
    for number in 0..<UInt64(phantoms) {
      let ct = HeadPhantom(seed: seed + number).render(on: .canonical(size: 96)).ct
      try measure("phantom \(seed + number)", ct, number, inspection, traits, &tally)
    }
    tables.append(("phantoms", tally))
    tally = Tally()
    for (number, file) in files.enumerated() {
      let url = URL(fileURLWithPath: file)
      try measure(
        url.lastPathComponent, try NIfTI.readVolume(url), UInt64(1000 + number), inspection, traits,
        &tally)
    }
    tables.append(("real heads", tally))
    for (name, tally) in tables where tally.cases > 0 { print(tally.table(of: name)) }
  }

  /// Counts what is found in one head's X-rays: right ones in all looks, faulty ones in one of them.
  private func measure(
    _ name: String, _ ct: Volume, _ number: UInt64, _ inspection: XrayInspection,
    _ traits: ModelTraits,
    _ tally: inout Tally
  ) throws {
    FileHandle.standardError.write(Data("\(name)\n".utf8))
    tally.cases += 1
    var random = Draws(seed: number)
    let center = HeadFinder().locate(in: ct).isocenter
    for look in Look.allCases {
      let views = try look.views(of: ct, about: center, &random).shown
      let found = try PreparedViews(views, for: traits, inspection: inspection).faults
      tally.countRight(look, found)
      if !found.isEmpty {
        FileHandle.standardError.write(Data("  \(look): \(found.map(\.name))\n".utf8))
      }
    }
    let look = Look.allCases[Int(number) % Look.allCases.count]
    let views = try look.views(of: ct, about: center, &random)
    for fault in Fault.allCases {
      let wrong = try fault.made(in: views.shown, clean: views.clean, &random)
      let found = Result { try PreparedViews(wrong, for: traits, inspection: inspection).faults }
      switch found {
      case .success(let faults): tally.count(fault, faults)
      case .failure: tally.countRefused(fault)
      }
      if case .success(let faults) = found, !faults.contains(where: \.isGrave) {
        FileHandle.standardError.write(Data("  missed \(fault) in \(look)\n".utf8))
      }
    }
  }
}

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
