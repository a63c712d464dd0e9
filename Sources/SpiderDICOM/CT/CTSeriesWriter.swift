import Foundation
import SpiderCore
import SpiderIO

/// Writes a reconstruction as a DICOM CT series: one file a slice, explicit VR little endian, uncompressed.
///
/// The series says of itself that it is derived, that it was reconstructed, by which model, and that it is not for
/// diagnosis. It names no patient and no date, which nobody has told Spider. Its UIDs are digests of its
/// content (2.25, PS3.5 B.2): equal work gives equal files, other work other UIDs.
public enum CTSeriesWriter {
  /// CT Image Storage.
  private static let storageClass = "1.2.840.10008.5.1.4.1.1.2"
  private static let warning = "NOT FOR DIAGNOSIS"
  /// Rows to the patient's left, columns to the back, slices to the head.
  private static let order = Orientation(code: "LPS") ?? .ras

  /// Writes a series into a new folder: slices from the feet to the head, as radiologists have them, patient's
  /// right at the viewer's left.
  ///
  /// - Parameters:
  ///   - volume: CT numbers; whole HU are stored. Its axes must be perpendicular.
  ///   - folder: is made; one that is there must be empty.
  ///   - provenance: what made the volume.
  /// - Throws: ``/SpiderIO/FileError``; then there is no folder.
  public static func write(
    _ volume: Volume, to folder: URL, provenance: Provenance
  ) throws(FileError) {
    try check(volume, folder)
    let slices = files(of: volume.reoriented(to: order), provenance)
    let parent = folder.deletingLastPathComponent()
    let hidden = parent.appendingPathComponent(
      ".spider-\(ProcessInfo.processInfo.processIdentifier)-\(folder.lastPathComponent)")
    let manager = FileManager.default
    do {
      defer { try? manager.removeItem(at: hidden) }
      try manager.createDirectory(at: hidden, withIntermediateDirectories: false)
      for (index, slice) in slices.enumerated() {
        let name = String(format: "slice_%04d.dcm", index + 1)
        try AtomicFile.write(slice, to: hidden.appendingPathComponent(name), overwrite: false)
      }
      if manager.fileExists(atPath: folder.path) { try manager.removeItem(at: folder) }
      try manager.moveItem(at: hidden, to: folder)
    } catch let error as FileError {
      throw error
    } catch {
      throw .notWritable(folder, reason: error.localizedDescription)
    }
  }

  private static func check(_ volume: Volume, _ folder: URL) throws(FileError) {
    if FileManager.default.fileExists(atPath: folder.path) {
      let names = try? FileManager.default.contentsOfDirectory(atPath: folder.path)
      guard let names, names.isEmpty else { throw .exists(folder) }
    }
    let grid = volume.grid
    guard grid.shear < 1e-4 else {
      throw .notStorable(
        folder, fault: "the volume's axes are not perpendicular", remedy: "resample it")
    }
    guard max(grid.nx, grid.ny, grid.nz) <= 9999 else {
      throw .notStorable(
        folder, fault: "\(grid.nx) x \(grid.ny) x \(grid.nz) voxels are too many for a series",
        remedy: "choose a coarser or smaller grid")
    }
    guard let bad = volume.values.first(where: { !(abs($0) <= 32767) }) else { return }
    throw .notStorable(
      folder, fault: "the value \(bad) does not fit a 16-bit integer", remedy: "write NIfTI")
  }

  /// The bytes of each slice's file.
  private static func files(of volume: Volume, _ provenance: Provenance) -> [Data] {
    let grid = volume.grid
    let pixels = (0..<grid.nz).map { k in
      volume.values[(k * grid.nx * grid.ny)..<((k + 1) * grid.nx * grid.ny)].flatMap { value in
        let stored = UInt16(bitPattern: Int16(value.rounded()))
        return [UInt8(stored & 255), UInt8(stored >> 8)]
      }
    }
    let source = UniqueIdentifier(digestOf: Array(provenance.json))
    let content = UniqueIdentifier(digestOf: Array(source.text.utf8) + pixels.flatMap { $0 })
    return pixels.enumerated().map { k, bytes in
      let instance = content.part(k + 1).text
      var file = DICOMElementWriter()
      file.appendMeta(storageClass: storageClass, instance: instance)
      file.appendImage(
        storageClass: storageClass, instance: instance, provenance,
        sliceThickness: grid.spacing.z, warning: warning)
      file.append(0x0020, 0x000d, "UI", source.part(1).text)
      file.append(0x0020, 0x000e, "UI", content.text)
      file.append(0x0020, 0x0010, "SH", "")
      file.append(0x0020, 0x0011, "IS", "1")
      file.append(0x0020, 0x0012, "IS", "")
      file.append(0x0020, 0x0013, "IS", "\(k + 1)")
      file.appendPlace(of: k, in: grid, frame: source.part(2).text)
      file.append(0x0020, 0x4000, "LT", warning)
      file.appendPixels(bytes, grid)
      return file.bytes
    }
  }
}

/// A UID of digits alone, from a digest.
private struct UniqueIdentifier {
  private let digest: String

  init(digestOf bytes: [UInt8]) { digest = SHA256.digest(of: bytes) }

  /// The UID of a part of what this one names.
  func part(_ number: Int) -> UniqueIdentifier {
    UniqueIdentifier(digestOf: Array("\(digest) \(number)".utf8))
  }

  /// The UID: that of a UUID of version 8 (RFC 9562), whose other bits are the digest's.
  var text: String {
    var bits = UInt128(digest.prefix(32), radix: 16) ?? 0
    bits = bits & ~(0xF << 76) | 0x8 << 76
    bits = bits & ~(0x3 << 62) | 0x2 << 62
    return "2.25.\(bits)"
  }
}
