import Foundation
import SpiderAnatomy
import SpiderCore
import SpiderDRR
import SpiderDataSet
import SpiderIO
import SpiderPhantom
import SpiderTestSupport
import SpiderTraining
import Synchronization
import Testing

/// From CT files to a trained network, by the libraries that the commands are made of.
@Suite struct TrainingSessionTests {
  private let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  private static let settings = """
    model:
      architecture: {encoderWidths: [4, 8], featuresPerView: 4, hiddenWidths: [8]}
      setup: {columns: 16, rows: 16, pixelSize: [28.8, 28.8]}
    patientsPerStep: 1
    sampling: {count: 64}
    steps: 5
    validationSize: 16
    """

  private func scans(_ names: String...) throws -> [DataSetPreparation.Scan] {
    try names.enumerated().map { index, name in
      let (ct, labels) = (folder["\(name).nii.gz"], folder["\(name)_labels.nii.gz"])
      let head = HeadPhantom(seed: UInt64(index + 1)).render(on: .canonical(size: 24))
      try NIfTI.write(head.ct, to: ct, overwrite: true)
      try NIfTI.write(head.labels, to: labels, overwrite: true)
      return DataSetPreparation.Scan(
        ct: ct, labels: labels, name: name, split: index == 0 ? .train : .val)
    }
  }

  private func preparation() -> DataSetPreparation {
    var preparation = DataSetPreparation(
      HeadPreparation(size: 24, isocenter: .point(.zero)))
    preparation.isReal = false
    return preparation
  }

  private func dataSet() throws -> DataSet {
    try preparation().add(scans("one", "two"), to: folder["data"])
  }

  private func file() throws -> String {
    let file = folder["settings.yaml"]
    try Data(Self.settings.utf8).write(to: file)
    return file.path
  }

  // MARK: Preparation

  @Test func eachStageOfEachScanIsTold() throws {
    var told: [String] = []
    var shares: [Double] = []
    let dataSet = try preparation().add(
      scans("one", "two"), to: folder["data"],
      attachments: { scan, ct, head in
        #expect(ct.grid.nx == 24 && head.labelSource == "given")
        return ["note.txt": Data(scan.name.utf8)]
      },
      report: { event in
        told.append("\(event.scan.name) \(event.stage)")
        shares.append(event.share)
      })
    #expect(
      told
        == ["one", "two"].flatMap { name in
          ["read", "prepared", "added"].map { "\(name) \($0)" }
        })
    #expect(shares == shares.sorted() && shares.last == 1)
    #expect(dataSet.index.cases.map(\.id) == ["one", "two"])
    #expect(dataSet.index.cases.map(\.split) == [.train, .val])
    #expect(try DataSet(open: folder["data"]).index == dataSet.index)
    let note = dataSet.folder(of: dataSet.index.cases[1]).appendingPathComponent("note.txt")
    #expect(try Data(contentsOf: note) == Data("two".utf8))
  }

  /// Found before any work, and nothing written.
  @Test func scansThatCannotAllBeCasesAreRefusedFirst() throws {
    var scans = try scans("one", "two")
    scans[1].name = "one"
    #expect(throws: DataSetError.sameName("one", scans[0].ct, scans[1].ct)) {
      try preparation().add(scans, to: folder["data"])
    }
    scans[1].name = "a/b"
    #expect(throws: FileError.self) { try preparation().add(scans, to: folder["data"]) }
    #expect(!FileManager.default.fileExists(atPath: folder["data"].path))
  }

  // MARK: Sessions

  @Test func optionsTakeThePlaceOfSettings() throws {
    let dataSet = try dataSet()
    var options = TrainingSession.Options()
    options.configuration = try file()
    (options.steps, options.seed) = (2, 9)
    let run = RunFolder(folder["run"])
    let session = try TrainingSession(options, dataSet: dataSet, folder: run)
    #expect(session.configuration.steps == 2 && session.configuration.seed == 9)
    #expect(session.validation.count == 1)
    #expect(!FileManager.default.fileExists(atPath: run.url.path), "planning writes nothing")
    let steps = Mutex<[Int]>([])
    let outcome = try session.run { event in
      if case .line(let line) = event { steps.withLock { $0.append(line.step) } }
    }
    #expect(!outcome.isStopped && outcome.state.step == 2 && steps.withLock { $0 } == [2])

    // Going on under the run's own configuration, for longer.
    options.configuration = nil
    (options.steps, options.seed, options.resumes) = (3, nil, true)
    let longer = try TrainingSession(options, dataSet: dataSet, folder: run)
    #expect(longer.configuration.seed == 9)
    #expect(try longer.run().state.step == 3)
    options.network = .perX2CT
    #expect(throws: TrainingError.otherNetwork(found: "spider", asked: "perx2ct")) {
      try TrainingSession(options, dataSet: dataSet, folder: run)
    }
  }

  @Test func theNetworkIsThatOfTheConfiguration() throws {
    let dataSet = try dataSet()
    for network in TrainableNetwork.all {
      for preset in network.presets {
        var options = TrainingSession.Options()
        options.configuration = preset.rawValue
        // Nothing of it is taken here, and the published widths need more than some machines have.
        options.stepMemoryLimit = .max
        let session = try TrainingSession(
          options, dataSet: dataSet, folder: RunFolder(folder["run"]))
        #expect(
          type(of: session.configuration) == type(of: preset.configuration),
          "\(preset.rawValue)")
      }
    }
    var options = TrainingSession.Options()
    options.stepMemoryLimit = .max
    options.network = .x2ctGAN
    options.configuration = "standard"
    #expect(throws: TrainingError.otherNetwork(found: "spider", asked: "x2ct-gan")) {
      try TrainingSession(options, dataSet: dataSet, folder: RunFolder(folder["run"]))
    }
    options.configuration = nil
    options.startingModel = folder["model.safetensors"]
    #expect(throws: TrainingError.alwaysNew(network: "X2CT-GAN")) {
      try TrainingSession(options, dataSet: dataSet, folder: RunFolder(folder["run"]))
    }
    options.configuration = "nothing"
    #expect(
      throws: TrainingError.noSuchConfiguration(
        "nothing", network: "x2ct-gan", presets: ["x2ct-gan", "x2ct-gan-small"])
    ) { try TrainingSession(options, dataSet: dataSet, folder: RunFolder(folder["run"])) }
  }

  /// The folder of a run that was begun when there was no such setting yet, which its record has as it was then.
  private func begun(_ former: TrainingConfiguration, without line: String) throws -> RunFolder {
    let run = RunFolder(folder["run"])
    try FileManager.default.createDirectory(at: run.url, withIntermediateDirectories: true)
    let yaml = try former.yaml()
    #expect(yaml.contains(line))
    try yaml.replacing(line, with: "").write(
      to: run.configuration, atomically: true, encoding: .utf8)
    let record = try TrainableNetwork.spider.readRecord(run.configuration)
    #expect(record as? TrainingConfiguration == former)
    return run
  }

  /// A run that was begun before points without a label could teach anything goes on as it began; a new one does not.
  @Test func aFormerRunIgnoresUnlabelledPoints() throws {
    var former = TrainingConfiguration()
    former.unlabelled = .ignored
    let run = try begun(former, without: "unlabelled: ignored\n")
    let file = try TrainableNetwork.spider.read(run.configuration)
    #expect((file as? TrainingConfiguration)?.unlabelled == .ctNumber)
    // Its checkpoints know it by a checksum that has no such setting.
    #expect(try former.fingerprint() != TrainingConfiguration().fingerprint())
  }

  /// A run that was begun before weights could tune themselves keeps its own; a new one tunes them, but for the paper's.
  @Test func aFormerRunKeepsItsWeights() throws {
    var former = TrainingConfiguration()
    former.lossBalance = .fixed
    let run = try begun(former, without: "lossBalance: fixed\n")
    let file = try TrainableNetwork.spider.read(run.configuration)
    #expect((file as? TrainingConfiguration)?.lossBalance == .uncertainty)
    for preset in Preset.allCases {
      #expect(
        preset.configuration.lossBalance == (preset == .paper ? .fixed : .uncertainty),
        "\(preset.rawValue)")
    }
  }

  /// The same before there were films; the checksum is that of version 0.2.0 for what it trained.
  @Test func aFormerRunMakesNoFilms() throws {
    let run = RunFolder(folder["run"])
    try FileManager.default.createDirectory(at: run.url, withIntermediateDirectories: true)
    var former = TrainingConfiguration()
    former.augmentation.physics.filmShare = 0
    former.lossBalance = .fixed
    let lines = try former.yaml().split(separator: "\n", omittingEmptySubsequences: false)
    var (text, isFilm) = ("", false)
    for line in lines {
      // A range's ends are items of a list below its key.
      isFilm = line.hasPrefix("    film") || isFilm && line.hasPrefix("    - ")
      if !isFilm { text += line + "\n" }
    }
    #expect(!text.contains("film"))
    try text.write(to: run.configuration, atomically: true, encoding: .utf8)
    let record = try TrainableNetwork.spider.readRecord(run.configuration)
    #expect(record as? TrainingConfiguration == former)
    let file = try TrainableNetwork.spider.read(run.configuration)
    #expect(file.augmentation.physics.filmShare == RadiographRandomization().filmShare)
    #expect(try former.fingerprint() == "fnv1a64:a353834f33738908")
    (former.augmentation.physics.filmContour, former.augmentation.physics.filmShare) = (0...5, -0.0)
    #expect(
      try former.fingerprint() == "fnv1a64:a353834f33738908",
      "without films their ranges do not matter")
    #expect(try former.fingerprint() != TrainingConfiguration().fingerprint())
  }

  /// What a run of a scheme with ranges records can be read again.
  @Test func aSchemeWithRangesIsReadBack() throws {
    var configuration = TrainingConfiguration()
    configuration.model.scheme = LabelScheme(
      name: "thorax", classes: ["background", "lung", "ribs"], bone: ["ribs"],
      ranges: [LabelRange(label: "ribs", from: 300), LabelRange(label: "lung", below: -500)])
    configuration.model.architecture.classes = 3
    let file = folder["thorax.yaml"]
    try configuration.yaml().write(to: file, atomically: true, encoding: .utf8)
    #expect(try TrainingConfiguration.read(file) == configuration)
  }

  @Test(arguments: [
    ("gamma: [0.8, 1.2, 7]", "a list of 3; it must be one of 2"),
    ("filmToe: [0.1, 0.05]", "the smaller one first"), ("filmToe: [.nan, 0.05]", "two numbers"),
    ("filmTexture: [0, 9]", "filmTexture is 0.0...9.0"),
  ])
  func rangesThatCannotBeAreNamed(_ line: String, _ words: String) throws {
    let file = folder["wrong.yaml"]
    try "augmentation: {physics: {\(line)}}".write(to: file, atomically: true, encoding: .utf8)
    let error = #expect(throws: FileError.self) { try TrainingConfiguration.read(file) }
    let found = error.map { "\($0)" } ?? ""
    let key = String(line.prefix { $0 != ":" })
    #expect(found.contains(words) && found.contains(key), "\(found)")
  }

  @Test func aValueThatIsNoneNamesThoseThereAre() throws {
    let file = folder["wrong.yaml"]
    try "unlabelled: CTNumber".write(to: file, atomically: true, encoding: .utf8)
    let error = #expect(throws: FileError.self) { try TrainingConfiguration.read(file) }
    let words = error.map { "\($0)" } ?? ""
    #expect(words.contains("unlabelled") && words.contains("ctNumber, ignored"), "\(words)")
  }

  /// Libraries do not know the options of the command.
  @Test func errorsNameNoOptions() {
    let url = folder["run"]
    let errors: [any Error] = [
      TrainingError.diverged(Divergence(step: 1)), TrainingError.badConfiguration("it is odd"),
      TrainingError.noSuchConfiguration("a", network: "b", presets: ["c"]),
      TrainingError.otherNetwork(found: "a", asked: "b"), TrainingError.alwaysNew(network: "a"),
      TrainingError.runExists(url), TrainingError.nothingToResume(url),
      TrainingError.otherRun(url, what: "data set"), TrainingError.runLocked(url),
      TrainingError.otherWish(url, what: "seed", stated: "1", asked: "2"),
      TrainingError.tooLarge(needed: 9, limit: 1, what: "the network's weights"),
      DataSetError.noCases(split: "val", dataSet: "data"),
      DataSetError.damagedCases(.missing(url), case: "a", others: 1),
      DataSetError.sameName("a", url, url), DataSetError.notPrepared(url, .noPatient),
    ]
    for error in errors { #expect(!"\(error)".contains("--"), "\(error)") }
  }
}
