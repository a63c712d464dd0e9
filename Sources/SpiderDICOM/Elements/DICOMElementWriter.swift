import Foundation
import SpiderCore
import SpiderIO

/// Appends elements to a DICOM file, explicit VR little endian; the order is the caller's, by rising tags.
struct DICOMElementWriter {
  private(set) var bytes = Data()

  /// Appends a text element; its length becomes even (UIDs by a zero, text by a blank).
  mutating func append(_ group: UInt16, _ element: UInt16, _ type: String, _ text: String) {
    var value = Data(text.utf8)
    if value.count % 2 == 1 { value.append(type == "UI" ? 0 : UInt8(ascii: " ")) }
    append(group, element, type, value)
  }

  /// Appends a number of 16 bits.
  mutating func append(_ group: UInt16, _ element: UInt16, _ number: Int) {
    append(group, element, "US", Self.little(number, 2))
  }

  /// Appends numbers as decimal strings of at most 16 characters.
  mutating func append(_ group: UInt16, _ element: UInt16, decimals: [Double]) {
    let words = decimals.map { String(format: "%.10g", $0 == 0 ? 0 : $0) }
    append(group, element, "DS", words.joined(separator: "\\"))
  }

  /// Appends a value of an even number of bytes.
  mutating func append(_ group: UInt16, _ element: UInt16, _ type: String, _ value: Data) {
    bytes += Self.little(Int(group), 2) + Self.little(Int(element), 2) + Data(type.utf8)
    // Long types have two reserved bytes and four of length (PS3.5 7.1.2).
    bytes +=
      type == "OB" || type == "OW"
      ? Data([0, 0]) + Self.little(value.count, 4) : Self.little(value.count, 2)
    bytes += value
  }

  private static func little(_ number: Int, _ count: Int) -> Data {
    Data((0..<count).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) })
  }

  // MARK: Parts of a CT image (PS3.3 A.3)

  /// Appends preamble and meta information.
  mutating func appendMeta(storageClass: String, instance: String) {
    var meta = DICOMElementWriter()
    meta.append(0x0002, 0x0001, "OB", Data([0, 1]))
    meta.append(0x0002, 0x0002, "UI", storageClass)
    meta.append(0x0002, 0x0003, "UI", instance)
    meta.append(0x0002, 0x0010, "UI", "1.2.840.10008.1.2.1")
    // Of a UUID drawn once for Spider.
    meta.append(0x0002, 0x0012, "UI", "2.25.134885970391180535491827546632171242927")
    meta.append(0x0002, 0x0013, "SH", "SPIDER")
    bytes += Data(count: 128) + Data("DICM".utf8)
    append(0x0002, 0x0000, "UL", Self.little(meta.bytes.count, 4))
    bytes += meta.bytes
  }

  /// Appends what image, equipment, patient and study are: the patient and the time are not known.
  mutating func appendImage(
    storageClass: String, instance: String, _ provenance: Provenance, sliceThickness: Double,
    warning: String
  ) {
    let name = "Spider \(provenance.version) \(provenance.model.name)"
    append(0x0008, 0x0005, "CS", "ISO_IR 192")
    append(0x0008, 0x0008, "CS", "DERIVED\\SECONDARY\\AXIAL")
    append(0x0008, 0x0016, "UI", storageClass)
    append(0x0008, 0x0018, "UI", instance)
    append(0x0008, 0x0020, "DA", "")
    append(0x0008, 0x0030, "TM", "")
    append(0x0008, 0x0050, "SH", "")
    append(0x0008, 0x0060, "CS", "CT")
    append(0x0008, 0x0070, "LO", "Spider")
    append(0x0008, 0x0090, "PN", "")
    append(0x0008, 0x103e, "LO", String("\(warning): \(name)".prefix(64)))
    append(0x0008, 0x1090, "LO", String(provenance.model.name.prefix(64)))
    append(
      0x0008, 0x2111, "ST",
      "Reconstructed from \(provenance.views.count) X-rays by a neural network, model SHA-256 "
        + "\(provenance.model.sha256). \(warning).")
    append(0x0010, 0x0010, "PN", "")
    append(0x0010, 0x0020, "LO", "")
    append(0x0010, 0x0030, "DA", "")
    append(0x0010, 0x0040, "CS", "")
    append(0x0018, 0x0050, decimals: [sliceThickness])
    append(0x0018, 0x0060, "DS", "")
    append(0x0018, 0x1020, "LO", String("\(name) \(provenance.commit ?? "")".prefix(64)))
    append(0x0018, 0x5100, "CS", "HFS")
  }

  /// Appends where slice k lies: DICOM's world is LPS.
  mutating func appendPlace(of k: Int, in grid: VoxelGrid, frame: String) {
    func list(_ v: Vector3) -> [Double] { [-v.x, -v.y, v.z] }
    let (i, j, normal) = grid.affine.columns
    let corner = grid.worldPoint(0, 0, Double(k))
    append(0x0020, 0x0032, decimals: list(corner))
    append(0x0020, 0x0037, decimals: list(normalized(i)) + list(normalized(j)))
    append(0x0020, 0x0052, "UI", frame)
    append(0x0020, 0x1040, "LO", "")
    append(0x0020, 0x1041, decimals: [dot(corner, normalized(normal))])
  }

  /// Appends the pixels: whole HU in 16 bits.
  mutating func appendPixels(_ pixels: [UInt8], _ grid: VoxelGrid) {
    append(0x0028, 0x0002, 1)
    append(0x0028, 0x0004, "CS", "MONOCHROME2")
    append(0x0028, 0x0010, grid.ny)
    append(0x0028, 0x0011, grid.nx)
    append(0x0028, 0x0030, decimals: [grid.spacing.y, grid.spacing.x])
    append(0x0028, 0x0100, 16)
    append(0x0028, 0x0101, 16)
    append(0x0028, 0x0102, 15)
    append(0x0028, 0x0103, 1)
    append(0x0028, 0x1050, decimals: [300])
    append(0x0028, 0x1051, decimals: [2000])
    append(0x0028, 0x1052, decimals: [0])
    append(0x0028, 0x1053, decimals: [1])
    append(0x0028, 0x1054, "LO", "HU")
    append(0x7fe0, 0x0010, "OW", Data(pixels))
  }
}
