import ArgumentParser
import Foundation
import SpiderAnatomy
import SpiderCore
import SpiderDICOM
import SpiderDataSet
import SpiderEvaluation
import SpiderIO
import SpiderTraining

struct Info: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Tell what a volume, X-ray, geometry, model, data set or training run is.",
    discussion: "Example: spider info ct.nii.gz")

  @Argument(
    help: "A file, or the folder of a data set, its shards, a training run or a DICOM series.")
  var file: String
  @OptionGroup var volume: VolumeOptions
  @OptionGroup var common: CommonOptions

  func run() throws {
    common.apply()
    let url = URL(fileURLWithPath: file)
    let summary = try summary(of: url)
    if common.json {
      try Console.printJSON(Record(file: url.path, summary: summary))
    } else {
      let width = summary.facts.map(\.name.count).max() ?? 0
      let lines = summary.facts.map { fact in
        "  " + fact.name.padding(toLength: width + 2, withPad: " ", startingAt: 0) + fact.value
      }
      try Console.answer((["\(url.path): \(summary.kind)"] + lines).joined(separator: "\n"))
    }
  }

  private func summary(of url: URL) throws -> any FileSummary {
    if url.isFolder {
      let index = url.appendingPathComponent(DataSet.indexName)
      if FileManager.default.fileExists(atPath: index.path) {
        return DataSetSummary(try DataSet(open: url))
      }
      let run = RunFolder(url)
      if run.hasRun { return RunSummary(run) }
      if let shards = ShardsSummary(url) { return shards }
      do {
        return try DICOMSummary.of(url, series: volume.series, options: volume.readOptions)
      } catch DICOMError.severalSeries(_, let series, let uids) {
        return SeriesList(series: series, uids: uids)
      } catch DICOMError.noSeries(_, let found) {
        throw CommandFailure(
          "\(url.path): the folder is no data set of Spider (it holds no \(DataSet.indexName)), no training run and no "
            + "DICOM CT series (\(found)); name a file in it, or make a data set with spider prepare"
        )
      }
    }
    if DICOMSummary.describes(url) {
      return try DICOMSummary.of(url, series: volume.series, options: volume.readOptions)
    }
    switch try FileKind.of(url) {
    case .picture: return try RadiographSummary(picture: url)
    case .safetensors: return try ModelReader.read(url).summary
    case .json:
      return url.lastPathComponent == DataSet.indexName
        ? DataSetSummary(try DataSet(open: url.deletingLastPathComponent()))
        : try GeometrySummary(url)
    case .other:
      let image = try NIfTI.summary(of: url, options: volume.readOptions)
      if let radiograph = try RadiographSummary(image, of: url) { return radiograph }
      return try VolumeSummary(image, of: url, options: volume)
    }
  }

  /// What `--json` prints: the file, its kind, and the keys of that kind.
  private struct Record: Encodable {
    let file: String
    let summary: any FileSummary

    enum CodingKeys: CodingKey { case file, kind }

    func encode(to encoder: any Encoder) throws {
      try summary.encode(to: encoder)
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(file, forKey: .file)
      try container.encode(summary.kind, forKey: .kind)
    }
  }
}

/// What `spider info` tells of a folder with several CT series: each in words, by its number.
struct SeriesList: FileSummary {
  let series: [String]
  /// Their SeriesInstanceUIDs, in the same order.
  let uids: [String]

  var kind: String { "series" }

  enum CodingKeys: String, CodingKey {
    case series
    case uids = "series_uids"
  }

  var facts: [(name: String, value: String)] {
    series.map { line in
      let parts = line.split(separator: ":", maxSplits: 1)
      return (
        "series \(parts[0])", parts.last.map { $0.trimmingCharacters(in: .whitespaces) } ?? ""
      )
    } + [("note", "a command that needs one takes --series, its number or its UID")]
  }
}

/// What `spider info` tells of a NIfTI file: the file, and whether its numbers are those of a CT.
struct VolumeSummary: FileSummary {
  private let image: NIfTISummary
  private let notes: [String]

  /// Looks at the numbers of a file that holds a volume; those of a slice say nothing, and
  /// those of labels and uncertainty are no CT's.
  init(_ image: NIfTISummary, of url: URL, options: VolumeOptions) throws {
    self.image = image
    guard image.kind == "volume", image.content == nil else {
      notes = []
      return
    }
    var reading = options.readOptions
    // Numbers have no orientation: any will do to look at them.
    if image.orientation == nil { reading.assumeOrientation = .ras }
    let ct = try NIfTI.readVolume(url, options: reading)
    let values = Set(ct.values.prefix(1 << 16))
    let mayBeLabels =
      (image.minimum ?? -1) >= 0 && (image.maximum ?? 256) <= 255
      && values.allSatisfy { $0 == $0.rounded() }
    notes = CTNumbers(ct).notes.map { mayBeLabels ? "unless it is a label map, \($0)" : $0 }
  }

  var kind: String { image.kind }

  var facts: [(name: String, value: String)] { image.facts + notes.map { ("note", $0) } }

  enum CodingKeys: String, CodingKey { case ctNotes = "ct_notes" }

  /// The keys of the file, and `ct_notes`: what a user of it as a CT should know.
  func encode(to encoder: any Encoder) throws {
    try image.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(notes, forKey: .ctNotes)
  }
}
