import Foundation
import SpiderCore
import SpiderSupport

/// Reads and writes volumes and label maps as NIfTI files (.nii, .nii.gz, .hdr with .img).
///
/// Reading accepts versions 1 and 2, either byte order, every scalar type, any orientation. What is
/// not one sound 3D scalar volume is refused with a ``FileError`` that names file and fault. Not for
/// series of volumes, colour images or files with several values per voxel.
public enum NIfTI {
  /// The CT number that stands for a value that is not finite.
  static let airNumber: Float = -1000

  /// Reads a CT volume, in the orientation of the file.
  ///
  /// A sheared affine is kept as it is: see ``/SpiderImaging/VoxelGrid/shear``. Values that are NaN or infinite
  /// become air; ``load(_:options:)`` says how many there were.
  ///
  /// - Throws: ``FileError``.
  public static func readVolume(
    _ url: URL, options: NIfTIReadOptions = NIfTIReadOptions()
  ) throws(FileError) -> Volume {
    try load(url, options: options).volume
  }

  /// Reads a CT volume together with the notes on how the file was understood.
  ///
  /// - Throws: ``FileError``.
  public static func load(
    _ url: URL, options: NIfTIReadOptions = NIfTIReadOptions()
  ) throws(FileError) -> LoadedVolume {
    let file = try NIfTIFile(url)
    try file.header.requireVolume()
    let grid = try grid(of: file.header, options)
    var values: [Float] = []
    var nonFinite = 0
    try file.forEachTile(maxVoxels: options.maxVoxels) { tile in
      if values.isEmpty { values.reserveCapacity(grid.count) }
      for value in tile {
        if value.isFinite {
          values.append(value)
        } else {
          values.append(airNumber)
          nonFinite += 1
        }
      }
    }
    var notes = file.header.notes
    if nonFinite > 0 {
      notes.append("\(counted(nonFinite, "voxel is", "voxels are")) not finite: read as air")
    }
    return LoadedVolume(
      volume: Volume(grid: grid, values: values), nonFiniteCount: nonFinite, notes: notes,
      content: file.header.content)
  }

  /// Reads a label map, in the orientation of the file.
  ///
  /// - Throws: ``FileError``; ``FileError/notLabels(_:fault:)`` when a voxel is not a whole number
  ///   from 0 to 255.
  public static func readLabels(
    _ url: URL, options: NIfTIReadOptions = NIfTIReadOptions()
  ) throws(FileError) -> LabelVolume {
    let file = try NIfTIFile(url)
    try file.header.requireVolume()
    if let content = file.header.content, content != .labels {
      throw .notLabels(url, fault: "it says that it holds \(content.words)")
    }
    let grid = try grid(of: file.header, options)
    var values: [UInt8] = []
    try file.forEachTile(maxVoxels: options.maxVoxels) { (tile) throws(FileError) in
      if values.isEmpty { values.reserveCapacity(grid.count) }
      for value in tile {
        guard let label = UInt8(exactly: value) else {
          let voxel = grid.voxel(at: values.count)
          throw .notLabels(
            url, fault: "voxel (\(voxel.x), \(voxel.y), \(voxel.z)) holds \(value)")
        }
        values.append(label)
      }
    }
    return LabelVolume(grid: grid, values: values)
  }

  static func grid(
    of header: NIfTIHeader, _ options: NIfTIReadOptions
  ) throws(FileError) -> VoxelGrid {
    VoxelGrid(
      nx: header.shape[0], ny: header.shape[1], nz: header.shape[2],
      affine: try header.affine(assuming: options.assumeOrientation))
  }
}

extension NIfTI {
  /// The number type of a stored CT volume.
  public enum StoredType: Sendable {
    /// 32-bit floating point numbers, exactly as they are.
    case float32
    /// 16-bit integers: CT numbers rounded to whole HU.
    case int16
  }

  /// Writes a volume as a NIfTI-1 file with qform (unless sheared) and sform in mm.
  ///
  /// - Throws: ``FileError``; then no file has appeared and none has changed.
  public static func write(
    _ volume: Volume, to url: URL, datatype: StoredType = .float32, overwrite: Bool = false
  ) throws(FileError) {
    let type: NIfTIDatatype = datatype == .float32 ? .float32 : .int16
    let writer = try NIfTIWriter(url, grid: volume.grid, datatype: type, overwrite: overwrite)
    // Slice by slice: the copy in the file's type stays small.
    let slice = volume.grid.nx * volume.grid.ny
    for start in stride(from: 0, to: volume.values.count, by: slice) {
      try writer.append(volume.values[start..<start + slice])
    }
    try writer.finish()
  }

  /// Writes a label map as a NIfTI-1 file of 8-bit integers.
  ///
  /// - Throws: ``FileError``; then no file has appeared and none has changed.
  public static func write(
    _ labels: LabelVolume, to url: URL, overwrite: Bool = false
  ) throws(FileError) {
    let writer = try NIfTIWriter(url, grid: labels.grid, datatype: .uint8, overwrite: overwrite)
    try writer.append(labels.values[...])
    try writer.finish()
  }
}

/// The options for reading a NIfTI file.
public struct NIfTIReadOptions: Sendable, Equatable {
  /// The orientation assumed when the file does not state one; nil refuses such files. A file
  /// that says is believed, whatever stands here.
  public var assumeOrientation: Orientation?
  /// The most voxels that are read; larger files are refused before memory is taken.
  public var maxVoxels: Int

  /// By default no orientation is assumed and 1024^3 voxels are the limit.
  public init(assumeOrientation: Orientation? = nil, maxVoxels: Int = 1 << 30) {
    self.assumeOrientation = assumeOrientation
    self.maxVoxels = maxVoxels
  }
}

/// A CT volume as it came from a file, with what its reader should know.
public struct LoadedVolume: Sendable {
  /// The volume, scaled, every value finite.
  public let volume: Volume
  /// The number of voxels that were NaN or infinite in the file; they are air (-1000 HU) in the volume.
  public let nonFiniteCount: Int
  /// Notes on the reading where the file left room: units, precedence, scaling...
  public let notes: [String]
  /// What the file says that its numbers are, where it is no CT.
  public let content: NIfTIContent?

  /// A volume that another format's reader has read.
  package init(
    volume: Volume, nonFiniteCount: Int, notes: [String], content: NIfTIContent? = nil
  ) {
    self.volume = volume
    self.nonFiniteCount = nonFiniteCount
    self.notes = notes
    self.content = content
  }

  /// Refuses what says that it is no CT.
  ///
  /// - Throws: ``FileError``.
  package func requireCT(_ url: URL) throws(FileError) {
    guard let content else { return }
    throw .unsupported(
      url, fault: "it says that it holds \(content.words), and a CT is wanted",
      remedy: "give the CT that it belongs to")
  }
}
