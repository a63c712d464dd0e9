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
      Of a data set the real heads are taken. With more than ten the table has their spread instead of each one's \
      figures, beside phantoms built in both ways: nominal and as patients.
      Examples: population --phantoms 40 stanford_uncthead.nii.gz
                population --phantoms 40 --size 64 data
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
    let real = try heads.flatMap(measured)
    let isMany = real.count > PopulationTable.mostColumns
    let nominal = try phantoms(.nominal)
    if isMany {
      let groups = [("nominal", nominal), ("patients", try phantoms(.patients))]
      print(SpreadTable(phantoms: groups, real: real, size: size).markdown)
    } else {
      print(PopulationTable(phantoms: nominal, real: real, size: size).markdown)
    }
  }

  private func phantoms(_ build: HeadPopulation) throws -> [MeasuredHead] {
    let options = HeadPhantom.Options(population: build)
    return try (0..<phantoms).map { index in
      let seed = seed + UInt64(index)
      say("phantom \(seed)")
      let scan = HeadPhantom(seed: seed, options: options).render(on: .canonical(size: size)).ct
      return try prepared(scan, name: "phantom-\(seed)").measured()
    }
  }

  /// A file's head, or all real ones of a data set.
  private func measured(_ path: String) throws -> [MeasuredHead] {
    let url = URL(fileURLWithPath: path)
    say(path)
    guard FileManager.default.fileExists(atPath: url.appendingPathComponent("dataset.json").path)
    else {
      let name = url.lastPathComponent.replacingOccurrences(of: ".nii.gz", with: "")
      return [try prepared(NIfTI.readVolume(url), name: name).measured()]
    }
    let dataSet = try DataSet(open: url)
    return try dataSet.index.cases.filter(\.isReal).map { entry in
      let (ct, labels) = try dataSet.load(entry)
      return Head(name: entry.id, ct: ct, labels: labels).measured()
    }
  }

  private func prepared(_ ct: Volume, name: String) throws -> Head {
    let head = try HeadPreparation(size: size).prepare(ct)
    let grid = VoxelGrid.canonical(size: size)
    return Head(
      name: name, ct: Volume(grid: grid, values: head.ct.values),
      labels: LabelVolume(grid: grid, values: head.labels.values))
  }

  private func say(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }
}
