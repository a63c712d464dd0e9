import Foundation
import SpiderIO

extension DataSet {
  private static let stagingPrefix = ".spider-case-"

  /// An empty hidden folder in which a case is written.
  func makeStaging(_ id: String) throws(FileError) -> URL {
    let process = ProcessInfo.processInfo.processIdentifier
    let folder = url.appendingPathComponent(
      "\(Self.stagingPrefix)\(process)-\(id)", isDirectory: true)
    do {
      try? FileManager.default.removeItem(at: folder)
      try UnfinishedFiles.make {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return folder.path
      }
    } catch {
      throw FileError.notWritable(folder, reason: error.localizedDescription)
    }
    return folder
  }

  /// Removes such a folder, if it is still there.
  func discard(_ staging: URL) {
    UnfinishedFiles.end(staging.path) { try? FileManager.default.removeItem(at: staging) }
  }

  /// Removes hidden folders of programs that are gone.
  static func removeLeftovers(in url: URL) {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: url.path)) ?? []
    for name in names where name.hasPrefix(stagingPrefix) {
      let process = name.dropFirst(stagingPrefix.count).prefix { $0 != "-" }
      guard let number = Int32(process), number > 0, kill(number, 0) != 0, errno == ESRCH else {
        continue
      }
      try? FileManager.default.removeItem(at: url.appendingPathComponent(name))
    }
  }

  /// The name of the folder of a new case, nil for the case's own: that of a case to be replaced stays
  /// until the index names the new one.
  func freeFolder(for id: String) -> String? {
    func isFree(_ name: String) -> Bool {
      let folder = url.appendingPathComponent(name)
      return !index.cases.contains { ($0.folder ?? $0.id) == name }
        && (!FileManager.default.fileExists(atPath: folder.path) || isLeftover(folder, of: id))
    }
    return isFree(id) ? nil : (2...).lazy.map { "\(id)~\($0)" }.first(where: isFree)
  }

  /// Gives a case that is written in full its own folder.
  func give(_ staging: URL, the folder: URL) throws(FileError) {
    do {
      // Left there by a program that was killed before the index named it, or to be replaced.
      if FileManager.default.fileExists(atPath: folder.path) {
        try FileManager.default.removeItem(at: folder)
      }
      try UnfinishedFiles.end(staging.path) {
        try FileManager.default.moveItem(at: staging, to: folder)
      }
    } catch {
      throw FileError.notWritable(folder, reason: error.localizedDescription)
    }
  }

  /// Whether a folder that no index names is a case that we wrote and could not enter any more.
  func isLeftover(_ folder: URL, of id: String) -> Bool {
    let file = folder.appendingPathComponent(Self.entryName)
    guard let data = try? Data(contentsOf: file),
      let entry = try? JSONDecoder().decode(DataSetIndex.Entry.self, from: data), entry.id == id,
      let names = try? FileManager.default.contentsOfDirectory(atPath: folder.path)
    else { return false }
    return names.allSatisfy { $0 == Self.entryName || entry.checksums[$0] != nil }
  }
}
