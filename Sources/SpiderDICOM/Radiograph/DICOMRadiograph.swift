import Foundation
import SpiderCore
import SpiderIO

/// Reads an X-ray from a DICOM file: CR, DX, XA, RF, and films that were scanned.
///
/// The result is relative: DICOM has no way to say that numbers are line integrals.
enum DICOMRadiograph {
  /// Modalities that may hold projections.
  static let modalities: Set<String> = ["CR", "DX", "XA", "RF", "RG", "SC", "OT"]

  /// Reads pixels and geometry: the latter from `sidecar`, else from the .json file of the same name beside
  /// the image, else from the header, completed by `stated`.
  ///
  /// - Throws: ``DICOMError``, ``/SpiderIO/FileError``.
  static func read(
    _ url: URL, sidecar: URL?, stated: StatedBeam, maxPixels: Int
  ) throws -> LoadedRadiograph {
    let file = try DICOMFile(url, maxBytes: maxPixels * 8 + (64 << 20))
    let frames = try frames(of: file, maxPixels)
    let beside = GeometrySidecar.url(beside: url)
    if let source = sidecar
      ?? (FileManager.default.fileExists(atPath: beside.path) ? beside : nil)
    {
      return try read(frames, sidecar: source, stated: stated)
    }
    let header = try HeaderGeometry(file, layout: frames.layout, stated: stated)
    let geometry = try header.geometry(isocenter: stated.isocenter ?? .zero, url)
    if let view = stated.view, !view.isSide(of: geometry) {
      throw FileError.disagreement(
        url,
        fault: "it is not the view \(view) given with it, but \(header.pose.view) "
          + "(\(header.pose.origin))",
        remedy: "leave the name away, or put a geometry file (.json) beside it")
    }
    let (columns, rows) = (frames.layout.columns, frames.layout.rows)
    let mask = try mask(frames)
    var notes = header.notes
    let picture = try picture(
      frames, geometry: geometry, mask: mask, &notes,
      turn: { header.hanging.turned($0, columns: columns, rows: rows) },
      turnMask: { header.hanging.turned($0, columns: columns, rows: rows) })
    return LoadedRadiograph(radiograph: picture, sidecar: url, notes: notes)
  }

  static func frames(of file: DICOMFile, _ maxPixels: Int) throws -> PixelFrames {
    let modality = file.content.text(.modality) ?? ""
    guard modalities.contains(modality) else {
      throw FileError.unsupported(
        file.url,
        fault: "this is a DICOM file of modality '\(modality.prefix(16))', not an X-ray image",
        remedy: "give a radiograph (\(modalities.sorted().joined(separator: ", ")))")
    }
    let frames = try PixelFrames(file, maxPixels: maxPixels)
    guard frames.layout.frames == 1 else {
      throw FileError.unsupported(
        file.url, fault: "this DICOM file holds \(frames.layout.frames) frames, not one X-ray",
        remedy: "export one frame")
    }
    return frames
  }

  /// As the geometry file says, the picture as it is stored.
  private static func read(
    _ frames: PixelFrames, sidecar: URL, stated: StatedBeam
  ) throws -> LoadedRadiograph {
    let layout = frames.layout
    let content = try GeometrySidecar.read(sidecar)
    let geometry = content.geometry
    guard geometry.columns == layout.columns, geometry.rows == layout.rows else {
      throw FileError.disagreement(
        sidecar,
        fault: "it describes \(geometry.columns) x \(geometry.rows) pixels, but "
          + "\(frames.file.url.lastPathComponent) has \(layout.columns) x \(layout.rows)",
        remedy: "give the geometry file that belongs to the image")
    }
    if let view = stated.view, !view.agrees(with: geometry) {
      throw FileError.disagreement(
        sidecar, fault: "its geometry is not that of the view \(view) given with it",
        remedy: "leave the name away, or give the geometry file that belongs to the image")
    }
    var mask = try mask(frames)
    if let open = content.openPixels?.mask(columns: layout.columns, rows: layout.rows) {
      mask = mask.map { zip($0, open).map { $0 && $1 } } ?? open
    }
    var notes: [String] = []
    if content.intensity == .absolute {
      notes.append("a DICOM file does not hold line integrals: read as relative")
    }
    let picture = try picture(frames, geometry: geometry, mask: mask, &notes)
    return LoadedRadiograph(radiograph: picture, sidecar: sidecar, notes: notes)
  }

  /// `false` where a shutter or collimator covers a pixel, or the file says that there is none.
  static func mask(_ frames: PixelFrames) throws(FileError) -> [Bool]? {
    let open = try OpenField.mask(frames.file.content, frames.layout)
    guard let padding = try frames.file.padding(frames.layout) else { return open }
    let present = try frames.stored(0).map { !padding.contains(Int($0)) }
    guard present.contains(false) else { return open }
    return open.map { zip($0, present).map { $0 && $1 } } ?? present
  }

  /// The pixels as attenuation, in the order in which they hang.
  static func picture(
    _ frames: PixelFrames, geometry: ProjectionGeometry, mask: [Bool]?, _ notes: inout [String],
    turn: ([Float]) -> [Float] = { $0 }, turnMask: ([Bool]) -> [Bool] = { $0 }
  ) throws -> Radiograph {
    let content = frames.file.content
    let meaning = try PixelMeaning(content, frames.layout)
    let transform = try ModalityTransform(content)
    notes += meaning.notes
    if frames.file.syntax.isLossy {
      notes.append("compressed with losses (\(frames.file.syntax.name))")
    }
    if let mask, mask.contains(false) {
      notes.append("\(mask.count { !$0 }) pixels are covered by shutter or collimator: masked")
    }
    let range = transform.range(of: frames.layout.range)
    let span = max(range.upperBound - range.lowerBound, .leastNormalMagnitude)
    let stored = try frames.stored(0)
    let numbers: [Float] = stored.map { number in
      let value = transform(Int(number))
      switch meaning.kind {
      case .counts:
        // Counts from 0: a signed scale is lifted to it.
        return Float(
          meaning.isRadiation ? value - min(0, range.lowerBound) : range.upperBound - value)
      case .logarithm, .display:
        let part = (value - range.lowerBound) / span
        return Float(meaning.isRadiation ? 1 - part : part)
      }
    }
    let (values, turned) = (turn(numbers), mask.map(turnMask))
    guard meaning.kind == .counts else {
      return Radiograph(geometry: geometry, values: values, intensity: .relative, mask: turned)
    }
    do {
      var image = try DetectorImage(
        geometry: geometry, counts: values, openField: .measured, mask: turned
      ).radiograph()
      image.intensity = .relative
      return image
    } catch {
      throw FileError.unsupported(
        frames.file.url, fault: "its DICOM numbers are no detector counts: \(error)",
        remedy: "export the image for presentation")
    }
  }
}

extension NamedView {
  /// Whether a DICOM geometry may carry this name. Its columns may count either way for an angle: pictures
  /// of C-arms show the patient as seen from the detector.
  fileprivate func isSide(of geometry: ProjectionGeometry) -> Bool {
    if agrees(with: geometry) { return true }
    guard case .gantry = self, let other = try? geometry.flipped(columns: true, rows: false) else {
      return false
    }
    return agrees(with: other)
  }
}

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
