import Foundation
import SpiderAnatomy
import SpiderCore
import SpiderIO

/// A folder of prepared patients: `dataset.json` and one folder a case with CT, labels and scan mask on
/// the canonical grid. X-rays are made from them when they are needed.
///
/// Opening reads `dataset.json` and nothing else; cases are read, and verified, when they are needed.
public struct DataSet: Sendable {
  /// The folder.
  public let url: URL
  /// Its content.
  public internal(set) var index: DataSetIndex

  /// The name of the file that says what a data set holds.
  public static let indexName = "dataset.json"
  package static let ctName = "ct.nii.gz"
  package static let labelsName = "labels.nii.gz"
  static let scanName = "scan.nii.gz"
  /// The entry once more, in the case's own folder.
  static let entryName = "case.json"

  /// Opens a data set.
  ///
  /// - Throws: ``/SpiderIO/FileError`` when there is none, its index cannot be read or is of a newer
  ///   version, or one of its patients serves two splits.
  public init(open url: URL) throws(FileError) {
    self.init(url: url, index: try Self.readIndex(of: url))
  }

  init(url: URL, index: DataSetIndex) {
    self.url = url
    self.index = index
  }

  /// The patients of a split.
  public func entries(_ split: DataSetIndex.Split) -> [DataSetIndex.Entry] {
    index.cases.filter { $0.split == split }
  }

  /// The folder of a case.
  public func folder(of entry: DataSetIndex.Entry) -> URL {
    url.appendingPathComponent(entry.folder ?? entry.id, isDirectory: true)
  }

  var indexFile: URL { url.appendingPathComponent(Self.indexName) }

  // MARK: The index

  /// Reads and checks `dataset.json`; an older version is brought to the present one.
  static func readIndex(of folder: URL) throws(FileError) -> DataSetIndex {
    let file = folder.appendingPathComponent(indexName)
    let data = try bounded(file)
    // The schema first: of another one nothing else can be expected.
    try check(schema: decoded(Header.self, data, file).schema, file)
    var index = try decoded(DataSetIndex.self, data, file)
    index.schema = DataSetIndex.schema
    try check(index, file)
    return index
  }

  /// The bytes of an index, or of a file that lists as much.
  static func bounded(_ file: URL) throws(FileError) -> Data {
    guard FileManager.default.fileExists(atPath: file.path) else { throw FileError.missing(file) }
    let size = (try? file.resourceValues(forKeys: [.fileSizeKey]))?.fileSize ?? 0
    guard size <= DataSetIndex.Limits.bytes else {
      throw FileError.tooLarge(
        file, fault: "\(size) bytes; a data set index has at most \(DataSetIndex.Limits.bytes)",
        remedy: "prepare the CTs again")
    }
    do {
      return try Data(contentsOf: file)
    } catch {
      throw FileError.unreadable(file, reason: error.localizedDescription)
    }
  }

  private struct Header: Decodable { let schema: String }

  static func decoded<Value: Decodable>(
    _ type: Value.Type, _ data: Data, _ file: URL, what: String = "data set index"
  ) throws(FileError) -> Value {
    do {
      return try JSONDecoder().decode(type, from: data)
    } catch {
      let fault = (error as? DecodingError).map(words) ?? "\(error)"
      throw FileError.corrupt(file, fault: "it is no \(what): \(fault)")
    }
  }

  private static func check(schema: String, _ file: URL) throws(FileError) {
    let name = DataSetIndex.schemaName
    guard schema.hasPrefix(name), let version = Int(schema.dropFirst(name.count)), version >= 1
    else {
      throw FileError.badValue(
        file, key: "schema", fault: "is '\(schema)', not one of Spider's (\(DataSetIndex.schema))")
    }
    guard version <= DataSetIndex.version else {
      throw FileError.unsupported(
        file,
        fault:
          "the data set is of schema \(schema), this program reads up to \(DataSetIndex.schema)",
        remedy: "use a newer version of Spider, or prepare the CTs again with this one")
    }
  }

  private static func check(_ index: DataSetIndex, _ file: URL) throws(FileError) {
    if let (key, fault) = index.fault {
      throw FileError.badValue(file, key: key, fault: fault)
    }
    var names: Set<String> = []
    for entry in index.cases {
      guard isName(entry.id), isFolderName(entry.folder ?? entry.id),
        DataSetIndex.Limits.isPlace(entry.isocenter),
        entry.bytes?.values.allSatisfy({ $0 >= 0 }) ?? true,
        entry.checksums.keys.allSatisfy(isName),
        [ctName, labelsName].allSatisfy({ entry.checksums[$0] != nil })
      else {
        throw FileError.badValue(file, key: "cases", fault: "holds '\(entry.id)', no sound case")
      }
      guard names.insert(entry.id).inserted else {
        throw FileError.badValue(file, key: "cases", fault: "names '\(entry.id)' twice")
      }
    }
    if let (a, b) = index.dividedPatient {
      throw FileError.badValue(
        file, key: "cases",
        fault: "puts patient '\(a.patient)' into two splits: '\(a.id)' into \(a.split.rawValue), "
          + "'\(b.id)' into \(b.split.rawValue)")
    }
  }

  /// Whether a text can name a case and its folder: no path may hide in it.
  static func isName(_ text: String) -> Bool {
    !text.isEmpty && !text.hasPrefix(".")
      && text.allSatisfy { $0.isLetter || $0.isNumber || "-_.+ ".contains($0) }
  }

  /// The folder of a case that was replaced has a number after its name.
  private static func isFolderName(_ text: String) -> Bool {
    let parts = text.split(separator: "~", omittingEmptySubsequences: false)
    return isName(String(parts[0])) && parts.count <= 2
      && (parts.count == 1 || Int(parts[1]) != nil)
  }

  static func words(_ error: DecodingError) -> String {
    switch error {
    case .keyNotFound(let key, _): return "the key '\(key.stringValue)' is missing"
    case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
      let path = context.codingPath.map(\.stringValue).joined(separator: ".")
      return path.isEmpty ? "it is not JSON" : "the value of '\(path)' is of the wrong kind"
    @unknown default: return "it is not of the expected form"
    }
  }
}

extension DataSet {
  /// Reads a patient, its isocentre moved to the world's origin.
  ///
  /// - Throws: ``/SpiderIO/FileError`` naming the case's file when it is missing, damaged, another one's
  ///   or not on the data set's grid.
  public func load(
    _ entry: DataSetIndex.Entry
  ) throws(FileError) -> (ct: Volume, labels: LabelVolume) {
    if let fault = damage(of: entry, thoroughly: true) { throw fault }
    let folder = folder(of: entry)
    let (ctFile, labelsFile) = (
      folder.appendingPathComponent(Self.ctName), folder.appendingPathComponent(Self.labelsName)
    )
    let loaded = try NIfTI.load(ctFile)
    guard loaded.nonFiniteCount == 0 else {
      throw FileError.corrupt(
        ctFile,
        fault:
          "\(loaded.nonFiniteCount) of its voxels are not finite, and a prepared CT has none such"
      )
    }
    let ct = loaded.volume
    let labels = try NIfTI.readLabels(labelsFile)
    try checkGrid(ct.grid, of: entry, ctFile)
    try checkGrid(labels.grid, of: entry, labelsFile)
    if let wrong = labels.values.first(where: { !isLabel($0) }) {
      throw FileError.corrupt(
        labelsFile, fault: "it holds the label \(wrong), which scheme '\(index.scheme.name)' lacks")
    }
    if entry.checksums[Self.scanName] != nil {
      let file = folder.appendingPathComponent(Self.scanName)
      let scan = try NIfTI.readLabels(file)
      try checkGrid(scan.grid, of: entry, file)
      let agrees = zip(scan.values, labels.values).allSatisfy {
        ($0 == 0) == ($1 == LabelScheme.outsideScan)
      }
      guard agrees else {
        throw FileError.corrupt(file, fault: "it contradicts the labels about where the scan is")
      }
    }
    let grid = VoxelGrid.canonical(size: index.size, side: index.fieldOfView)
    return (
      Volume(grid: grid, values: ct.values), LabelVolume(grid: grid, values: labels.values)
    )
  }

  private func isLabel(_ value: UInt8) -> Bool {
    value < index.scheme.count || value == LabelScheme.unknown || value == LabelScheme.outsideScan
  }

  private func checkGrid(
    _ grid: VoxelGrid, of entry: DataSetIndex.Entry, _ file: URL
  ) throws(FileError) {
    let isocenter = Vector3(entry.isocenter[0], entry.isocenter[1], entry.isocenter[2])
    let expected = VoxelGrid.canonical(
      size: index.size, side: index.fieldOfView, center: isocenter)
    let (a, b) = (grid.affine.columns, expected.affine.columns)
    // NIfTI holds affines in single precision.
    guard grid.shape == expected.shape, length(grid.center - expected.center) < 0.1,
      max(length(a.0 - b.0), length(a.1 - b.1), length(a.2 - b.2)) < 1e-4
    else {
      throw FileError.corrupt(file, fault: "its grid is not the canonical one of the data set")
    }
  }
}

/// An error that makes a data set, or CTs for one, unusable.
public enum DataSetError: Error, Equatable, CustomStringConvertible {
  /// A split without a case.
  case noCases(split: String, dataSet: String)
  /// A case that cannot be read, and how many more there are.
  case damagedCases(FileError, case: String, others: Int)
  /// Two CTs whose cases would have one name.
  case sameName(String, URL, URL)
  /// A CT that cannot be prepared.
  case notPrepared(URL, PreparationError)
  /// Two CTs of one patient that are to serve different splits.
  case dividedPatient(String, URL, DataSetIndex.Split, URL, DataSetIndex.Split)

  /// The fault and its remedy.
  public var description: String {
    switch self {
    case .noCases(let split, let dataSet):
      return "\(dataSet) has no case in the split '\(split)'; prepare a CT for it"
    case .damagedCases(let fault, let name, let others):
      let more = others > 0 ? " (and \(others) more damaged cases)" : ""
      return
        "\(fault.url.path): case '\(name)' is damaged\(more): \(fault.fault); prepare it again in "
        + "its place, or leave damaged cases out"
    case .sameName(let name, let first, let second):
      return
        "\(second.path): its case would be called '\(name)' like that of \(first.path); rename one "
        + "of them"
    case .notPrepared(let url, let error): return "\(url.path): \(error)"
    case .dividedPatient(let patient, let first, let one, let second, let other):
      return
        "\(second.path): it is to serve '\(other.rawValue)', and \(first.path) of the same patient, '\(patient)', "
        + "'\(one.rawValue)'; put all scans of a patient into one split"
    }
  }
}
