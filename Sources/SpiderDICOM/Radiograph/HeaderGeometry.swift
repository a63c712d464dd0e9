import Foundation
import SpiderCore
import SpiderIO

/// How a DICOM X-ray was taken: what its header says, completed by what its user says.
struct HeaderGeometry {
  let pose: ArmPose
  let setup: ViewSetup
  let hanging: Hanging
  /// How the header was understood.
  let notes: [String]

  /// Gathers the geometry.
  ///
  /// What the file states counts; `stated` fills in what it lacks, and must not contradict it.
  ///
  /// - Throws: ``DICOMError/incompleteGeometry(_:missing:)``, ``/SpiderIO/FileError``.
  init(_ file: DICOMFile, layout: PixelLayout, stated: StatedBeam) throws {
    let content = file.content
    var (missing, notes): ([String], [String]) = ([], [])
    func distance(_ attributes: DICOMAttribute...) throws(FileError) -> Double? {
      for attribute in attributes {
        // 0 is how writers say that they do not know.
        guard let value = try content.number(attribute), value != 0 else { continue }
        guard value > 0, value <= WorldLimits.distance else {
          throw .badHeader(file.url, field: attribute.description, fault: "is \(value) mm")
        }
        return value
      }
      return nil
    }
    var sid = try Self.merged(
      try distance(.sourceToDetector), stated.sourceToDetector, .sourceToDetector, file.url)
    var sad = try Self.merged(
      try distance(.sourceToIsocenter, .sourceToPatient), stated.sourceToAxis, .sourceToPatient,
      file.url)
    let factor = try distance(.magnification)
    if sad == nil, let sid, let factor {
      sad = sid / factor
      notes.append("source to axis from \(DICOMAttribute.magnification)")
    } else if sid == nil, let sad, let factor {
      sid = sad * factor
      notes.append("source to detector from \(DICOMAttribute.magnification)")
    }
    let magnification: Double? =
      if let sid, let sad { sid / sad } else { factor }
    let found = try Self.pixelSize(content, magnification, &notes)
    let pixel = try Self.merged(found, stated.pixelSize, file.url)

    let pose = try ArmPose.stated(in: content) ?? stated.view.map { ArmPose($0, "as given") }
    if pose == nil { missing.append(DICOMAttribute.viewPosition.description) }
    if sid == nil, !stated.isParallel {
      missing.append(DICOMAttribute.sourceToDetector.description)
    }
    if sad == nil, !stated.isParallel {
      missing.append(DICOMAttribute.sourceToPatient.description)
    }
    if pixel == nil { missing.append(DICOMAttribute.imagerSpacing.description) }
    guard let pose, let pixel, missing.isEmpty else {
      throw DICOMError.incompleteGeometry(file.url, missing: missing)
    }
    self.pose = pose
    hanging = try Self.hanging(content, pose, &notes)
    let standard = ViewSetup()
    let isTurned = hanging.isTransposed
    setup = ViewSetup(
      sourceToAxis: sad ?? standard.sourceToAxis,
      sourceToDetector: sid ?? max(standard.sourceToDetector, sad ?? 0),
      pixelSize: isTurned ? SIMD2(pixel.y, pixel.x) : pixel,
      columns: isTurned ? layout.rows : layout.columns,
      rows: isTurned ? layout.columns : layout.rows, isParallel: stated.isParallel)
    notes.append(
      "\(pose.origin): "
        + String(
          format: "SAD %.5g mm, SID %.5g mm, pixels of %.4g x %.4g mm", setup.sourceToAxis,
          setup.sourceToDetector, setup.pixelSize.x, setup.pixelSize.y)
        + ", central ray through the middle of the image")
    self.notes = notes
  }

  /// The projection geometry about an isocentre.
  func geometry(isocenter: Vector3, _ url: URL) throws(FileError) -> ProjectionGeometry {
    do {
      let straight = try setup.geometry(
        of: pose.view, isocenter: isocenter, tiltDegrees: pose.tilt)
      return pose.isSeenFromDetector ? try straight.flipped(columns: true, rows: false) : straight
    } catch {
      throw .disagreement(url, fault: "\(error)", remedy: "correct what its header says")
    }
  }

  /// The spacing of pixels on the detector, column by row (PS3.3 10.7): the imager's own; else one that was
  /// calibrated at the patient's depth, magnified; else that of a scanned film.
  private static func pixelSize(
    _ content: DICOMContent, _ magnification: Double?, _ notes: inout [String]
  ) throws(FileError) -> SIMD2<Double>? {
    func spacing(_ attribute: DICOMAttribute) throws(FileError) -> SIMD2<Double>? {
      guard let steps = try content.numbers(attribute, count: 2), steps[0] != 0, steps[1] != 0
      else { return nil }
      guard steps[..<2].allSatisfy({ WorldLimits.spacing.contains($0) }) else {
        throw .badHeader(
          content.url, field: attribute.description, fault: "gives pixels of an impossible size")
      }
      return SIMD2(steps[1], steps[0])
    }
    if let imager = try spacing(.imagerSpacing) { return imager }
    if let pixel = try spacing(.pixelSpacing) {
      guard let type = content.text(.calibrationType) else {
        notes.append("\(DICOMAttribute.pixelSpacing) is not calibrated: taken as the detector's")
        return pixel
      }
      guard let magnification else { return nil }
      notes.append(
        "\(DICOMAttribute.pixelSpacing) is calibrated (\(type.prefix(16))) at the patient: "
          + String(format: "%.4g times as large on the detector", magnification))
      return pixel * magnification
    }
    return try spacing(.scannedSpacing)
  }

  /// The turn that makes the picture hang as its view says.
  private static func hanging(
    _ content: DICOMContent, _ pose: ArmPose, _ notes: inout [String]
  ) throws(FileError) -> Hanging {
    let letters = content.texts(.patientOrientation)
    guard letters.count == 2, let columns = Hanging.direction(letters[0]),
      let rows = Hanging.direction(letters[1])
    else {
      notes.append(
        "\(DICOMAttribute.patientOrientation) is not stated: taken to hang as the view does")
      return Hanging()
    }
    let shown = letters.joined(separator: "\\")
    guard let hanging = Hanging(columns: columns, rows: rows, pose: pose) else {
      throw .disagreement(
        content.url,
        fault: "its \(DICOMAttribute.patientOrientation) \(shown) is not that of the view "
          + "\(pose.view) (\(pose.origin))",
        remedy: "correct the header, or put a geometry file (.json) beside it")
    }
    if let note = hanging.note {
      notes.append("\(note), as \(DICOMAttribute.patientOrientation) is \(shown)")
    }
    return hanging
  }

  private static func merged(
    _ found: Double?, _ stated: Double?, _ attribute: DICOMAttribute, _ url: URL
  ) throws(FileError) -> Double? {
    guard let found, let stated else { return found ?? stated }
    guard abs(found - stated) <= 0.01 * found else {
      throw .disagreement(
        url, fault: "its \(attribute) is \(found) mm, but \(stated) mm was given",
        remedy: "leave one away, or put a geometry file (.json) beside it")
    }
    return found
  }

  private static func merged(
    _ found: SIMD2<Double>?, _ stated: SIMD2<Double>?, _ url: URL
  ) throws(FileError) -> SIMD2<Double>? {
    guard let found, let stated else { return found ?? stated }
    guard abs(found.x - stated.x) <= 0.01 * found.x, abs(found.y - stated.y) <= 0.01 * found.y
    else {
      throw .disagreement(
        url,
        fault: "its pixels are \(found.x) x \(found.y) mm on the detector, but \(stated.x) x "
          + "\(stated.y) mm was given",
        remedy: "leave one away, or put a geometry file (.json) beside it")
    }
    return found
  }
}

/// What somebody says of how an X-ray was taken, where its file may not say it.
public struct StatedBeam: Equatable, Sendable {
  /// The view.
  public var view: NamedView?
  /// Source to axis distance (SAD), mm.
  public var sourceToAxis: Double?
  /// Source to detector distance (SID), mm.
  public var sourceToDetector: Double?
  /// Pixel size on the detector along a row and along a column, mm.
  public var pixelSize: SIMD2<Double>?
  /// Whether rays are parallel; distances then only place the detector.
  public var isParallel: Bool
  /// The isocentre, world mm; nil is the origin.
  public var isocenter: Vector3?

  /// By default nothing is said.
  public init(
    view: NamedView? = nil, sourceToAxis: Double? = nil, sourceToDetector: Double? = nil,
    pixelSize: SIMD2<Double>? = nil, isParallel: Bool = false, isocenter: Vector3? = nil
  ) {
    self.view = view
    self.sourceToAxis = sourceToAxis
    self.sourceToDetector = sourceToDetector
    self.pixelSize = pixelSize
    self.isParallel = isParallel
    self.isocenter = isocenter
  }
}
