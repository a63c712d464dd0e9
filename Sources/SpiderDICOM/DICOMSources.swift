import Foundation
import SpiderCore
import SpiderIO

/// Reads CT volumes of any kind: DICOM files and folders of them, told by content, else NIfTI.
public enum VolumeSource {
  /// Whether this is for the DICOM reader: a folder, or a file that says so.
  static func isDICOM(_ url: URL) -> Bool { url.isDirectory || DICOMFile.isDICOM(url) }

  /// Reads a CT in HU, in the orientation of the file, world RAS+ in mm.
  ///
  /// - Parameters:
  ///   - url: a NIfTI file, a multi-frame DICOM file, or a folder that holds a DICOM series.
  ///   - series: of several series the one to read: its number in the list, from 1, or its UID.
  /// - Throws: ``DICOMError``, ``/SpiderIO/FileError``.
  public static func load(
    _ url: URL, series: String? = nil, options: NIfTIReadOptions = NIfTIReadOptions()
  ) throws -> LoadedVolume {
    guard isDICOM(url) else {
      let loaded = try NIfTI.load(url, options: options)
      try loaded.requireCT(url)
      return loaded
    }
    return try CTVolumeReader(source: url, maxVoxels: options.maxVoxels, series: series).read()
  }
}

/// Reads X-rays of any kind: DICOM files, told by content, else pictures and NIfTI.
public enum RadiographSource {
  /// Reads what the command line calls a view.
  ///
  /// - Parameters:
  ///   - view: image, and optionally name and geometry file. A name must agree with the geometry.
  ///   - stated: completes what a DICOM header says; its view is that of `view`.
  ///   - maxPixels: larger images are refused before memory is taken.
  ///   - firstRow: where the first row of a NIfTI image without a geometry file lies.
  ///   - fallback: the geometry of other images when there is no geometry file.
  /// - Throws: ``DICOMError``, ``/SpiderIO/FileError``, or what `fallback` throws.
  public static func read(
    _ view: ViewSpecification, stated: StatedBeam = StatedBeam(), maxPixels: Int = 1 << 26,
    firstRow: RadiographFile.FirstRow? = nil, fallback: RadiographFile.Fallback? = nil
  ) throws -> LoadedRadiograph {
    guard DICOMFile.isDICOM(view.image) else {
      return try RadiographFile.read(
        view, maxPixels: maxPixels, firstRow: firstRow, fallback: fallback)
    }
    var stated = stated
    stated.view = view.view
    return try DICOMRadiograph.read(
      view.image, sidecar: view.sidecar, stated: stated, maxPixels: maxPixels)
  }

  /// Reads a DICOM X-ray whose header does not say how it was taken, for a place that is to be found: its pixels
  /// as they are stored, in a place that says nothing, and ``/SpiderIO/LoadedRadiograph/pixelAtPatient``.
  ///
  /// - Throws: ``/SpiderIO/FileError``.
  public static func readUnplaced(_ dicom: URL, maxPixels: Int = 1 << 26) throws -> LoadedRadiograph
  {
    try UnplacedDICOM.read(dicom, maxPixels: maxPixels)
  }
}
