import Foundation
import SpiderAnatomy
import SpiderCore
import SpiderIO

/// A preparation of CTs into cases of a data set: reads each, finds and labels the head, adds it.
///
/// All that can be known before the work (names, splits, the data set's grid) is checked before it. Cases
/// are added one by one, so whatever ends the work early leaves those before it.
public struct DataSetPreparation: Sendable {
  /// A CT that is to become a case.
  public struct Scan: Sendable {
    /// The CT in HU, of a kind that ``DataSetPreparation/readVolume`` reads.
    public var ct: URL
    /// Its label map; nil: labelled automatically.
    public var labels: URL?
    /// The case's name.
    public var name: String
    /// The patient it is of.
    public var patient: String
    /// The split it serves.
    public var split: DataSetIndex.Split

    /// States a scan; the patient is called like the case unless a name is given.
    public init(
      ct: URL, labels: URL? = nil, name: String, patient: String? = nil,
      split: DataSetIndex.Split = .train
    ) {
      self.ct = ct
      self.labels = labels
      self.name = name
      self.patient = patient ?? name
      self.split = split
    }

    /// The size of the CT's file, or of the files of its folder; 0 where there is none.
    var bytes: Int {
      let files =
        ct.isFolder
        ? (FileManager.default.enumerator(atPath: ct.path)?.compactMap {
          ($0 as? String).map { ct.appendingPathComponent($0) }
        } ?? []) : [ct]
      return files.reduce(0) { sum, file in
        sum
          + ((try? file.resolvingSymlinksInPath().resourceValues(forKeys: [.fileSizeKey]))?.fileSize
            ?? 0)
      }
    }
  }

  /// A step of the work on a scan.
  public enum Stage: Sendable {
    /// CT and labels are in memory; the notes are the file reader's.
    case read
    /// The head is prepared; the notes say what was decided.
    case prepared
    /// The case is part of the data set.
    case added
  }

  /// A report of the work, one a stage of each scan.
  public struct Event: Sendable {
    /// The scan.
    public let scan: Scan
    /// The stage that is done.
    public let stage: Stage
    /// Findings, in words.
    public let notes: [String]
    /// The share of the whole work that is done, 0 to 1.
    public let share: Double
  }

  /// Makes more files for the folder of a case, by name.
  public typealias Attachments = (
    _ scan: Scan, _ ct: Volume, _ head: PreparedHead
  ) throws -> [String: Data]

  /// Grid, isocentre and scheme of all cases.
  public var head: HeadPreparation
  /// The meaning of the values of label maps; nil: they are the scheme's own.
  public var labelNames: LabelNames?
  /// Whether the CTs are of real patients and not of phantoms.
  public var isReal = true
  /// Whether cases that exist are replaced.
  public var replacesCases = false
  /// The options for reading CTs and label maps.
  public var readOptions = NIfTIReadOptions()
  /// Whatever else changes what a case becomes, such as options of ``readVolume``: shards of one preparation must have
  /// the same.
  public var furtherSettings: [String: String] = [:]
  /// The reader of CTs; NIfTI unless another one is given, such as that of SpiderDICOM.
  public var readVolume: @Sendable (URL, NIfTIReadOptions) throws -> LoadedVolume = {
    try NIfTI.load($0, options: $1)
  }

  /// A preparation of real patients that replaces nothing.
  public init(_ head: HeadPreparation) { self.head = head }

  /// Prepares scans and adds them to the data set of a folder, which is made when it is not there.
  ///
  /// - Throws: ``/SpiderIO/FileError`` or ``DataSetError``; the cases before stay added.
  public func add(
    _ scans: [Scan], to folder: URL, attachments: Attachments = { _, _, _ in [:] },
    report: (Event) -> Void = { _ in }
  ) throws -> DataSet {
    try checkNames(scans)
    try checkPatients(scans)
    var dataSet = try DataSet.extending(
      folder, size: head.size, fieldOfView: head.fieldOfView, scheme: head.scheme)
    for scan in scans.sorted(by: { $0.name < $1.name }) {
      try dataSet.checkNew(scan.name, overwrite: replacesCases)
      try dataSet.checkSplit(of: scan.patient, scan.split, besides: scan.name)
    }
    try add(scans, to: &dataSet, attachments: attachments, report: report)
    return dataSet
  }

  /// The data set of a shard, to go on with, or an empty one.
  private func opened(_ shard: Shard, in place: URL) throws(FileError) -> DataSet {
    do {
      return try DataSet.extending(
        place, size: head.size, fieldOfView: head.fieldOfView, scheme: head.scheme)
    } catch {
      guard case .corrupt = error else { throw error }
      throw ShardPlan.lost(error.url, error.fault, shard, in: place)
    }
  }

  /// Prepares a shard of scans: its part of them, into a data set of its own in a folder that all shards may share, and
  /// be at work in at once. ``DataSet/merging(_:into:replacesCases:progress:)`` makes of all of them the data set that
  /// one preparation makes, to the bit.
  ///
  /// A shard that was stopped goes on, where it is asked for the same again, with the scans that it lacks or whose files
  /// are damaged.
  ///
  /// - Parameter scans: those of all shards.
  /// - Returns: the shard's data set, without a case where it has none.
  /// - Throws: ``/SpiderIO/FileError`` or ``DataSetError``; the cases before stay added.
  public func add(
    _ shard: Shard, of scans: [Scan], to folder: URL,
    attachments: Attachments = { _, _, _ in [:] }, report: (Event) -> Void = { _ in }
  ) throws -> DataSet {
    try checkNames(scans)
    try checkPatients(scans)
    let place = ShardPlan.folder(of: shard, in: folder)
    var dataSet = try opened(shard, in: place)
    for scan in scans { try dataSet.checkNew(scan.name, overwrite: true) }
    try plan(shard, of: scans).begin(in: place)
    let names = Set(shard.part(of: scans.map(\.name)))
    let damaged = Dictionary(
      uniqueKeysWithValues: dataSet.damagedCases(thoroughly: true).map { ($0.entry.id, $0.fault) })
    let present = Set(dataSet.index.cases.map(\.id)).subtracting(damaged.keys)
    let own = scans.filter {
      names.contains($0.name) && (replacesCases || !present.contains($0.name))
    }
    try add(
      own.sorted { $0.name < $1.name }, to: &dataSet, replacing: damaged, attachments: attachments,
      report: report)
    return dataSet
  }

  /// What all shards of these scans must agree about.
  private func plan(_ shard: Shard, of scans: [Scan]) throws -> ShardPlan {
    let isocenter =
      switch head.isocenter {
      case .auto: "auto"
      case .volume: "volume"
      case .point(let point): "\(point.x),\(point.y),\(point.z) mm"
      }
    let settings = [
      "size": "\(head.size)", "field of view": "\(head.fieldOfView) mm", "isocentre": isocenter,
      "scheme": "\(head.scheme.name) (\(try Checksum.of(encoding: head.scheme)))",
      "names of labels": try labelNames.map { try Checksum.of(encoding: $0) } ?? "the scheme's own",
      "kind of patient": isReal ? "real" : "phantom",
      "assumed orientation": readOptions.assumeOrientation.map { "\($0)" } ?? "none",
      "labeller's version": "\(AutomaticLabeller.version)", "version": SpiderRelease.version,
    ]
    return ShardPlan(
      shard: shard, settings: settings.merging(furtherSettings) { $1 },
      scans: scans.map {
        ShardPlan.Scan(
          id: $0.name, patient: $0.patient, split: $0.split, hasLabels: $0.labels != nil,
          bytes: $0.bytes)
      })
  }

  /// - Parameter damaged: cases that are replaced in any case, each with its fault.
  private func add(
    _ scans: [Scan], to dataSet: inout DataSet, replacing damaged: [String: FileError] = [:],
    attachments: Attachments, report: (Event) -> Void
  ) throws {
    for (index, scan) in scans.enumerated() {
      func tell(_ stage: Stage, _ notes: [String], _ share: Double) {
        report(
          Event(
            scan: scan, stage: stage, notes: notes,
            share: (Double(index) + share) / Double(scans.count)))
      }
      let loaded = try readVolume(scan.ct, readOptions)
      let labels = try scan.labels.map { try NIfTI.readLabels($0, options: readOptions) }
      let repair = damaged[scan.name].map {
        "\($0.url.lastPathComponent): \($0.fault); the case is prepared again"
      }
      tell(.read, [repair].compactMap { $0 } + loaded.notes, 0.1)
      let prepared = try prepared(loaded.volume, labels, of: scan)
      tell(.prepared, prepared.notes, 0.8)
      try dataSet.add(
        prepared, id: scan.name, patient: scan.patient, split: scan.split, isReal: isReal,
        overwrite: replacesCases || damaged[scan.name] != nil,
        attachments: attachments(scan, loaded.volume, prepared))
      tell(.added, [], 1)
    }
  }

  private func prepared(
    _ ct: Volume, _ labels: LabelVolume?, of scan: Scan
  ) throws -> PreparedHead {
    do {
      return try head.prepare(ct, labels: labels, names: labelNames)
    } catch {
      throw DataSetError.notPrepared(scan.ct, error)
    }
  }

  /// Makes sure that the scans of a patient serve one split.
  private func checkPatients(_ scans: [Scan]) throws(DataSetError) {
    var first: [String: Scan] = [:]
    for scan in scans {
      guard let other = first[scan.patient] else {
        first[scan.patient] = scan
        continue
      }
      guard other.split == scan.split else {
        throw .dividedPatient(scan.patient, other.ct, other.split, scan.ct, scan.split)
      }
    }
  }

  /// Makes sure that all names differ: two cases of one name would replace each other.
  private func checkNames(_ scans: [Scan]) throws(DataSetError) {
    var first: [String: URL] = [:]
    for scan in scans {
      if let other = first.updateValue(scan.ct, forKey: scan.name) {
        throw .sameName(scan.name, other, scan.ct)
      }
    }
  }
}
