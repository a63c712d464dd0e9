import Foundation
import SpiderCore
import SpiderIO

/// A folder of prepared patients: `dataset.json` and one folder a case with CT and labels on the
/// canonical grid. X-rays are made from them when they are needed.
public struct DataSet: Sendable {
  /// The folder.
  public let url: URL
  /// What it holds.
  public private(set) var index: DataSetIndex

  /// The name of the file that says what a data set holds.
  public static let indexName = "dataset.json"
  static let ctName = "ct.nii.gz"
  static let labelsName = "labels.nii.gz"

  /// Opens a data set.
  ///
  /// - Throws: ``SpiderIO/FileError`` when there is none, or its index cannot be read.
  public init(open url: URL) throws {
    self.url = url
    let file = url.appendingPathComponent(Self.indexName)
    guard FileManager.default.fileExists(atPath: file.path) else { throw FileError.missing(file) }
    do {
      index = try JSONDecoder().decode(DataSetIndex.self, from: Data(contentsOf: file))
    } catch let error as DecodingError {
      throw FileError.corrupt(file, fault: "it is no data set index: \(Self.words(error))")
    }
    guard index.schema == DataSetIndex.schema else {
      throw FileError.badValue(
        file, key: "schema",
        fault: "it is '\(index.schema)', this program reads "
          + DataSetIndex.schema)
    }
    guard (1...1024).contains(index.size), index.fieldOfView > 0, index.fieldOfView.isFinite else {
      throw FileError.badValue(
        file, key: "size", fault: "\(index.size) voxels over \(index.fieldOfView) mm")
    }
    if let fault = index.geometry.fault {
      throw FileError.badValue(file, key: "geometry", fault: fault)
    }
    for entry in index.cases where !Self.isName(entry.id) || entry.isocenter.count != 3 {
      throw FileError.badValue(file, key: "cases", fault: "'\(entry.id)' is no sound case")
    }
  }

  /// Opens a data set to add to it, or starts an empty one in a new folder.
  public static func extending(_ url: URL, size: Int, fieldOfView: Double) throws -> DataSet {
    let file = url.appendingPathComponent(indexName)
    guard FileManager.default.fileExists(atPath: file.path) else {
      return DataSet(url: url, index: DataSetIndex(size: size, fieldOfView: fieldOfView))
    }
    let present = try DataSet(open: url)
    guard present.index.size == size, present.index.fieldOfView == fieldOfView else {
      throw FileError.disagreement(
        file,
        fault: "its grid is \(present.index.size) voxels over \(present.index.fieldOfView) mm, not "
          + "\(size) over \(fieldOfView)",
        remedy: "prepare with the same --size and --fov, or into another folder")
    }
    return present
  }

  private init(url: URL, index: DataSetIndex) {
    self.url = url
    self.index = index
  }

  /// The patients of a split.
  public func entries(_ split: DataSetIndex.Split) -> [DataSetIndex.Entry] {
    index.cases.filter { $0.split == split }
  }

  /// Adds a patient: its folder appears first, then the index that names it.
  ///
  /// - Throws: ``SpiderIO/FileError``; an existing case is an error unless `overwrite`.
  public mutating func add(
    _ head: PreparedHead, id: String, patient: String, split: DataSetIndex.Split, isReal: Bool,
    overwrite: Bool
  ) throws {
    try checkNew(id, overwrite: overwrite)
    let folder = folder(of: id)
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    } catch {
      throw FileError.notWritable(folder, reason: error.localizedDescription)
    }
    let (ct, labels) = (
      folder.appendingPathComponent(Self.ctName), folder.appendingPathComponent(Self.labelsName)
    )
    try NIfTI.write(head.ct, to: ct, datatype: .int16, overwrite: true)
    try NIfTI.write(head.labels, to: labels, overwrite: true)
    index.cases.removeAll { $0.id == id }
    index.cases.append(
      DataSetIndex.Entry(
        id: id, patient: patient, split: split, isReal: isReal,
        isocenter: [head.isocenter.x, head.isocenter.y, head.isocenter.z],
        labelSource: head.labelSource, notes: head.notes,
        checksums: [
          Self.ctName: Checksum.of(try Data(contentsOf: ct)),
          Self.labelsName: Checksum.of(try Data(contentsOf: labels)),
        ]))
    try writeIndex()
  }

  /// Makes sure, before a patient is prepared, that it can be added under this name.
  ///
  /// - Throws: ``SpiderIO/FileError`` when the name cannot be that of a folder, or is taken and is not
  ///   to be replaced.
  public func checkNew(_ id: String, overwrite: Bool) throws {
    guard Self.isName(id) else {
      throw FileError.unsupported(
        folder(of: id), fault: "'\(id)' cannot be the name of a case",
        remedy:
          "rename the file: letters, digits, spaces and -_.+ may stand in a name, no dot first")
    }
    // A folder that no index names is somebody's, too.
    if !overwrite, FileManager.default.fileExists(atPath: folder(of: id).path) {
      throw FileError.exists(folder(of: id))
    }
  }

  /// Reads a patient, its isocentre moved to the world's origin.
  ///
  /// - Throws: ``SpiderIO/FileError`` naming the case's file when it is missing, damaged or not on
  ///   the data set's grid.
  public func load(_ entry: DataSetIndex.Entry) throws -> (ct: Volume, labels: LabelVolume) {
    let folder = folder(of: entry.id)
    let (ctFile, labelsFile) = (
      folder.appendingPathComponent(Self.ctName), folder.appendingPathComponent(Self.labelsName)
    )
    for file in [ctFile, labelsFile] {
      guard let data = try? Data(contentsOf: file) else { throw FileError.missing(file) }
      guard entry.checksums[file.lastPathComponent] == Checksum.of(data) else {
        throw FileError.corrupt(file, fault: "it is not the file that was prepared (checksum)")
      }
    }
    let ct = try NIfTI.readVolume(ctFile)
    let labels = try NIfTI.readLabels(labelsFile)
    let isocenter = Vector3(entry.isocenter[0], entry.isocenter[1], entry.isocenter[2])
    let expected = VoxelGrid.canonical(
      size: index.size, side: index.fieldOfView, center: isocenter)
    for (file, grid) in [(ctFile, ct.grid), (labelsFile, labels.grid)] {
      guard grid.shape == expected.shape, length(grid.center - expected.center) < 0.1 else {
        throw FileError.corrupt(file, fault: "its grid is not the canonical one of the data set")
      }
    }
    let grid = VoxelGrid.canonical(size: index.size, side: index.fieldOfView)
    return (
      Volume(grid: grid, values: ct.values), LabelVolume(grid: grid, values: labels.values)
    )
  }

  private func folder(of id: String) -> URL { url.appendingPathComponent(id, isDirectory: true) }

  private func writeIndex() throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    try AtomicFile.write(
      encoder.encode(index), to: url.appendingPathComponent(Self.indexName), overwrite: true)
  }

  /// Whether a text can name a case and its folder: no path may hide in it.
  static func isName(_ text: String) -> Bool {
    !text.isEmpty && !text.hasPrefix(".")
      && text.allSatisfy { $0.isLetter || $0.isNumber || "-_.+ ".contains($0) }
  }

  private static func words(_ error: DecodingError) -> String {
    switch error {
    case .keyNotFound(let key, _): return "the key '\(key.stringValue)' is missing"
    case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
      let path = context.codingPath.map(\.stringValue).joined(separator: ".")
      return path.isEmpty ? "it is not JSON" : "the value of '\(path)' is of the wrong kind"
    @unknown default: return "it is not of the expected form"
    }
  }
}
