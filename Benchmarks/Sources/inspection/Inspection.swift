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
