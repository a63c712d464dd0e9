/// Where the fields of a NIfTI header lie, for both versions of the format (nifti1.h, nifti2.h).
///
/// Only what must be checked before the header goes to libnifti2 is listed: that library repairs some
/// faults in silence (a pixdim of 0 or NaN becomes 1) and trusts others.
struct NIfTILayout {
  /// The version: 1 or 2.
  let version: Int
  /// Bytes of the header, without the four that announce extensions.
  let headerSize: Int
  /// Bytes of a dimension.
  let dimSize: Int
  /// Bytes of a floating point number.
  let realSize: Int
  /// Bytes of a qform or sform code.
  let codeSize: Int
  let magic: Int
  let dim: Int
  let datatype: Int
  let pixdim: Int
  let voxOffset: Int
  let slope: Int
  let units: Int
  let description: Int
  let qformCode: Int
  let quaternion: Int
  let sform: Int

  /// NIfTI-1, 348 bytes.
  static let one = NIfTILayout(
    version: 1, headerSize: 348, dimSize: 2, realSize: 4, codeSize: 2, magic: 344, dim: 40,
    datatype: 70, pixdim: 76, voxOffset: 108, slope: 112, units: 123, description: 148,
    qformCode: 252, quaternion: 256, sform: 280)

  /// NIfTI-2, 540 bytes.
  static let two = NIfTILayout(
    version: 2, headerSize: 540, dimSize: 8, realSize: 8, codeSize: 4, magic: 4, dim: 16,
    datatype: 12, pixdim: 104, voxOffset: 168, slope: 176, units: 500, description: 240,
    qformCode: 344, quaternion: 352, sform: 400)
}
