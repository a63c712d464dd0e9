import Foundation
import SpiderIO

extension DataSet {
  /// Makes sure, before a patient is prepared, that it can be added under this name.
  ///
  /// - Throws: ``/SpiderIO/FileError`` when the name cannot be that of a folder, or is taken and is not
  ///   to be replaced.
  public func checkNew(_ id: String, overwrite: Bool) throws(FileError) {
    let folder = url.appendingPathComponent(id, isDirectory: true)
    guard Self.isName(id) else {
      throw FileError.unsupported(
        folder, fault: "'\(id)' cannot be the name of a case",
        remedy:
          "rename the file: letters, digits, spaces and -_.+ may stand in a name, no dot first")
    }
    let isCase = index.cases.contains { $0.id == id }
    if isCase && !overwrite { throw FileError.exists(folder) }
    // A folder that no case has is somebody's, unless we left it ourselves: never to be replaced.
    let isFree =
      !FileManager.default.fileExists(atPath: folder.path)
      || index.cases.contains { ($0.folder ?? $0.id) == id } || isLeftover(folder, of: id)
    guard isFree else {
      throw FileError.unsupported(
        folder, fault: "there is a folder or file of this name that is no case of the data set",
        remedy: "move it away, or give the CT another name")
    }
  }

  /// Makes sure that a patient serves one split only.
  ///
  /// - Throws: ``/SpiderIO/FileError/disagreement(_:fault:remedy:)`` naming the other case.
  public func checkSplit(
    of patient: String, _ split: DataSetIndex.Split, besides id: String
  ) throws(FileError) {
    let other = index.cases.first { $0.patient == patient && $0.split != split && $0.id != id }
    guard let other else { return }
    throw FileError.disagreement(
      indexFile,
      fault: "patient '\(patient)' is in the split '\(other.split.rawValue)' already, with case "
        + "'\(other.id)': '\(id)' cannot go into '\(split.rawValue)'",
      remedy: "put all scans of a patient into one split")
  }

  /// Makes sure that nobody else has written the index since it was read.
  func checkUnchanged() throws(FileError) {
    guard FileManager.default.fileExists(atPath: indexFile.path) else {
      guard index.cases.isEmpty else { throw FileError.missing(indexFile) }
      return
    }
    guard try Self.readIndex(of: url) == index else {
      throw FileError.disagreement(
        indexFile, fault: "another program has changed it in the meantime",
        remedy: "run again, one preparation at a time")
    }
  }
}
