import Foundation
import SpiderAnatomy
import SpiderCore
import SpiderIO

extension DataSet {
  /// Opens a data set to add to it, or starts an empty one in a new folder. What a killed program left
  /// half-written is removed.
  public static func extending(
    _ url: URL, size: Int, fieldOfView: Double, scheme: LabelScheme = .head
  ) throws(FileError) -> DataSet {
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
        remedy: "prepare with the same size and field of view, or into another folder")
    }
    guard present.index.scheme == scheme else {
      throw FileError.disagreement(
        file,
        fault: "its labels are of the scheme '\(present.index.scheme.name)', not the one given",
        remedy: "prepare with the same scheme, or into another folder")
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
  /// - Throws: ``/SpiderIO/FileError``; an existing case is an error unless `overwrite`, and so is a
  ///   patient who serves another split already.
  public mutating func add(
    _ head: PreparedHead, id: String, patient: String, split: DataSetIndex.Split, isReal: Bool,
    overwrite: Bool, attachments: [String: Data] = [:]
  ) throws(FileError) {
    try checkNew(id, overwrite: overwrite)
    try checkSplit(of: patient, split, besides: id)
    try checkUnchanged()
    let staging = try makeStaging(id)
    defer { discard(staging) }
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
      let data = try Self.content(of: staging.appendingPathComponent(name))
      entry.checksums[name] = Checksum.of(data)
      sizes[name] = data.count
    }
    entry.bytes = sizes
    try enter(entry, from: staging, labellerVersion: AutomaticLabeller.version)
  }

  /// Adds a case of another data set, whose grid and scheme are the same: the very files, which are whole. One that is here
  /// already, to the last checksum, stays.
  mutating func add(
    _ given: DataSetIndex.Entry, of other: DataSet, overwrite: Bool
  ) throws(FileError) {
    var entry = given
    if let present = index.cases.first(where: { $0.id == given.id }) {
      entry.folder = present.folder
      if entry == present, damage(of: present, thoroughly: true) == nil { return }
    }
    try checkNew(given.id, overwrite: overwrite)
    try checkSplit(of: given.patient, given.split, besides: given.id)
    try checkUnchanged()
    let staging = try makeStaging(given.id)
    defer { discard(staging) }
    for name in given.checksums.keys.sorted() {
      let data = try Self.content(of: other.folder(of: given).appendingPathComponent(name))
      try AtomicFile.write(data, to: staging.appendingPathComponent(name), overwrite: true)
    }
    entry.folder = freeFolder(for: given.id)
    try enter(entry, from: staging, labellerVersion: other.index.labellerVersion)
  }

  /// Gives a case that is written in full its folder, and its place in the index.
  private mutating func enter(
    _ entry: DataSetIndex.Entry, from staging: URL, labellerVersion: Int
  ) throws(FileError) {
    let entryFile = staging.appendingPathComponent(Self.entryName)
    try AtomicFile.write(Self.encoded(entry, entryFile), to: entryFile, overwrite: true)
    try give(staging, the: folder(of: entry))
    let replaced = index.cases.filter { $0.id == entry.id }
    index.cases.removeAll { $0.id == entry.id }
    index.cases.append(entry)
    index.labellerVersion = labellerVersion
    try writeIndex()
    for old in replaced { try? FileManager.default.removeItem(at: folder(of: old)) }
  }

  private func writeIndex() throws(FileError) {
    try AtomicFile.write(Self.encoded(index, indexFile), to: indexFile, overwrite: true)
  }

  static func encoded(
    _ value: some Encodable, _ file: URL
  ) throws(FileError) -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    do {
      return try encoder.encode(value)
    } catch {
      throw FileError.notWritable(file, reason: error.localizedDescription)
    }
  }

  private static func content(of file: URL) throws(FileError) -> Data {
    do {
      return try Data(contentsOf: file)
    } catch {
      throw FileError.unreadable(file, reason: error.localizedDescription)
    }
  }
}

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
