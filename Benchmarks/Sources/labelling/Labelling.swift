import ArgumentParser
import Foundation
import SpiderAnatomy
import SpiderCore
import SpiderPhantom

/// Automatic labels against the exact ones of phantoms: noisy, blurred heads are prepared as
/// `spider prepare` does, and the labels compared with what the phantom says.
@main struct Labelling: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "labelling",
    abstract: "Measures the automatic labeller on phantoms and prints Markdown.",
    discussion: "Example: labelling --phantoms 20 > results/labelling.md")

  @Option(help: "Phantoms to make.") var phantoms = 20
  @Option(help: "The first phantom's seed.") var seed: UInt64 = 1
  @Option(help: "Voxels along a side of the scan of 256 mm.") var scan = 256
  @Option(help: "Voxels along a side of the prepared grid.") var size = 256
  @Option(help: "Standard deviation of the noise, HU.") var noise = 30.0
  @Option(help: "Standard deviation of the blur, mm.") var blur = 0.5
  @Option(help: "How many workers share the work; all processors without.") var threads: Int?

  func validate() throws {
    guard (1...1000).contains(phantoms) else {
      throw ValidationError("--phantoms must be 1 to 1000")
    }
    guard (64...512).contains(scan), (32...512).contains(size) else {
      throw ValidationError("--scan must be 64 to 512, --size 32 to 512")
    }
    guard noise >= 0, noise <= 500, blur >= 0, blur <= 10 else {
      throw ValidationError("--noise must be 0 to 500 HU, --blur 0 to 10 mm")
    }
  }

  func run() throws {
    try Parallel.withWorkerCount(threads ?? Parallel.workerCount) { try work() }
  }

  private func work() throws {
    var rows: [[Double]] = []
    for index in 0..<phantoms {
      let seed = seed + UInt64(index)
      rows.append(try dice(seed))
      FileHandle.standardError.write(Data("phantom \(seed)\n".utf8))
    }
    print(table(rows))
  }

  /// What is compared: names, and the labels that count together.
  private static let sets: [(name: String, labels: Set<UInt8>)] = [
    ("all bone", [HeadLabel.skull, HeadLabel.mandible, HeadLabel.cervicalSpine]),
    ("soft tissue", [HeadLabel.softTissue]), ("intracranial", [HeadLabel.intracranial]),
    ("air cavities", [HeadLabel.airCavities]), ("skull", [HeadLabel.skull]),
    ("mandible", [HeadLabel.mandible]), ("cervical spine", [HeadLabel.cervicalSpine]),
  ]

  /// The overlap of each set in the prepared head of a seed, then the share of voxels left unknown.
  private func dice(_ seed: UInt64) throws -> [Double] {
    // Thin slices: what the benchmark's own blur is meant to make of them.
    let options = HeadPhantom.Options(scannerBlur: 0.8...2)
    let (clean, truth) = HeadPhantom(seed: seed, options: options).render(
      on: .canonical(size: scan))
    let ct = noisy(blurred(clean), seed)
    let prepared = try HeadPreparation(size: size, isocenter: .point(.zero)).prepare(ct)
    let expected = truth.resampled(onto: prepared.labels.grid)
    var counts = Self.sets.map { _ in (both: 0, sum: 0) }
    var unknown = 0
    for (found, exact) in zip(prepared.labels.values, expected.values) {
      unknown += found == LabelScheme.unknown ? 1 : 0
      for (n, set) in Self.sets.enumerated() {
        let (a, b) = (set.labels.contains(found), set.labels.contains(exact))
        counts[n].both += a && b ? 1 : 0
        counts[n].sum += (a ? 1 : 0) + (b ? 1 : 0)
      }
    }
    return counts.map { 2 * Double($0.both) / Double(max(1, $0.sum)) }
      + [Double(unknown) / Double(expected.values.count)]
  }

  private func noisy(_ ct: Volume, _ seed: UInt64) -> Volume {
    var random = SeededGenerator(seed: seed)
    return ct.withValues(ct.values.map { $0 + Float(noise * random.normal()) })
  }

  /// A Gaussian blur along the three axes.
  private func blurred(_ ct: Volume) -> Volume {
    guard blur > 0 else { return ct }
    let grid = ct.grid
    var image = ct
    for (axis, stride, count) in [
      (0, 1, grid.nx), (1, grid.nx, grid.ny), (2, grid.nx * grid.ny, grid.nz),
    ] {
      let width = blur / grid.spacing[axis]
      let reach = max(1, Int((3 * width).rounded(.up)))
      let weights = (-reach...reach).map { Float(exp(-Double($0 * $0) / (2 * width * width))) }
      let sum = weights.reduce(0, +)
      let source = image
      let plane = grid.nx * grid.ny
      image = Volume(grid: grid) { k in
        (k * plane..<(k + 1) * plane).map { index in
          let place = index / stride % count
          var value: Float = 0
          for offset in -reach...reach {
            let other = min(max(place + offset, 0), count - 1)
            value += weights[offset + reach] * source.values[index + (other - place) * stride]
          }
          return value / sum
        }
      }
    }
    return image
  }

  private func table(_ rows: [[Double]]) -> String {
    let names = Self.sets.map(\.name) + ["unknown"]
    func line(_ name: String, _ value: (Int) -> Double) -> String {
      let cells = names.indices.map { n in
        n + 1 < names.count
          ? String(format: "%.3f", value(n)) : String(format: "%.2f %%", 100 * value(n))
      }
      return "| \(name) | " + cells.joined(separator: " | ") + " |"
    }
    let columns = names.indices.map { n in rows.map { $0[n] }.sorted() }
    var lines = [
      "Dice of automatic against exact labels: \(rows.count) phantoms from seed \(seed), scanned at "
        + String(format: "%.2f mm, ", 256 / Double(scan))
        + String(format: "noise %.0f HU, blur %.1f mm, ", noise, blur)
        + String(format: "prepared at %.2f mm; ", 256 / Double(size))
        + "labeller \(AutomaticLabeller.version).", "",
      "| seed | " + names.joined(separator: " | ") + " |",
      "| --- |" + names.map { _ in " --- |" }.joined(),
    ]
    for (index, row) in rows.enumerated() {
      lines.append(line("\(seed + UInt64(index))") { row[$0] })
    }
    lines.append(line("mean") { columns[$0].reduce(0, +) / Double(rows.count) })
    lines.append(line("least") { $0 + 1 < names.count ? columns[$0][0] : columns[$0].last ?? 0 })
    return lines.joined(separator: "\n")
  }
}
