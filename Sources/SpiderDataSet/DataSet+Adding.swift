import Foundation
import SpiderAnatomy
import SpiderCore
import SpiderIO

extension DataSet {
  /// Opens a data set to add to it, or starts an empty one in a new folder. What a killed program left
  /// half-written is removed.
  public static func extending(
    _ url: URL, size: Int, fieldOfView: Double, scheme: LabelScheme = .head
  ) throws -> DataSet {
    removeLeftovers(in: url)
    let file = url.appendingPathComponent(indexName)
    guard FileManager.default.fileExists(atPath: file.path) else {
      return DataSet(
        url: url, index: DataSetIndex(size: size, fieldOfView: fieldOfView, scheme: scheme))
    }
    let present = try DataSet(open: url)
    guard present.index.size == size, present.index.fieldOfView == fieldOfView else {
      throw FileError.disagreement(
        file,
        fault: "its grid is \(present.index.size) voxels over \(present.index.fieldOfView) mm, not "
          + "\(size) over \(fieldOfView)",
        remedy: "prepare with the same --size and --fov, or into another folder")
    }
    guard present.index.scheme == scheme else {
      throw FileError.disagreement(
        file,
        fault: "its labels are of the scheme '\(present.index.scheme.name)', not the one given",
        remedy: "prepare with the same --scheme, or into another folder")
    }
    return present
  }

  /// Adds a patient.
  ///
  /// Everything is written into a hidden folder, which then gets its name; the index that names it
  /// comes last. So a program killed at any moment leaves a data set whose index is true: with the
  /// case or without it, and where a case is replaced, with the old one or the new one.
  ///
  /// - Parameter attachments: more files for the case's folder, by name.
  /// - Throws: ``SpiderIO/FileError``; an existing case is an error unless `overwrite`, and so is a
  ///   patient who serves another split already.
  public mutating func add(
    _ head: PreparedHead, id: String, patient: String, split: DataSetIndex.Split, isReal: Bool,
    overwrite: Bool, attachments: [String: Data] = [:]
  ) throws {
    try checkNew(id, overwrite: overwrite)
    try checkSplit(of: patient, split, besides: id)
    try checkUnchanged()
    let staging = try makeStaging(id)
    defer { try? FileManager.default.removeItem(at: staging) }
    let scan = LabelVolume(
      grid: head.labels.grid,
      values: head.labels.values.map { $0 == LabelScheme.outsideScan ? 0 : 1 })
    try NIfTI.write(
      head.ct, to: staging.appendingPathComponent(Self.ctName), datatype: .int16, overwrite: true)
    try NIfTI.write(
      head.labels, to: staging.appendingPathComponent(Self.labelsName), overwrite: true)
    try NIfTI.write(scan, to: staging.appendingPathComponent(Self.scanName), overwrite: true)
    for (name, data) in attachments {
      precondition(Self.isName(name), "an attachment called '\(name)'")
      try AtomicFile.write(data, to: staging.appendingPathComponent(name), overwrite: false)
    }
    var entry = DataSetIndex.Entry(
      id: id, patient: patient, split: split, isReal: isReal,
      isocenter: [head.isocenter.x, head.isocenter.y, head.isocenter.z],
      labelSource: head.labelSource, notes: head.notes, checksums: [:])
    entry.folder = freeFolder(for: id)
    var sizes: [String: Int] = [:]
    for name in [Self.ctName, Self.labelsName, Self.scanName] + attachments.keys.sorted() {
      let data = try Data(contentsOf: staging.appendingPathComponent(name))
      entry.checksums[name] = Checksum.of(data)
      sizes[name] = data.count
    }
    entry.bytes = sizes
    try AtomicFile.write(
      Self.encoded(entry), to: staging.appendingPathComponent(Self.entryName), overwrite: true)
    try give(staging, the: folder(of: entry))
    let replaced = index.cases.filter { $0.id == id }
    index.cases.removeAll { $0.id == id }
    index.cases.append(entry)
    index.labellerVersion = AutomaticLabeller.version
    try writeIndex()
    for old in replaced { try? FileManager.default.removeItem(at: folder(of: old)) }
  }

  /// Makes sure, before a patient is prepared, that it can be added under this name.
  ///
  /// - Throws: ``SpiderIO/FileError`` when the name cannot be that of a folder, or is taken and is not
  ///   to be replaced.
  public func checkNew(_ id: String, overwrite: Bool) throws {
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
  /// - Throws: ``SpiderIO/FileError/disagreement(_:fault:remedy:)`` naming the other case.
  public func checkSplit(
    of patient: String, _ split: DataSetIndex.Split, besides id: String
  ) throws {
    let other = index.cases.first { $0.patient == patient && $0.split != split && $0.id != id }
    guard let other else { return }
    throw FileError.disagreement(
      indexFile,
      fault: "patient '\(patient)' is in the split '\(other.split.rawValue)' already, with case "
        + "'\(other.id)': '\(id)' cannot go into '\(split.rawValue)'",
      remedy: "put all scans of a patient into one split")
  }

  /// Makes sure that nobody else has written the index since it was read.
  private func checkUnchanged() throws {
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

  // MARK: Folders

  private static let stagingPrefix = ".spider-case-"

  private func makeStaging(_ id: String) throws -> URL {
    let process = ProcessInfo.processInfo.processIdentifier
    let folder = url.appendingPathComponent(
      "\(Self.stagingPrefix)\(process)-\(id)", isDirectory: true)
    do {
      try? FileManager.default.removeItem(at: folder)
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    } catch {
      throw FileError.notWritable(folder, reason: error.localizedDescription)
    }
    return folder
  }

  /// Removes hidden folders of programs that are gone.
  private static func removeLeftovers(in url: URL) {
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
  private func freeFolder(for id: String) -> String? {
    func isFree(_ name: String) -> Bool {
      let folder = url.appendingPathComponent(name)
      return !index.cases.contains { ($0.folder ?? $0.id) == name }
        && (!FileManager.default.fileExists(atPath: folder.path) || isLeftover(folder, of: id))
    }
    return isFree(id) ? nil : (2...).lazy.map { "\(id)~\($0)" }.first(where: isFree)
  }

  private func give(_ staging: URL, the folder: URL) throws {
    do {
      // Left there by a program that was killed before the index named it, or to be replaced.
      if FileManager.default.fileExists(atPath: folder.path) {
        try FileManager.default.removeItem(at: folder)
      }
      try FileManager.default.moveItem(at: staging, to: folder)
    } catch {
      throw FileError.notWritable(folder, reason: error.localizedDescription)
    }
  }

  /// Whether a folder that no index names is a case that we wrote and could not enter any more.
  private func isLeftover(_ folder: URL, of id: String) -> Bool {
    let file = folder.appendingPathComponent(Self.entryName)
    guard let data = try? Data(contentsOf: file),
      let entry = try? JSONDecoder().decode(DataSetIndex.Entry.self, from: data), entry.id == id,
      let names = try? FileManager.default.contentsOfDirectory(atPath: folder.path)
    else { return false }
    return names.allSatisfy { $0 == Self.entryName || entry.checksums[$0] != nil }
  }

  private static func encoded(_ value: some Encodable) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(value)
  }

  private func writeIndex() throws {
    try AtomicFile.write(Self.encoded(index), to: indexFile, overwrite: true)
  }
}

extension URL {
  /// Whether there is a folder at this place.
  var isFolder: Bool {
    (try? resourceValues(forKeys: [.isDirectoryKey]))?.isDirectory == true
  }
}
