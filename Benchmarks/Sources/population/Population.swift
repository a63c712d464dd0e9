import ArgumentParser
import Foundation
import SpiderAnatomy
import SpiderCore
import SpiderDataSet
import SpiderIO
import SpiderPhantom
import SpiderTraining

/// Holds phantoms against real heads: does the spread of the phantoms cover each of them?
@main struct Population: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "population",
    abstract: "Compares phantoms with real heads by their distributions and prints Markdown.",
    discussion: """
      Phantoms and real CTs are prepared as spider prepare does; of a part of a head only those statistics are \
      taken for which enough of it is in the scan.
      Example: population --phantoms 40 stanford_uncthead.nii.gz data
      """)

  @Argument(help: "CT files of real heads, or data set folders.") var heads: [String] = []
  @Option(help: "Phantoms to make.") var phantoms = 40
  @Option(help: "The first phantom's seed.") var seed: UInt64 = 1
  @Option(help: "Voxels along a side of the 256 mm field of view.") var size = 128
  @Option(help: "How many workers share the work; all processors without.") var threads: Int?

  func validate() throws {
    guard phantoms >= 0, phantoms <= 10_000 else {
      throw ValidationError("--phantoms must be 0 to 10000")
    }
    guard (32...512).contains(size) else { throw ValidationError("--size must be 32 to 512") }
  }

  func run() throws {
    try Parallel.withWorkerCount(threads ?? Parallel.workerCount) { try work() }
  }

  private func work() throws {
    var population = try (0..<phantoms).map { index in
      let seed = seed + UInt64(index)
      say("phantom \(seed)")
      let scan = HeadPhantom(seed: seed).render(on: .canonical(size: size)).ct
      return try prepared(scan, name: "phantom-\(seed)", isReal: false).measured()
    }
    for path in heads {
      let url = URL(fileURLWithPath: path)
      say(path)
      if FileManager.default.fileExists(atPath: url.appendingPathComponent("dataset.json").path) {
        let dataSet = try DataSet(open: url)
        for entry in dataSet.index.cases {
          let (ct, labels) = try dataSet.load(entry)
          population.append(
            Head(name: entry.id, isReal: entry.isReal, ct: ct, labels: labels).measured())
        }
      } else {
        let name = url.lastPathComponent.replacingOccurrences(of: ".nii.gz", with: "")
        population.append(
          try prepared(NIfTI.readVolume(url), name: name, isReal: true).measured())
      }
    }
    print(PopulationTable(population, size: size).markdown)
  }

  private func prepared(_ ct: Volume, name: String, isReal: Bool) throws -> Head {
    let head = try HeadPreparation(size: size).prepare(ct)
    let grid = VoxelGrid.canonical(size: size)
    return Head(
      name: name, isReal: isReal, ct: Volume(grid: grid, values: head.ct.values),
      labels: LabelVolume(grid: grid, values: head.labels.values))
  }

  private func say(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }
}

/// The phantoms' spread beside every real head, as Markdown.
struct PopulationTable {
  private let phantoms: [MeasuredHead]
  private let real: [MeasuredHead]
  private let size: Int

  init(_ heads: [MeasuredHead], size: Int) {
    phantoms = heads.filter { !$0.isReal }
    real = heads.filter(\.isReal)
    self.size = size
  }

  var markdown: String {
    let names = (phantoms.first ?? real.first)?.statistics.map { ($0.name, $0.unit) } ?? []
    let header =
      "| statistic | phantoms: median | 2.5 to 97.5 % | smallest to largest |"
      + real.map { " \($0.name) |" }.joined()
    let rule = "| --- | --- | --- | --- |" + real.map { _ in " --- |" }.joined()
    var (covered, touched, all) = (0, 0, 0)
    let rows = names.enumerated().map { index, name -> String in
      let values = phantoms.compactMap { $0.statistics[index].value }.sorted()
      let inner = (quantile(values, 0.025), quantile(values, 0.975))
      let outer = (values.first, values.last)
      var row = "| \(name.0)\(name.1.isEmpty ? "" : ", \(name.1)") "
      row += "| \(text(quantile(values, 0.5))) | \(text(inner)) | \(text(outer)) |"
      for head in real {
        guard let value = head.statistics[index].value else {
          row += " |"
          continue
        }
        let mark: String
        all += 1
        if isIn(value, inner) {
          covered += 1
          mark = ""
        } else if isIn(value, outer) {
          touched += 1
          mark = " (at the edge)"
        } else {
          mark = value < outer.0 ?? value ? " **below**" : " **above**"
        }
        row += " \(text(value))\(mark) |"
      }
      return row
    }
    let summary = """
      \(phantoms.count) phantoms, \(real.count) real heads, \(size)^3 voxels of \
      \(String(format: "%g", 256 / Double(size))) mm. Of \(all) figures of real heads, \(covered) lie \
      within 2.5 to 97.5 % of the phantoms, \(touched) more between their smallest and largest, \
      \(all - covered - touched) outside.
      """
    return ([summary, "", header, rule] + rows).joined(separator: "\n")
  }

  private func isIn(_ value: Double, _ range: (Double?, Double?)) -> Bool {
    guard let low = range.0, let high = range.1 else { return false }
    return value >= low && value <= high
  }

  private func text(_ range: (Double?, Double?)) -> String {
    range.0 == nil ? "" : "\(text(range.0)) to \(text(range.1))"
  }

  private func text(_ value: Double?) -> String {
    guard let value else { return "" }
    return String(format: abs(value) >= 100 ? "%.0f" : abs(value) >= 10 ? "%.1f" : "%.2f", value)
  }
}
