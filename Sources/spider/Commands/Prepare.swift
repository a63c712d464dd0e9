import ArgumentParser
import Foundation
import SpiderCore
import SpiderIO
import SpiderTraining

struct Prepare: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Turn CTs into a training set; call again to add cases.",
    discussion: """
      Finds the head, places the canonical field of view, removes table and head-holder, and labels \
      bone, brain, air and soft tissue by thresholds where no labels are given.
      Example: spider prepare a.nii.gz b.nii.gz --split test=b --out data
      """)

  @Argument(help: ArgumentHelp("CT volumes (NIfTI, HU).", valueName: "ct")) var cts: [String]
  @Option(help: "Folder with label maps <stem>_labels.nii.gz for the CTs that have one.")
  var labels: String?
  @Option(help: "Label scheme.") var scheme = LabelScheme.head.name
  @Option(help: "Voxels along a side of the canonical grid.") var size = 128
  @Option(help: "Side of the canonical field of view in mm.") var fov = 256.0
  @Option(
    help: ArgumentHelp(
      "Puts a case into a split: train (the default), val or test.", valueName: "split=name"))
  var split: [String] = []
  @Option(parsing: .unconditional, help: "The isocentre: auto, volume or x,y,z in mm.")
  var isocenter = IsocenterArgument.auto
  @Flag(help: "The CTs are phantoms: they are kept apart from real patients.") var phantom = false
  @Option(help: "The data set's folder.") var out: String
  @Flag(help: "Replace cases that exist.") var overwrite = false
  @OptionGroup var volume: VolumeOptions
  @OptionGroup var common: CommonOptions

  func validate() throws {
    guard !cts.isEmpty else { throw ValidationError("give at least one CT") }
    guard scheme == LabelScheme.head.name else {
      throw ValidationError("the scheme '\(scheme)' is not known; only 'head' is so far")
    }
    guard (16...512).contains(size) else { throw ValidationError("--size must be 16 to 512") }
    guard fov >= 32, fov <= 1024 else { throw ValidationError("--fov must be 32 to 1024 mm") }
    _ = try splits()
  }

  private func splits() throws -> [String: DataSetIndex.Split] {
    var splits: [String: DataSetIndex.Split] = [:]
    for text in split {
      let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
      guard parts.count == 2, let split = DataSetIndex.Split(rawValue: parts[0]) else {
        throw ValidationError("--split '\(text)' is not train=NAME, val=NAME or test=NAME")
      }
      splits[parts[1]] = split
    }
    return splits
  }

  func run() throws {
    common.apply()
    let splits = try splits()
    let names = Set(cts.map { URL(fileURLWithPath: $0).stem })
    for name in splits.keys where !names.contains(name) {
      throw ValidationError("--split names '\(name)', which is not among the CTs")
    }
    var dataSet = try DataSet.extending(
      URL(fileURLWithPath: out, isDirectory: true), size: size, fieldOfView: fov)
    let preparation = HeadPreparation(
      size: size, fieldOfView: fov, isocenter: isocenter.choice)
    let progress = ProgressDisplay("prepare")
    for (index, path) in cts.enumerated() {
      let url = URL(fileURLWithPath: path)
      let name = url.stem
      let loaded = try NIfTI.load(url, options: volume.readOptions)
      let given = try labelFile(name).map {
        try NIfTI.readLabels($0, options: volume.readOptions)
      }
      let head: PreparedHead
      do {
        head = try preparation.prepare(loaded.volume, labels: given)
      } catch let error as PreparationError {
        throw CommandFailure("\(url.path): \(error)")
      }
      try dataSet.add(
        head, id: name, patient: name, split: splits[name] ?? .train, isReal: !phantom,
        overwrite: overwrite)
      for note in loaded.notes + head.notes where !phantom { Console.say("\(name): \(note)") }
      progress.update(Double(index + 1) / Double(cts.count))
    }
    if common.json { try Console.printJSON(dataSet.index) }
  }

  private func labelFile(_ name: String) -> URL? {
    guard let labels else { return nil }
    let folder = URL(fileURLWithPath: labels, isDirectory: true)
    return ["nii.gz", "nii"].map { folder.appendingPathComponent("\(name)_labels.\($0)") }
      .first { FileManager.default.fileExists(atPath: $0.path) }
  }
}
