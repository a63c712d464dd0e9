import Foundation
import SpiderCore

extension RadiographFile {
  /// Writes the image as NIfTI, float32, with the detector's place as sform. Its geometry file is
  /// written by ``GeometrySidecar/write(to:overwrite:)`` to ``GeometrySidecar/url(beside:)``.
  ///
  /// - Throws: ``FileError``; then no file has appeared and none has changed.
  public static func write(
    _ radiograph: Radiograph, to url: URL, overwrite: Bool = false
  ) throws(FileError) {
    let geometry = radiograph.geometry
    let grid = VoxelGrid(
      nx: geometry.columns, ny: geometry.rows, nz: 1,
      affine: Affine(
        columns: (geometry.columnStep, geometry.rowStep, geometry.centralDirection),
        translation: geometry.pixelOrigin))
    let writer = try NIfTIWriter(
      url, grid: grid, datatype: .float32, text: headerText, overwrite: overwrite)
    try writer.append(radiograph.values[...])
    try writer.finish()
  }

  /// Writes a 16-bit picture to look at, bone bright: 0 and less is black, the largest value white.
  ///
  /// - Throws: ``FileError``; then no file has appeared and none has changed.
  public static func writePicture(
    _ radiograph: Radiograph, to url: URL, overwrite: Bool = false
  ) throws(FileError) {
    let top = radiograph.values.filter(\.isFinite).max() ?? 0
    let scale = top > 0 ? 65535 / top : 0
    // NaN and infinity become black.
    let pixels = radiograph.values.map { value in
      value.isFinite && value > 0 ? UInt16(min((value * scale).rounded(), 65535)) : 0
    }
    try PNG.writeGrey16(
      pixels, width: radiograph.geometry.columns, height: radiograph.geometry.rows, to: url,
      overwrite: overwrite)
  }
}
