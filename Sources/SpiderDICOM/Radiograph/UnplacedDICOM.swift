import Foundation
import SpiderCore
import SpiderIO

/// A DICOM X-ray as a picture whose place is still to be found: its pixels, and what its header says of their size.
enum UnplacedDICOM {
  /// Reads the pixels as they are stored, in a place that says nothing.
  ///
  /// - Throws: ``/SpiderIO/FileError``.
  static func read(_ url: URL, maxPixels: Int) throws -> LoadedRadiograph {
    let file = try DICOMFile(url, maxBytes: maxPixels * 8 + (64 << 20))
    let frames = try DICOMRadiograph.frames(of: file, maxPixels)
    let layout = frames.layout
    let geometry = try ViewSetup(
      pixelSize: SIMD2(1, 1), columns: layout.columns, rows: layout.rows
    ).geometry(of: .pa)
    var notes: [String] = []
    let picture = try DICOMRadiograph.picture(
      frames, geometry: geometry, mask: try DICOMRadiograph.mask(frames), &notes)
    let size = try pixelAtPatient(file.content)
    if let size {
      notes.append(String(format: "its header gives pixels of %.4g mm at the patient", size))
    }
    return LoadedRadiograph(
      radiograph: picture, sidecar: nil, notes: notes, pixelAtPatient: size)
  }

  /// The size of a pixel along a row at the patient, mm: as calibrated there (PS3.3 10.7), else the imager's, divided
  /// by the magnification; nil where the header says neither.
  static func pixelAtPatient(_ content: DICOMContent) throws(FileError) -> Double? {
    func positive(_ attribute: DICOMAttribute, _ place: Int = 0, of count: Int = 1)
      throws(FileError) -> Double?
    {
      guard let number = try content.numbers(attribute, count: count)?[place], number > 0,
        number <= WorldLimits.distance
      else { return nil }
      return number
    }
    if content.text(.calibrationType) != nil,
      let pixel = try positive(.pixelSpacing, 1, of: 2), WorldLimits.spacing.contains(pixel)
    {
      return pixel
    }
    guard let imager = try positive(.imagerSpacing, 1, of: 2), WorldLimits.spacing.contains(imager)
    else { return nil }
    if let factor = try positive(.magnification) { return imager / factor }
    var distance = try positive(.sourceToIsocenter)
    if distance == nil { distance = try positive(.sourceToPatient) }
    guard let sad = distance, let sid = try positive(.sourceToDetector), sid >= sad else {
      return nil
    }
    return imager * sad / sid
  }
}
