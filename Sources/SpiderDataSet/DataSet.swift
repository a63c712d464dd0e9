import Foundation
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
    guard FileManager.default.fileExists(atPath: file.path) else { throw FileError.missing(file) }
    let size = (try? file.resourceValues(forKeys: [.fileSizeKey]))?.fileSize ?? 0
    guard size <= DataSetIndex.Limits.bytes else {
      throw FileError.tooLarge(
        file, fault: "\(size) bytes; a data set index has at most \(DataSetIndex.Limits.bytes)",
        remedy: "prepare the CTs again")
    }
    let data: Data
    do {
      data = try Data(contentsOf: file)
    } catch {
      throw FileError.unreadable(file, reason: error.localizedDescription)
    }
    // The schema first: of another one nothing else can be expected.
    try check(schema: decoded(Header.self, data, file).schema, file)
    var index = try decoded(DataSetIndex.self, data, file)
    index.schema = DataSetIndex.schema
    try check(index, file)
    return index
  }

  private struct Header: Decodable { let schema: String }

  private static func decoded<Value: Decodable>(
    _ type: Value.Type, _ data: Data, _ file: URL
  ) throws(FileError) -> Value {
    do {
      return try JSONDecoder().decode(type, from: data)
    } catch {
      let fault = (error as? DecodingError).map(words) ?? error.localizedDescription
      throw FileError.corrupt(file, fault: "it is no data set index: \(fault)")
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
