import Foundation
import SpiderIO

/// The content of `shard.json`: which shard a folder holds, of which scans and under which settings. Written before the
/// first case, so that an empty shard is there too.
struct ShardPlan: Codable, Equatable, ShardPart {
  /// A scan of the whole preparation.
  struct Scan: Codable, Equatable {
    let id: String
    let patient: String
    let split: DataSetIndex.Split
    let hasLabels: Bool
    /// The size of the CT's file, or of the files of its folder: it tells another CT of the same name.
    let bytes: Int

    enum CodingKeys: String, CodingKey {
      case id, patient, split, bytes
      case hasLabels = "has_labels"
    }
  }

  static let fileName = "shard.json"
  private static let schema = "spider.shard/1"

  var schema = ShardPlan.schema
  let shard: Shard
  /// What changes what a case becomes, in words.
  let settings: [String: String]
  /// The scans of all shards, in the order in which they were given: that of the cases of the whole.
  let scans: [Scan]

  init(shard: Shard, settings: [String: String], scans: [Scan]) {
    self.shard = shard
    self.settings = settings
    self.scans = scans
  }

  /// The folder of a shard in one that all may share.
  static func folder(of shard: Shard, in folder: URL) -> URL {
    folder.appendingPathComponent("shard-\(shard.number)-of-\(shard.count)", isDirectory: true)
  }

  /// The names of this shard's cases.
  var names: [String] { shard.part(of: scans.map(\.id)) }

  /// Writes the plan, or finds that the folder has the same.
  func begin(in folder: URL) throws(FileError) {
    let file = folder.appendingPathComponent(Self.fileName)
    let hasCases = FileManager.default.fileExists(
      atPath: folder.appendingPathComponent(DataSet.indexName).path)
    if hasCases, !FileManager.default.fileExists(atPath: file.path) {
      throw .unsupported(
        file, fault: "it is missing, and nothing else says of which CTs the shard's cases are",
        remedy: "remove \(folder.path) and prepare this shard again")
    }
    do {
      try AtomicFile.write(
        DataSet.encoded(self, file), to: file, overwrite: false, createFolders: true)
      return
    } catch {
      guard case .exists = error else { throw error }
    }
    if let difference = difference(from: try Self.read(folder)) {
      throw .disagreement(
        file, fault: "this shard was begun with \(difference)",
        remedy: "prepare it as it was begun, or into another folder, or remove this one")
    }
  }

  /// Reads the plan of a shard's folder.
  static func read(_ folder: URL) throws(FileError) -> ShardPlan {
    let file = folder.appendingPathComponent(fileName)
    let data = try DataSet.bounded(file)
    let plan: ShardPlan
    do {
      plan = try DataSet.decoded(ShardPlan.self, data, file, what: "shard of a preparation")
    } catch {
      throw .unsupported(
        file, fault: error.fault, remedy: "remove \(folder.path) and prepare this shard again")
    }
    guard plan.schema == schema else {
      throw .badValue(file, key: "schema", fault: "is '\(plan.schema)', not \(schema)")
    }
    var names: Set<String> = []
    for scan in plan.scans {
      guard DataSet.isName(scan.id), names.insert(scan.id).inserted else {
        throw .badValue(file, key: "scans", fault: "holds '\(scan.id)' twice, or as no sound name")
      }
    }
    guard !names.isEmpty else { throw .badValue(file, key: "scans", fault: "is empty") }
    return plan
  }

  /// The error about a file without which a shard cannot be mended.
  static func lost(_ file: URL, _ fault: String, _ shard: Shard, in folder: URL) -> FileError {
    .disagreement(
      file, fault: fault, remedy: "remove \(folder.path) and prepare shard \(shard) again")
  }

  func difference(from other: ShardPlan) -> String? {
    if let difference = settings.difference(from: other.settings) { return difference }
    guard scans != other.scans else { return nil }
    let (mine, theirs) = (Set(scans.map(\.id)), Set(other.scans.map(\.id)))
    if let name = theirs.subtracting(mine).min() { return "the scan '\(name)', which is not here" }
    if let name = mine.subtracting(theirs).min() { return "no scan '\(name)', which is here" }
    for (one, another) in zip(scans, other.scans) where one != another {
      guard one.id == another.id else { break }
      guard one.bytes == another.bytes else {
        return "another CT called '\(one.id)', of \(another.bytes) bytes, not \(one.bytes)"
      }
      return
        "'\(another.id)' of patient '\(another.patient)' in '\(another.split.rawValue)', "
        + "\(another.hasLabels ? "with" : "without") labels, not of '\(one.patient)' in "
        + "'\(one.split.rawValue)', \(one.hasLabels ? "with" : "without")"
    }
    return "the same scans in another order"
  }
}

extension DataSet {
  /// Joins the shards of a preparation to the data set that one preparation of all scans makes, to the bit; or adds
  /// them to one that is there, as that preparation would have.
  ///
  /// The shards stay as they are. A merging that was stopped goes on when it is asked for again.
  ///
  /// - Parameters:
  ///   - folders: those of shards, or folders that hold shards. All shards must be there, once.
  ///   - replacesCases: whether other cases of the same names are replaced.
  ///   - progress: called after each case with the share of cases done.
  /// - Throws: ``/SpiderIO/FileError`` naming the shard that does not belong to the others, is missing, is there twice,
  ///   or is not finished.
  public static func merging(
    _ folders: [URL], into folder: URL, replacesCases: Bool = false,
    progress: (Double) -> Void = { _ in }
  ) throws(FileError) -> DataSet {
    let shards = try finishedShards(folders)
    guard let (plan, _) = shards.first, let first = shards.lazy.compactMap(\.dataSet).first else {
      throw .unsupported(folder, fault: "there is no shard to merge", remedy: "name their folder")
    }
    let target = folder.standardizedFileURL.resolvingSymlinksInPath().path + "/"
    for source in shards.compactMap({ $0.dataSet?.url })
    where target.hasPrefix(source.standardizedFileURL.resolvingSymlinksInPath().path + "/") {
      throw .unsupported(
        folder, fault: "it lies in a shard that is to be merged, \(source.path)",
        remedy: "name a folder beside the shards")
    }
    var sources: [String: (entry: DataSetIndex.Entry, dataSet: DataSet)] = [:]
    for dataSet in shards.compactMap(\.dataSet) {
      for entry in dataSet.index.cases { sources[entry.id] = (entry, dataSet) }
    }
    let header = first.index
    var merged = try extending(
      folder, size: header.size, fieldOfView: header.fieldOfView, scheme: header.scheme)
    if merged.index.cases.isEmpty {
      merged.index = header
      merged.index.cases = []
    }
    for (number, scan) in plan.scans.enumerated() {
      guard let source = sources[scan.id] else { preconditionFailure("no case '\(scan.id)'") }
      if let fault = source.dataSet.damage(of: source.entry, thoroughly: true) {
        throw damaged(fault)
      }
      try merged.add(source.entry, of: source.dataSet, overwrite: replacesCases)
      progress(Double(number + 1) / Double(plan.scans.count))
    }
    return merged
  }

  /// The shards in some folders, all of one preparation, each there once and with all of its cases; nil for the data
  /// set of an empty one.
  static func finishedShards(
    _ folders: [URL]
  ) throws(FileError) -> [(plan: ShardPlan, dataSet: DataSet?)] {
    var found: [(url: URL, part: ShardPlan)] = []
    for folder in folders {
      for place in try shardFolders(in: folder) { found.append((place, try ShardPlan.read(place))) }
    }
    guard !found.isEmpty else { return [] }
    let whole = try CompleteParts(
      found,
      sameWhole: "merge the shards of one preparation, made of the same CTs with the same settings",
      missing: "prepare what is missing, or name its folder too")
    var shards: [(plan: ShardPlan, dataSet: DataSet?)] = []
    for (url, plan) in whole.parts { shards.append((plan, try finished(url, plan))) }
    let headers = shards.compactMap(\.dataSet)
    for dataSet in headers {
      var (one, other) = (headers[0].index, dataSet.index)
      (one.cases, other.cases) = ([], [])
      guard one == other else {
        throw .disagreement(
          dataSet.indexFile,
          fault:
            "its grid, scheme, geometry or labeller is not that of \(headers[0].indexFile.path)",
          remedy: "merge the shards of one preparation, made with the same settings")
      }
    }
    return shards
  }

  static func shardFolders(in folder: URL) throws(FileError) -> [URL] {
    func isShard(_ url: URL) -> Bool {
      FileManager.default.fileExists(atPath: url.appendingPathComponent(ShardPlan.fileName).path)
    }
    if isShard(folder) { return [folder] }
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    let found = names.sorted().map { folder.appendingPathComponent($0, isDirectory: true) }
      .filter(isShard)
    guard !found.isEmpty else {
      guard FileManager.default.fileExists(atPath: folder.path) else { throw .missing(folder) }
      throw .unsupported(
        folder, fault: "it holds no shard of a preparation",
        remedy: "name the folder that shards were prepared into")
    }
    return found
  }

  private static let remedy =
    "prepare its shard again, as before: what is missing or damaged is made anew"

  /// The error about a file of a shard's case.
  static func damaged(_ fault: FileError) -> FileError {
    .disagreement(fault.url, fault: fault.fault, remedy: remedy)
  }

  /// The data set of a shard with exactly its cases; nil where it has none.
  private static func finished(_ folder: URL, _ plan: ShardPlan) throws(FileError) -> DataSet? {
    let names = plan.names
    let isThere = FileManager.default.fileExists(
      atPath: folder.appendingPathComponent(indexName).path)
    let dataSet: DataSet?
    do {
      dataSet = isThere ? try DataSet(open: folder) : nil
    } catch {
      throw ShardPlan.lost(error.url, error.fault, plan.shard, in: folder)
    }
    let cases = dataSet?.index.cases ?? []
    let present = Set(cases.map(\.id))
    if let name = names.first(where: { !present.contains($0) }) {
      throw .disagreement(
        folder, fault: "shard \(plan.shard) is not finished: case '\(name)' is missing",
        remedy: Self.remedy)
    }
    let scans = Dictionary(uniqueKeysWithValues: plan.scans.map { ($0.id, $0) })
    for entry in cases {
      guard names.contains(entry.id) else {
        throw .disagreement(
          folder, fault: "it holds the case '\(entry.id)', which is not one of shard \(plan.shard)",
          remedy: "prepare this shard again, into a new folder")
      }
      guard let scan = scans[entry.id], scan.patient == entry.patient, scan.split == entry.split
      else {
        throw .disagreement(
          folder,
          fault: "the patient or the split of '\(entry.id)' is not what its shard was to do",
          remedy: "prepare this shard again, into a new folder")
      }
    }
    for entry in cases {
      if let fault = dataSet?.damage(of: entry, thoroughly: false) { throw damaged(fault) }
    }
    return dataSet
  }
}
