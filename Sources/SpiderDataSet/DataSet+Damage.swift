import Foundation
import SpiderIO
import SpiderSupport

extension DataSet {
  /// The fault of a case's files, or nil.
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
  /// - Throws: ``DataSetError/damagedCases(_:case:others:)`` naming the first damaged case.
  public func checked(
    _ splits: [DataSetIndex.Split], skippingDamaged: Bool
  ) throws(DataSetError) -> (
    dataSet: DataSet, skipped: [(entry: DataSetIndex.Entry, fault: FileError)]
  ) {
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

/// The 64-bit FNV-1a checksum of a file's bytes: it finds damage, not malice.
package enum Checksum {
  /// The checksum with its name before it.
  package static func of(_ data: Data) -> String {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    // An array: the loop over Data itself is several times as slow.
    for byte in [UInt8](data) { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    return "fnv1a64:" + String(hash, radix: 16)
  }

  /// That of a value's JSON, keys in order.
  package static func of(encoding value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    return of(try encoder.encode(value))
  }
}
