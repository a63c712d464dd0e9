import Foundation
import SpiderCore

extension NIfTI {
  /// How the voxels of a CT volume are stored.
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
