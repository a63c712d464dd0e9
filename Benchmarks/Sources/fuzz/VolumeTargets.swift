import Foundation
import SpiderCore
import SpiderDICOM
import SpiderIO

/// A field of a header: where it lies, its size, and whether it is a floating point number.
struct HeaderField {
  let place: Int
  let size: Int
  var isReal = false

  /// So many fields one behind the other.
  static func row(_ place: Int, _ count: Int, size: Int, isReal: Bool = false) -> [HeaderField] {
    (0..<count).map { HeaderField(place: place + $0 * size, size: size, isReal: isReal) }
  }

  /// The fields of NIfTI-1 that a reader looks at (nifti1.h).
  static let nifti =
    row(0, 1, size: 4) + row(39, 1, size: 1) + row(40, 8, size: 2) + row(68, 4, size: 2)
    + row(76, 8, size: 4, isReal: true) + row(108, 3, size: 4, isReal: true) + row(120, 1, size: 2)
    + row(122, 2, size: 1) + row(124, 4, size: 4, isReal: true) + row(252, 2, size: 2)
    + row(256, 18, size: 4, isReal: true) + row(344, 1, size: 4)
}

extension Target {
  private static let reals: [Float] = [
    .nan, .infinity, -.infinity, 0, -0, 1, -1, 0.5, 352, 348, .leastNonzeroMagnitude, 1e-38, 3.4e38,
    -3.4e38, 1e10, 2,
  ]
  private static let wholes: [UInt64] = [
    0, 1, 2, 3, 4, 5, 7, 8, 16, 32, 64, 127, 128, 255, 256, 348, 512, 540, 768, 1024, 1280, 1536,
    1792, 2048,
    2304, 0x7FFF, 0x8000, 0xFFFF, 0x7FFF_FFFF, 0xFFFF_FFFF,
  ]

  /// NIfTI volumes, labels and radiographs.
  static func nifti(_ sources: Sources) throws -> Target {
    let grid = VoxelGrid(
      nx: 5, ny: 4, nz: 3,
      affine: Affine(scale: Vector3(2, 2, 3), translation: Vector3(-4, -3, -3)))
    let volume = Volume(grid: grid, values: (0..<60).map { Float($0) * 20 - 500 })
    let labels = LabelVolume(grid: grid, values: (0..<60).map { UInt8($0 % 6) })
    let film = Radiograph(
      geometry: try ViewSetup(pixelSize: SIMD2(60, 60), columns: 8, rows: 6).geometry(of: .pa),
      values: (0..<48).map { Float($0) / 12 }, intensity: .absolute)
    var seeds = [
      try sources.written("a.nii") { try NIfTI.write(volume, to: $0) },
      try sources.written("b.nii") { try NIfTI.write(volume, to: $0, datatype: .int16) },
      try sources.written("c.nii") { try NIfTI.write(labels, to: $0) },
      try sources.written("d.nii.gz") { try NIfTI.write(labels, to: $0) },
      try sources.written("e.nii") { try RadiographFile.write(film, to: $0) },
    ]
    seeds.append(swapped(seeds[1]))
    if let odd = sources.odd {
      let files = try FileManager.default.contentsOfDirectory(
        at: odd, includingPropertiesForKeys: nil
      ).filter { $0.lastPathComponent.contains(".nii") }.sorted { $0.path < $1.path }
      seeds += try files.map { [UInt8](try Data(contentsOf: $0)) }
        .filter { $0.count > 16 && $0.count < 1 << 14 }
    }
    let all = seeds
    return Target(name: "nifti", ending: "nii", seeds: all) { damage, bytes in
      guard bytes.first != 0x1F, damage.below(4) > 0 else {
        return damage.harm(&bytes, mixing: all)
      }
      let field = damage.pick(HeaderField.nifti)
      let value =
        field.isReal ? UInt64(damage.pick(reals).bitPattern) : damage.pick(wholes)
      damage.overwrite(&bytes, at: field.place, size: field.size, value)
    } read: { url in
      // Each of them is a command's way in; what one refuses another may take.
      _ = try? NIfTI.readLabels(url)
      let setup = ViewSetup(pixelSize: SIMD2(60, 60), columns: 8, rows: 6)
      _ = try? RadiographFile.read(image: url) { columns, rows in
        try ViewSetup(pixelSize: setup.pixelSize, columns: columns, rows: rows).geometry(of: .pa)
      }
      let loaded = try NIfTI.load(
        url, options: NIfTIReadOptions(assumeOrientation: Orientation(code: "RAS")))
      precondition(loaded.volume.values.allSatisfy(\.isFinite), "a CT number that is none")
    }
  }

  /// The same header in the other byte order, and 16-bit voxels.
  private static func swapped(_ bytes: [UInt8]) -> [UInt8] {
    var bytes = bytes
    for field in HeaderField.nifti where field.size > 1 && field.place != 344 {
      bytes[field.place..<field.place + field.size].reverse()
    }
    for place in stride(from: 352, to: bytes.count - 1, by: 2) { bytes.swapAt(place, place + 1) }
    return bytes
  }

  /// DICOM files: X-rays, slices, frames.
  static func dicom(_ sources: Sources) throws -> Target {
    let folder = sources.tests.appendingPathComponent("SpiderDICOMTests/Resources")
    let walk = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
    let files = (walk?.allObjects as? [URL] ?? []).filter { $0.pathExtension == "dcm" }
      .sorted { $0.path < $1.path }
      // Of the slices of a series one.
      .filter {
        !$0.path.contains("/ct/") || $0.lastPathComponent.hasPrefix("enhanced")
          || $0.lastPathComponent.hasPrefix("00")
      }
    let seeds = try files.map { [UInt8](try Data(contentsOf: $0)) }
    return Target(name: "dicom", ending: "dcm", seeds: seeds) { damage, bytes in
      damage.harm(&bytes, mixing: seeds, from: damage.happens(oneIn: 20) ? 0 : 132)
    } read: { url in
      _ = try? RadiographSource.read(ViewSpecification(view: nil, image: url))
      _ = try VolumeSource.load(url)
    }
  }
}
