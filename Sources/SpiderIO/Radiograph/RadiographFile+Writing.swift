import Foundation
import SpiderCore

extension RadiographFile {
  /// Writes the image as NIfTI, float32, with the detector's place as sform, and NaN where a pixel is
  /// masked. Its geometry file is written by ``GeometrySidecar/write(to:overwrite:)`` to ``GeometrySidecar/url(beside:)``.
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
      url, grid: grid, datatype: .float32, text: headerText, allowsNaN: true,
      overwrite: overwrite)
    try writer.append(
      radiograph.values.indices.map { radiograph.counts($0) ? radiograph.values[$0] : .nan }[...])
    try writer.finish()
  }
}
