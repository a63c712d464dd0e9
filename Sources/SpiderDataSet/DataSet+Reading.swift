import Foundation
import SpiderCore
import SpiderIO
import SpiderSupport

extension DataSet {
  /// Reads a patient, its isocentre moved to the world's origin.
  ///
  /// - Throws: ``SpiderIO/FileError`` naming the case's file when it is missing, damaged, another one's
  ///   or not on the data set's grid.
  public func load(_ entry: DataSetIndex.Entry) throws -> (ct: Volume, labels: LabelVolume) {
    if let fault = damage(of: entry, thoroughly: true) { throw fault }
    let folder = folder(of: entry)
    let (ctFile, labelsFile) = (
      folder.appendingPathComponent(Self.ctName), folder.appendingPathComponent(Self.labelsName)
    )
    let ct = try NIfTI.readVolume(ctFile)
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
  ) throws {
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

  // MARK: Damage

  /// What is wrong with a case's files, or nil.
  ///
  /// - Parameter thoroughly: reads every file and compares its checksum; without, only its presence and
  ///   its size are looked at, which finds what is missing or half-written.
  public func damage(of entry: DataSetIndex.Entry, thoroughly: Bool) -> FileError? {
    let folder = folder(of: entry)
    for name in entry.checksums.keys.sorted() {
      let file = folder.appendingPathComponent(name)
      guard let found = try? FileManager.default.attributesOfItem(atPath: file.path) else {
        return .missing(file)
      }
      let size = (found[.size] as? NSNumber)?.intValue ?? 0
      if let expected = entry.bytes?[name], size != expected {
        return size < expected
          ? .truncated(file, expected: expected, found: size)
          : .corrupt(
            file, fault: "it is not the file that was prepared (\(size) bytes, not \(expected))")
      }
      guard thoroughly else { continue }
      guard let data = try? Data(contentsOf: file) else {
        return .unreadable(file, reason: "an error of its disk, or no permission")
      }
      if entry.checksums[name] != Checksum.of(data) {
        return .corrupt(file, fault: "it is not the file that was prepared (checksum)")
      }
    }
    return nil
  }

  /// The damaged cases of some splits, each with what is wrong.
  public func damagedCases(
    _ splits: [DataSetIndex.Split] = DataSetIndex.Split.allCases, thoroughly: Bool
  ) -> [(entry: DataSetIndex.Entry, fault: FileError)] {
    let entries = index.cases.filter { splits.contains($0.split) }
    return Parallel.map(entries.count) { damage(of: entries[$0], thoroughly: thoroughly) }
      .enumerated().compactMap { index, fault in fault.map { (entries[index], $0) } }
  }

  /// Makes sure that the cases of some splits are there.
  ///
  /// - Parameter skippingDamaged: leaves damaged cases out, having read every file; without, the first
  ///   one found missing or half-written is an error, and one that is damaged inside will be one when it
  ///   is read.
  /// - Returns: The data set without the cases left out, and these.
  /// - Throws: The ``SpiderIO/FileError`` of the first damaged case.
  public func checked(
    _ splits: [DataSetIndex.Split], skippingDamaged: Bool
  ) throws -> (dataSet: DataSet, skipped: [(entry: DataSetIndex.Entry, fault: FileError)]) {
    let damaged = damagedCases(splits, thoroughly: skippingDamaged)
    if let first = damaged.first, !skippingDamaged {
      throw DataSetError.damagedCases(
        first.fault, case: first.entry.id, others: damaged.count - 1)
    }
    let names = Set(damaged.map(\.entry.id))
    var whole = self
    whole.index.cases.removeAll { names.contains($0.id) }
    return (whole, damaged)
  }

  /// Folders that no case has: of a preparation that was stopped, or of somebody else.
  public var foreignFolders: [String] {
    let known = Set(index.cases.map { $0.folder ?? $0.id })
    let names = (try? FileManager.default.contentsOfDirectory(atPath: url.path)) ?? []
    return names.filter { name in
      !known.contains(name) && url.appendingPathComponent(name).isFolder
    }.sorted()
  }
}
