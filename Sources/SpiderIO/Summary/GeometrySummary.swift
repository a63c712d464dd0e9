import Foundation
import SpiderCore

/// The summary of a geometry file, with the directions it amounts to.
package struct GeometrySummary: FileSummary {
  private let sidecar: GeometrySidecar

  /// Reads a geometry file.
  ///
  /// - Throws: ``FileError``.
  package init(_ url: URL) throws(FileError) { sidecar = try .read(url) }

  /// Describes what a geometry file would say.
  package init(_ sidecar: GeometrySidecar) { self.sidecar = sidecar }

  /// "geometry".
  package var kind: String { "geometry" }

  private var geometry: ProjectionGeometry { sidecar.geometry }

  /// Beam, detector and isocentre in words.
  package var facts: [(name: String, value: String)] {
    var facts: [(name: String, value: String)] = []
    switch geometry.beam {
    case .cone(let source): facts.append(("source", Self.text(source) + " mm"))
    case .parallel(let direction): facts.append(("parallel rays along", Self.text(direction)))
    }
    let pixel = String(
      format: "%.4g x %.4g mm", length(geometry.columnStep), length(geometry.rowStep))
    facts += [
      ("detector", "\(geometry.columns) x \(geometry.rows) pixels of \(pixel)"),
      ("its first pixel", Self.text(geometry.pixelOrigin) + " mm"),
      ("columns run to", Self.direction(geometry.columnStep)),
      ("rows run to", Self.direction(geometry.rowStep)),
      ("isocentre", geometry.isocenter.map { Self.text($0) + " mm" } ?? "not stated"),
    ]
    facts.append(
      (
        "gantry, tilt",
        String(format: "%.4g, %.4g degrees", geometry.gantryDegrees, geometry.tiltDegrees)
      ))
    if let sid = geometry.sourceToDetector, let foot = geometry.principalPoint {
      facts.append(("source to detector", String(format: "%.5g mm", sid)))
      facts.append(
        ("principal point", String(format: "column %.5g, row %.5g", foot.x, foot.y)))
    }
    if let sad = geometry.sourceToAxis, let isocenter = geometry.isocenter {
      facts.append(
        (
          "source to axis",
          String(
            format: "%.5g mm: magnified %.4g times", sad, geometry.magnification(at: isocenter))
        ))
    }
    if let keV = sidecar.photonEnergy {
      let isRelative = sidecar.intensity == .relative
      let meaning = String(
        format: isRelative
          ? "relative; the file's %.4g keV would be those of line integrals"
          : "line integrals at %.4g keV, as the file says", keV)
      facts.append(("numbers are", meaning))
    } else if let intensity = sidecar.intensity {
      facts.append(("numbers are", intensity.rawValue))
    }
    if let open = sidecar.openPixels {
      facts.append(("open field", "pixels " + GeometrySidecar.json(open)))
    }
    return facts
  }

  enum CodingKeys: String, CodingKey {
    case beam
    case source = "source_mm"
    case direction
    case origin = "pixel_origin_mm"
    case columnStep = "column_step_mm"
    case rowStep = "row_step_mm"
    case columns, rows
    case isocenter = "isocenter_mm"
    case intensity
    case photonEnergy = "photon_energy_kev"
    case gantry = "gantry_degrees"
    case tilt = "tilt_degrees"
    case sourceToAxis = "sad_mm"
    case sourceToDetector = "sid_mm"
    case principalPoint = "principal_point"
    case openPixels = "open_field_pixels"
  }

  /// The keys of the explicit form of geometry files, and the angles and distances they amount to; what
  /// is not stated or has no meaning is null.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    var source: [Double]?
    var direction: [Double]?
    switch geometry.beam {
    case .cone(let point): source = Self.list(point)
    case .parallel(let vector): direction = Self.list(vector)
    }
    try container.encode(source == nil ? "parallel" : "cone", forKey: .beam)
    try container.encode(source, forKey: .source)
    try container.encode(direction, forKey: .direction)
    try container.encode(Self.list(geometry.pixelOrigin), forKey: .origin)
    try container.encode(Self.list(geometry.columnStep), forKey: .columnStep)
    try container.encode(Self.list(geometry.rowStep), forKey: .rowStep)
    try container.encode(geometry.columns, forKey: .columns)
    try container.encode(geometry.rows, forKey: .rows)
    try container.encode(geometry.isocenter.map(Self.list), forKey: .isocenter)
    try container.encode(sidecar.intensity, forKey: .intensity)
    try container.encode(sidecar.photonEnergy, forKey: .photonEnergy)
    try container.encode(geometry.gantryDegrees, forKey: .gantry)
    try container.encode(geometry.tiltDegrees, forKey: .tilt)
    try container.encode(geometry.sourceToAxis, forKey: .sourceToAxis)
    try container.encode(geometry.sourceToDetector, forKey: .sourceToDetector)
    try container.encode(
      geometry.principalPoint.map { [$0.x, $0.y] }, forKey: .principalPoint)
    if let (first, last) = sidecar.openPixels?.rectangle {
      try container.encode([first.x, first.y, last.x, last.y], forKey: .openPixels)
    } else {
      try container.encode(
        sidecar.openPixels?.corners.map { [$0.x, $0.y] }, forKey: .openPixels)
    }
  }

  private static func list(_ v: Vector3) -> [Double] { [v.x, v.y, v.z] }

  private static func text(_ v: Vector3) -> String {
    String(format: "(%.6g, %.6g, %.6g)", v.x, v.y, v.z)
  }

  private static func direction(_ v: Vector3) -> String {
    let axis = [0, 1, 2].max { abs(v[$0]) < abs(v[$1]) } ?? 0
    let names = [
      ("the patient's right", "the patient's left"), ("the front", "the back"),
      ("the head", "the feet"),
    ]
    let unit = normalized(v)
    return "\(v[axis] > 0 ? names[axis].0 : names[axis].1) "
      + String(format: "(%.3f, %.3f, %.3f)", unit.x, unit.y, unit.z)
  }
}
