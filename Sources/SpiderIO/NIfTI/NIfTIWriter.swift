import Foundation
import SpiderCore

/// Writes a volume to a NIfTI-1 file slab by slab, so that a large volume need never be in memory.
///
/// Bytes are in this machine's order, little-endian wherever Spider runs, and the header agrees.
/// The file appears when ``finish()`` succeeds. A name ending in .gz is compressed, .nii is not.
public final class NIfTIWriter {
  private let url: URL
  private let grid: VoxelGrid
  private let datatype: NIfTIDatatype
  private let output: GzipWriter
  /// Whether NaN may be stored, for what says nothing.
  private let allowsNaN: Bool
  private var written = 0

  /// Starts a file.
  ///
  /// - Parameters:
  ///   - url: its path, ending in .nii or .nii.gz.
  ///   - grid: counts (at most 32767 an axis, a limit of the format) and affine, stored as single
  ///     precision numbers in mm.
  ///   - datatype: `float32`, `int16` or `uint8`; stored unscaled.
  ///   - content: what the numbers are, if no CT; those of type `uint8` are labels.
  ///   - text: free text for the header, at most 79 bytes.
  ///   - provenance: where the volume comes from; its line takes the place of `text`.
  ///   - allowsNaN: whether NaN may be stored, as what says nothing: in radiographs, never in volumes.
  ///   - overwrite: whether an existing file may be replaced.
  /// - Throws: ``FileError``.
  public init(
    _ url: URL, grid: VoxelGrid, datatype: NIfTIDatatype, content: NIfTIContent? = nil,
    text: String = "Spider", provenance: Provenance? = nil,
    allowsNaN: Bool = false, overwrite: Bool
  ) throws(FileError) {
    precondition(
      [.float32, .int16, .uint8].contains(datatype), "\(datatype.name) is read, not written")
    guard FileEnding.stem(of: url, endings: [".nii.gz", ".nii"]) != nil else {
      throw .notStorable(
        url, fault: "a NIfTI file has a name ending in .nii or .nii.gz", remedy: "name it so")
    }
    guard max(grid.nx, grid.ny, grid.nz) <= Int(Int16.max) else {
      throw .notStorable(
        url, fault: "\(grid.nx) x \(grid.ny) x \(grid.nz) voxels; NIfTI-1 holds 32767 an axis",
        remedy: "choose a coarser or smaller grid")
    }
    // Single precision must not turn the affine into something that cannot be read back.
    let single = grid.affine.rows.map { $0.map { Double(Float($0)) } }
    guard Affine(rows: single).isUsable,
      let header = NIfTILibrary.headerBytes(
        of: grid, datatype: datatype, content: datatype == .uint8 ? .labels : content,
        text: provenance?.title ?? text,
        extensions: provenance?.extensionBytes ?? [0, 0, 0, 0])
    else {
      throw .notStorable(
        url, fault: "its affine is out of the range of the format", remedy: "check the spacing")
    }
    self.url = url
    self.grid = grid
    self.datatype = datatype
    self.allowsNaN = allowsNaN && datatype == .float32
    let isCompressed = url.path.lowercased().hasSuffix(".gz")
    // Noise in floating point numbers hardly compresses: more effort only costs time.
    let level = datatype == .float32 ? 1 : 4
    output = try GzipWriter(
      AtomicFile(url, overwrite: overwrite), level: isCompressed ? level : nil)
    try output.append(header[...])
  }

  /// Adds voxels, in memory order, as `float32` or rounded to `int16`.
  ///
  /// - Throws: ``FileError`` when a value is not finite or does not fit `int16`, or on a full disk.
  public func append(_ values: ArraySlice<Float>) throws(FileError) {
    precondition(datatype != .uint8, "numbers into a label map")
    try count(values.count)
    guard let bad = values.firstIndex(where: { !$0.isFinite && !(allowsNaN && $0.isNaN) }) else {
      return try store(values)
    }
    throw .notStorable(
      url, fault: "the value \(values[bad]) is not a CT number", remedy: "report this as a bug")
  }

  /// Adds labels, in memory order, to a file of type `uint8`.
  ///
  /// - Throws: ``FileError`` on a full disk.
  public func append(_ labels: ArraySlice<UInt8>) throws(FileError) {
    precondition(datatype == .uint8, "labels into a file of \(datatype.name)")
    try count(labels.count)
    try output.append(labels)
  }

  /// Completes the file; all voxels must have been added.
  ///
  /// - Throws: ``FileError`` on a full disk, or when the name was taken meanwhile.
  public func finish() throws(FileError) {
    precondition(written == grid.count, "\(written) of \(grid.count) voxels written")
    try output.commit()
  }

  private func count(_ number: Int) throws(FileError) {
    precondition(written + number <= grid.count, "more voxels than the grid has")
    written += number
  }

  private func store(_ values: ArraySlice<Float>) throws(FileError) {
    guard datatype == .int16 else {
      return try output.append(values)
    }
    let range = Float(Int16.min)...Float(Int16.max)
    guard let bad = values.first(where: { !range.contains($0.rounded()) }) else {
      return try output.append(values.map { Int16($0.rounded()) }[...])
    }
    throw .notStorable(
      url, fault: "the value \(bad) does not fit a 16-bit integer", remedy: "write float32")
  }
}
