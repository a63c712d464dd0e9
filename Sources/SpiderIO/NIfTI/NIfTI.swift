import Foundation
import SpiderCore

/// Reads and writes volumes and label maps as NIfTI files (.nii, .nii.gz, .hdr with .img).
///
/// Reading accepts versions 1 and 2, either byte order, every scalar type, any orientation. What is
/// not one sound 3D scalar volume is refused with a ``FileError`` that names file and fault. Not for
/// series of volumes, colour images or files with several values a voxel.
public enum NIfTI {
  /// The CT number that stands for a value that is not finite.
  static let airNumber: Float = -1000

  /// Reads a CT volume, in the orientation of the file.
  ///
  /// A sheared affine is kept as it is: see ``VoxelGrid/shear``. Values that are NaN or infinite
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
    try file.forEachPiece(maxVoxels: options.maxVoxels) { piece in
      if values.isEmpty { values.reserveCapacity(grid.count) }
      for value in piece {
        if value.isFinite {
          values.append(value)
        } else {
          values.append(airNumber)
          nonFinite += 1
        }
      }
    }
    var notes = file.header.notes
    if nonFinite > 0 { notes.append("\(nonFinite) voxels are not finite: read as air") }
    return LoadedVolume(
      volume: Volume(grid: grid, values: values), nonFiniteCount: nonFinite, notes: notes)
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
    let grid = try grid(of: file.header, options)
    var values: [UInt8] = []
    try file.forEachPiece(maxVoxels: options.maxVoxels) { (piece) throws(FileError) in
      if values.isEmpty { values.reserveCapacity(grid.count) }
      for value in piece {
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
