import ArgumentParser
import Foundation
import SpiderAnatomy
import SpiderCore
import SpiderDICOM
import SpiderDRR
import SpiderDataSet
import SpiderEvaluation
import SpiderIO
import SpiderReport
import SpiderSupport
import SpiderTraining

struct Prepare: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Turn CTs into a training set; call again to add cases.",
    discussion: """
      Finds the head, places the canonical field of view, removes table and head-holder, and labels \
      bone, brain, air and soft tissue by thresholds where no labels are given.
      Beside each case it leaves contact.png, to check it by eye, and preparation.json, which says \
      what was decided and why.
      Many CTs are shared out among processes, on whatever machines: each is given all of them and a \
      shard of its own, and --merge joins what they made to what one process makes.
      Examples: spider prepare a.nii.gz b.nii.gz --split test=b --out data
                spider prepare cts/*.nii.gz --shard 2/8 --out parts
                spider prepare --merge parts --out data
      """)

  @Argument(
    help: ArgumentHelp(
      "CT volumes in HU: NIfTI files, or folders of a DICOM series.", valueName: "ct")) var cts:
    [String] = []
  @Option(help: "Folder with label maps <stem>_labels.nii.gz for the CTs that have one.")
  var labels: String?
  @Option(
    help: ArgumentHelp(
      "Whose label maps they are: spider (the scheme's own values), totalsegmentator, "
        + "totalsegmentator:TASK or a JSON file with names of values.", valueName: "names"))
  var labelNames = "spider"
  @Option(help: ArgumentHelp("Label scheme: head or a JSON file.", valueName: "scheme"))
  var scheme = LabelScheme.head.name
  @Option(
    help: "Voxels along a side of the canonical grid (default: 128).", transform: CubeSize.read)
  var size = 128
  @Option(
    help: "Side of the canonical field of view in mm (default: 256).",
    transform: { try RealNumber.read($0, "a length in mm, as 256") })
  var fov = 256.0
  @Option(
    help: ArgumentHelp(
      "Puts a case into a split: train (the default), val or test.", valueName: "split=name"))
  var split: [String] = []
  @Option(
    help: ArgumentHelp(
      "Says whose scan a case is, where a patient has several: all of them are in one split.",
      valueName: "name=patient"))
  var patient: [String] = []
  @Option(
    parsing: .unconditional, help: "The isocentre: auto, volume or x,y,z in mm (default: auto).",
    transform: IsocenterArgument.read)
  var isocenter = IsocenterArgument.auto
  @Flag(help: "The CTs are phantoms: they are kept apart from real patients.") var phantom = false
  @Option(
    help: ArgumentHelp(
      "Prepare one part of the CTs only, those of shard i of n (from 1/n to n/n), into the folder "
        + "shard-i-of-n of --out. Asked for again, it goes on where it was stopped.",
      valueName: "i/n"))
  var shard: String?
  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Join all shards of a preparation: the folders that they are in, or the one that they share.",
      valueName: "folder"))
  var merge: [String] = []
  @Option(help: "The data set's folder.") var out: String
  @Flag(help: "Replace cases that exist.") var overwrite = false
  @OptionGroup var volume: VolumeOptions
  @OptionGroup var common: CommonOptions

  func validate() throws {
    guard merge.isEmpty else {
      let isPlain =
        cts.isEmpty && shard == nil && labels == nil && split.isEmpty && patient.isEmpty && !phantom
        && size == 128 && fov == 256 && scheme == LabelScheme.head.name && labelNames == "spider"
        && isocenter.choice == .auto
      guard isPlain else {
        throw ValidationError(
          "--merge joins what shards have prepared, as they were told to; beside it give --out, and "
            + "no CT and no setting of a preparation")
      }
      return
    }
    guard !cts.isEmpty else { throw ValidationError("give at least one CT") }
    _ = try ShardArgument.shard(shard)
    guard scheme == LabelScheme.head.name || scheme.hasSuffix(".json") else {
      throw ValidationError(
        "the scheme '\(scheme)' is not known; give 'head' or a file that ends in .json")
    }
    guard (16...512).contains(size) else {
      throw ValidationError("--size is \(size); it must be 16 to 512")
    }
    guard fov >= 32, fov <= 1024 else {
      throw ValidationError("--fov is \(fov); it must be 32 to 1024 mm")
    }
    _ = try splits()
    _ = try patients()
  }

  /// The patients of the cases that are not called like them.
  private func patients() throws -> [String: String] {
    var patients: [String: String] = [:]
    for text in patient {
      let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
      guard parts.count == 2 else {
        throw ValidationError("--patient '\(text)' is not NAME=PATIENT")
      }
      patients[parts[0]] = parts[1]
    }
    return patients
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
    guard merge.isEmpty else { return try join() }
    let scans = try scans()
    guard
      size * size * size
        <= volume.limits.voxels(bytesEach: MemoryLimits.bytesPerPreparedVoxel)
    else {
      throw CommandFailure(
        "--size \(size): the canonical grid has more voxels than --max-voxels and --max-memory allow; "
          + "choose a smaller one, or raise them")
    }
    let scheme = try LabelArguments.scheme(self.scheme)
    var preparation = DataSetPreparation(
      HeadPreparation(
        size: size, fieldOfView: fov, isocenter: isocenter.choice, scheme: scheme))
    preparation.labelNames = try LabelArguments.names(labelNames, for: scheme)
    preparation.isReal = !phantom
    preparation.replacesCases = overwrite
    preparation.readOptions = volume.readOptions
    let series = volume.series
    preparation.readVolume = { try VolumeSource.load($0, series: series, options: $1) }
    preparation.furtherSettings["DICOM series"] = series ?? "the only one"
    let progress = ProgressDisplay("prepare")
    let folder = URL(fileURLWithPath: out, isDirectory: true)
    let attachments: DataSetPreparation.Attachments = { scan, ct, head in
      try PreparedCaseFiles(head: head, scan: ct, name: scan.name, scheme: scheme).attachments()
    }
    let dataSet: DataSet
    if let shard = try ShardArgument.shard(shard) {
      dataSet = try preparation.add(
        shard, of: scans, to: folder, attachments: attachments, report: { say($0, progress) })
      let count = dataSet.index.cases.count
      Console.say(
        "shard \(shard): \(count == 0 ? "no case" : "\(count)") of \(counted(scans.count, "case")), in "
          + dataSet.url.path)
    } else {
      dataSet = try preparation.add(
        scans, to: folder, attachments: attachments, report: { say($0, progress) })
    }
    if common.json { try Console.printJSON(dataSet.index) }
  }

  /// Joins the shards of a preparation.
  private func join() throws {
    let progress = ProgressDisplay("merge")
    let dataSet: DataSet
    do {
      dataSet = try DataSet.merging(
        merge.map { URL(fileURLWithPath: $0, isDirectory: true) },
        into: URL(fileURLWithPath: out, isDirectory: true), replacesCases: overwrite,
        progress: { progress.update($0) })
    } catch {
      guard case FileError.unsupported = error as any Error else { throw error }
      throw CommandFailure(
        "\(error)\nHint: spider prepare --shard i/n --out FOLDER makes a shard in it")
    }
    Console.say("\(counted(dataSet.index.cases.count, "case")) in \(out)")
    if common.json { try Console.printJSON(dataSet.index) }
  }

  private func say(_ event: DataSetPreparation.Event, _ progress: ProgressDisplay) {
    let name = event.scan.name
    // Of phantoms only what the reader noted is worth saying.
    if event.stage != .prepared || !phantom {
      for note in event.notes { Console.say("\(name): \(note)") }
    }
    if event.stage == .read, let labels, event.scan.labels == nil {
      Console.say(
        "\(name): there is no \(name)_labels.nii.gz in \(labels); it is labelled by thresholds")
    }
    progress.update(event.share)
  }

  /// The CTs with what the options say of each.
  private func scans() throws -> [DataSetPreparation.Scan] {
    let (splits, patients) = (try splits(), try patients())
    let files = cts.map { URL(fileURLWithPath: $0) }
    let names = Set(files.map(\.stem))
    for name in splits.keys where !names.contains(name) {
      throw ValidationError("--split names '\(name)', which is not among the CTs")
    }
    for name in patients.keys where !names.contains(name) {
      throw ValidationError("--patient names '\(name)', which is not among the CTs")
    }
    if let labels, !URL(fileURLWithPath: labels).isFolder {
      throw CommandFailure("\(labels): there is no such folder of label maps; check --labels")
    }
    return files.map { file in
      let name = file.stem
      return DataSetPreparation.Scan(
        ct: file, labels: labelFile(name), name: name, patient: patients[name],
        split: splits[name] ?? .train)
    }
  }

  private func labelFile(_ name: String) -> URL? {
    guard let labels else { return nil }
    let folder = URL(fileURLWithPath: labels, isDirectory: true)
    return ["nii.gz", "nii"].map { folder.appendingPathComponent("\(name)_labels.\($0)") }
      .first { FileManager.default.fileExists(atPath: $0.path) }
  }
}

/// What is written beside a prepared case for people: a contact sheet and what was decided.
struct PreparedCaseFiles {
  let head: PreparedHead
  let scan: Volume
  let name: String
  let scheme: LabelScheme

  func attachments() throws -> [String: Data] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return [
      "preparation.json": try encoder.encode(head.report),
      "contact.png": try sheet().render().png,
    ]
  }

  private func sheet() throws -> ContactSheet {
    let exit = TruncatedTissue(ct: head.ct, labels: head.labels)
    let attenuation = Attenuation.standard.attenuation(of: head.ct)
    let setup = ViewSetup()
    let panels = try [NamedView.pa, .left].map { view in
      let geometry = try setup.geometry(of: view, isocenter: head.isocenter)
      let values = JosephProjector().forward(attenuation, geometry)
      let radiograph = Radiograph(
        geometry: geometry, values: values, mask: exit.mask(geometry, grid: head.ct.grid))
      return RadiographFigure.Panel(title: view.description, radiograph: radiograph)
    }
    return ContactSheet(
      scan: scan, ct: head.ct, labels: head.labels, scheme: scheme, radiographs: panels,
      title: name, notes: head.notes)
  }
}
