import Foundation
import SpiderCore
internal import CNifti

/// The calls of libnifti2: headers from bytes and to bytes. No other file of Spider knows its types.
///
/// The library interprets and composes headers; the bytes themselves go through ``GzipReader`` and
/// ``GzipWriter``, because its own input and output cannot tell a cut gzip stream or a full disk.
enum NIfTILibrary {
  /// The library speaks to standard error unless told not to.
  private static let silenced: Void = nifti_set_debug_level(0)

  /// Qform and sform of a checked header, in the file's own unit.
  static func affines(
    of fields: HeaderFields, _ layout: NIfTILayout, _ url: URL
  ) throws(FileError) -> (qform: Affine, sform: Affine) {
    _ = silenced
    let image: UnsafeMutablePointer<nifti_image>?
    if layout.version == 1 {
      unsafe image = unsafe nifti_convert_n1hdr2nim(fill(nifti_1_header(), fields.bytes), nil)
    } else {
      unsafe image = unsafe nifti_convert_n2hdr2nim(fill(nifti_2_header(), fields.bytes), nil)
    }
    guard let image = unsafe image else {
      throw .corrupt(url, fault: "libnifti2 does not accept its header")
    }
    defer { unsafe nifti_image_free(image) }
    return unsafe (affine(image.pointee.qto_xyz), affine(image.pointee.sto_xyz))
  }

  private static func fill<Header>(_ header: Header, _ bytes: [UInt8]) -> Header {
    precondition(MemoryLayout<Header>.size <= bytes.count, "a header of \(bytes.count) bytes")
    var header = header
    unsafe withUnsafeMutableBytes(of: &header) { unsafe $0.copyBytes(from: bytes.prefix($0.count)) }
    return header
  }

  private static func affine(_ matrix: nifti_dmat44) -> Affine {
    let (x, y, z) = (matrix.m.0, matrix.m.1, matrix.m.2)
    return Affine(
      columns: (
        Vector3(x.0, y.0, z.0), Vector3(x.1, y.1, z.1), Vector3(x.2, y.2, z.2)
      ), translation: Vector3(x.3, y.3, z.3))
  }

  private static func matrix(_ affine: Affine) -> nifti_dmat44 {
    var matrix = nifti_dmat44()
    let rows = affine.rows
    matrix.m.0 = (rows[0][0], rows[0][1], rows[0][2], rows[0][3])
    matrix.m.1 = (rows[1][0], rows[1][1], rows[1][2], rows[1][3])
    matrix.m.2 = (rows[2][0], rows[2][1], rows[2][2], rows[2][3])
    matrix.m.3 = (0, 0, 0, 1)
    return matrix
  }

  /// The bytes before the voxels of a NIfTI-1 file in this machine's byte order: unscaled, in mm,
  /// with the affine as sform and, where it is not sheared, as qform too, both marked as scanner
  /// coordinates.
  ///
  /// - Parameter extensions: what follows the header's 348 bytes: their flag of four bytes, then themselves.
  static func headerBytes(
    of grid: VoxelGrid, datatype: NIfTIDatatype, content: NIfTIContent?, text: String,
    extensions: [UInt8]
  ) -> [UInt8]? {
    _ = silenced
    let dims = [3, Int64(grid.nx), Int64(grid.ny), Int64(grid.nz), 1, 1, 1, 1]
    guard let image = unsafe nifti_make_new_nim(dims, Int32(datatype.rawValue), 0) else {
      return nil
    }
    defer { unsafe nifti_image_free(image) }
    unsafe place(image, grid)
    unsafe image.pointee.nifti_type = NIFTI_FTYPE_NIFTI1_1
    unsafe image.pointee.iname_offset = Int64(348 + extensions.count)
    unsafe image.pointee.xyz_units = NIFTI_UNITS_MM
    unsafe image.pointee.scl_slope = 1
    unsafe image.pointee.scl_inter = 0
    if let content {
      unsafe image.pointee.intent_code = Int32(content.code)
      unsafe withUnsafeMutableBytes(of: &image.pointee.intent_name) {
        unsafe $0.copyBytes(from: content.rawValue.utf8.prefix(15))
      }
    }
    unsafe withUnsafeMutableBytes(of: &image.pointee.descrip) {
      unsafe $0.copyBytes(from: text.utf8.prefix(79))
    }
    var header = nifti_1_header()
    guard unsafe nifti_convert_nim2n1hdr(image, &header) == 0 else { return nil }
    // The library leaves the axes that are not there at 0; the standard's examples have 1.
    (header.dim.4, header.dim.5, header.dim.6, header.dim.7) = (1, 1, 1, 1)
    return unsafe withUnsafeBytes(of: &header) { unsafe Array($0) } + extensions
  }

  private static func place(_ image: UnsafeMutablePointer<nifti_image>, _ grid: VoxelGrid) {
    let spacing = grid.spacing
    unsafe (image.pointee.dx, image.pointee.dy, image.pointee.dz) = (
      spacing.x, spacing.y, spacing.z
    )
    unsafe image.pointee.sto_xyz = matrix(grid.affine)
    unsafe image.pointee.sform_code = NIFTI_XFORM_SCANNER_ANAT
    // A quaternion cannot hold shear. Float rounding of an sform stays two orders below this bound.
    guard grid.shear < 1e-5 else { return }
    var (b, c, d, x, y, z) = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    var (dx, dy, dz, factor) = (0.0, 0.0, 0.0, 0.0)
    unsafe nifti_dmat44_to_quatern(
      matrix(grid.affine), &b, &c, &d, &x, &y, &z, &dx, &dy, &dz, &factor)
    unsafe image.pointee.qform_code = NIFTI_XFORM_SCANNER_ANAT
    unsafe (image.pointee.quatern_b, image.pointee.quatern_c, image.pointee.quatern_d) = (b, c, d)
    unsafe (image.pointee.qoffset_x, image.pointee.qoffset_y, image.pointee.qoffset_z) = (x, y, z)
    unsafe image.pointee.qfac = factor
  }
}
