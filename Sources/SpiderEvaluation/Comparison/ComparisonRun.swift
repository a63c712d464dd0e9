import Foundation
import SpiderCore
import SpiderDataSet
import SpiderIO
import SpiderSupport

/// Scores methods one after the other on the patients of a data set. With a folder, every finished part
/// is kept there, and a comparison that was interrupted goes on where it stopped.
public struct ComparisonRun {
  /// A volume that is shown.
  public struct Shown {
    /// The patient.
    public var id: String
    /// The truth, HU.
    public var truth: Volume
    /// Each method's answer, by the order of the methods.
    public var answers: [(name: String, ct: Volume)]
  }

  private let dataSet: DataSet
  private let split: DataSetIndex.Split
  private let size: Int
  private let parts: URL?
  private let entries: [DataSetIndex.Entry]
  /// The patients that are shown in pictures.
  private let shown: [DataSetIndex.Entry]

  /// Plans a comparison.
  ///
  /// - Parameters:
  ///   - folder: where finished parts are kept; nil keeps none.
  ///   - pictures: how many patients to show at most; real ones come first.
  /// - Throws: ``/SpiderDataSet/DataSetError/noCases(split:dataSet:)`` when the split is empty.
  public init(
    _ dataSet: DataSet, split: DataSetIndex.Split, size: Int, folder: URL?, pictures: Int
  ) throws {
    self.dataSet = dataSet
    self.split = split
    self.size = size
    parts = folder?.appendingPathComponent("parts", isDirectory: true)
    entries = dataSet.entries(split)
    guard !entries.isEmpty else {
      throw DataSetError.noCases(split: split.rawValue, dataSet: dataSet.url.path)
    }
    let ordered = entries.filter(\.isReal) + entries.filter { !$0.isReal }
    // At least one of each kind.
    let some = Array(ordered.prefix(max(0, pictures - 1))) + [ordered[ordered.count - 1]]
    var seen = Set<String>()
    shown = pictures == 0 ? [] : some.filter { seen.insert($0.id).inserted }
  }

  /// Scores all methods, undisturbed and, on demand, under every disturbance.
  ///
  /// - Parameter progress: called after every patient with the share of the work that is done.
  public func callAsFunction(
    _ methods: [ComparedMethod], disturbances: [XRayDisturbance],
    progress: (Double) -> Void = { _ in }
  ) throws -> (comparison: Comparison, shown: [Shown]) {
    var shownCases = try shown.map {
      Shown(id: $0.id, truth: try truth(of: $0), answers: [])
    }
    let all = [XRayDisturbance.none] + disturbances
    let total = Double(methods.count * all.count * entries.count)
    var done = 0.0
    var scores = [[MethodScore]](repeating: [], count: all.count)
    for method in methods {
      // Loaded when a part is missing, and forgotten before the next one's turn.
      var loaded: (any ReconstructionModel)?
      for (index, disturbance) in all.enumerated() {
        let part = try part(of: method, disturbance, &loaded) {
          done += 1
          progress(done / total)
        }
        done = Double(Int(done / Double(entries.count) + 0.5) * entries.count)
        scores[index].append(part.score(method, real: realIDs))
        guard disturbance == .none else { continue }
        for place in shownCases.indices {
          let volume = try answer(of: method, shownCases[place].id, part, &loaded)
          shownCases[place].answers.append((method.name, volume))
        }
      }
    }
    let robustness = zip(all, scores).dropFirst().map {
      Comparison.Robustness(disturbance: $0.name, models: $1)
    }
    return (
      Comparison(
        scores[0], robustness: robustness,
        trivial: Set(methods.filter(\.isTrivial).map(\.name)), cases: entries, split: split,
        size: size), shownCases
    )
  }

  private var realIDs: Set<String> { Set(entries.filter(\.isReal).map(\.id)) }

  /// The patient's true CT as it is compared with.
  private func truth(of entry: DataSetIndex.Entry) throws -> Volume {
    try dataSet.load(entry).ct.resampled(
      onto: .canonical(size: size, side: dataSet.index.fieldOfView), outside: -1000)
  }

  /// What one method did under one disturbance.
  private struct Part: Codable {
    var fingerprint: String
    var cases: [CaseMetrics]
    var seconds: Double
    var peakMemory: Int?

    func score(_ method: ComparedMethod, real: Set<String>) -> MethodScore {
      MethodScore(
        name: method.name, cases: cases, real: real, seconds: seconds, peakMemory: peakMemory,
        curve: method.curve)
    }
  }

  private func part(
    of method: ComparedMethod, _ disturbance: XRayDisturbance,
    _ loaded: inout (any ReconstructionModel)?, finished: () -> Void
  ) throws -> Part {
    let fingerprint = try Checksum.of(
      encoding: [
        method.fingerprint, disturbance.name, split.rawValue, "\(size)",
        "\(dataSet.index.fieldOfView)",
      ] + entries.flatMap { [$0.id] + $0.checksums.sorted { $0.key < $1.key }.map(\.value) })
    let file = parts?.appendingPathComponent("\(method.name), \(disturbance.name).json")
    if let file, let data = try? Data(contentsOf: file),
      let part = try? JSONDecoder().decode(Part.self, from: data), part.fingerprint == fingerprint
    {
      return part
    }
    let subject = try loaded ?? method.load()
    loaded = subject
    PeakMemory.reset()
    var scorer = ModelScorer(
      subject, size: size, fieldOfView: dataSet.index.fieldOfView,
      surfaces: disturbance == .none)
    scorer.disturbance = disturbance
    var part = Part(fingerprint: fingerprint, cases: [], seconds: 0, peakMemory: nil)
    for entry in entries {
      let outcome = try scorer.outcome(for: dataSet.patient(entry))
      part.cases.append(outcome.metrics)
      part.seconds += outcome.seconds / Double(entries.count)
      if disturbance == .none, shown.contains(entry), let parts {
        try keep(outcome.ct, volumeFile(of: method, entry.id, part, parts))
      }
      finished()
    }
    part.peakMemory = PeakMemory.bytes
    if let file {
      try AtomicFile.write(
        try JSONEncoder().encode(part), to: file, overwrite: true, createFolders: true)
    }
    return part
  }

  /// Where a method's volume of a patient is kept. The part's fingerprint is in its name: an earlier
  /// method of the same name may have left another.
  private func volumeFile(
    of method: ComparedMethod, _ id: String, _ part: Part, _ parts: URL
  ) -> URL {
    let hash = part.fingerprint.drop { $0 != ":" }.dropFirst()
    return parts.appendingPathComponent("\(method.name), \(id), \(hash).nii.gz")
  }

  private func keep(_ volume: Volume, _ file: URL) throws {
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try NIfTI.write(volume, to: file, datatype: .int16, overwrite: true)
  }

  /// A method's volume of a patient that is shown: as kept, else made again.
  private func answer(
    of method: ComparedMethod, _ id: String, _ part: Part,
    _ loaded: inout (any ReconstructionModel)?
  ) throws -> Volume {
    let file = parts.map { volumeFile(of: method, id, part, $0) }
    if let file, let kept = try? NIfTI.readVolume(file) { return kept }
    guard let entry = shown.first(where: { $0.id == id }) else {
      preconditionFailure("'\(id)' is not shown")
    }
    let subject = try loaded ?? method.load()
    loaded = subject
    let volume = try ModelScorer(subject, size: size, fieldOfView: dataSet.index.fieldOfView)
      .outcome(for: dataSet.patient(entry)).ct
    guard let file else { return volume }
    try keep(volume, file)
    return try NIfTI.readVolume(file)
  }
}

/// A method that is compared: its name, and how it is had when its turn comes.
public struct ComparedMethod: Sendable {
  /// What a comparison calls it.
  public let name: String
  /// Whether it is one of the trivial baselines, which every other must beat.
  public let isTrivial: Bool
  /// How its training went, where that is known.
  public let curve: LearningCurve?
  /// A text that changes with the method: results kept from an interrupted comparison are those of the
  /// same one.
  let fingerprint: String
  package let load: @Sendable () throws -> any ReconstructionModel

  /// A model file. Where it lies in the folder of its run, the run's log is read too.
  ///
  /// - Throws: ``/SpiderIO/FileError`` when it holds no model.
  public init(name: String, model url: URL) throws {
    self.name = name
    isTrivial = false
    curve = LearningCurve(
      log: url.deletingLastPathComponent().appendingPathComponent(LearningCurve.logName))
    // Found out now whether it can be used, not after hours.
    _ = try ModelReader.read(url)
    fingerprint = Checksum.of(try Data(contentsOf: url))
    load = { try ModelReader.read(url) }
  }

  private init(trivial name: String, load: @escaping @Sendable () throws -> any ReconstructionModel)
  {
    self.name = name
    isTrivial = true
    curve = nil
    fingerprint = name
    self.load = load
  }

  /// The trivial baselines of a data set: `mean-volume`, `two-view` and `nearest-case`.
  public static func trivial(_ dataSet: DataSet) -> [ComparedMethod] {
    [
      ComparedMethod(trivial: "mean-volume") {
        MeanVolumeBaseline(try dataSet.meanTrainingVolume())
      },
      ComparedMethod(trivial: "two-view") { SIRTBaseline() },
      ComparedMethod(trivial: "nearest-case") { try NearestCase(dataSet) },
    ]
  }
}
