import ArgumentParser
import Foundation
import SpiderCore
import SpiderIO

struct Calibrate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Find how an X-ray was taken from points known in the patient and on the image.",
    discussion: """
      Points are a table, one a line: x,y,z,column,row, world RAS+ mm and pixels from the centre of the \
      first pixel (or JSON: {"points": [{"world_mm": [x,y,z], "pixel": [column,row]}]}). Markers of a \
      phantom will do, or landmarks found in a CT and in its X-ray. At least 6 not in one plane; 12 or more, \
      spread over the image and over its depth, are good. The size of the pixels must be known: of a \
      picture alone, distances cannot be told.
      Prints the root mean square error in pixels and how uncertain the numbers are; a line that starts with \
      "warning" is meant.
      Example: spider calibrate points.csv --size 1024 --pixel 0.2 --out carm.json
               spider drr ct.nii.gz --geometry carm.json --overlay --out check
      """)

  @Argument(help: "The points: a table (.csv, .txt) or JSON.") var points: String
  @Option(
    help: ArgumentHelp("Pixels of the image: columns, or columns x rows.", valueName: "c|cxr"),
    transform: DetectorSize.read)
  var size: DetectorSize
  @Option(
    help: ArgumentHelp("Size of a pixel on the detector in mm.", valueName: "mm"),
    transform: PixelSize.read)
  var pixel: PixelSize
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The isocentre to write down, world mm.", valueName: "x,y,z"),
    transform: PointArgument.read)
  var isocenter: PointArgument?
  @Option(help: "The geometry file to write.") var out: String?
  @Flag(help: "Replace the file if it exists.") var overwrite = false
  @OptionGroup var common: CommonOptions

  func run() throws {
    common.apply()
    let url = URL(fileURLWithPath: points)
    let target = out.map { URL(fileURLWithPath: $0) }
    if let target { try OutputFolder.checkTargets([target], overwrite: overwrite) }
    let points = try CalibrationPointFile.read(url)
    let found: CalibratedGeometry
    do {
      found = try GeometryCalibration(pixelSize: pixel.millimetres).geometry(
        of: points, columns: size.columns, rows: size.rows, isocenter: isocenter?.point)
    } catch {
      throw CommandFailure("\(url.path): \(error)")
    }
    for warning in found.warnings { Console.say("warning: \(warning)") }
    if let target {
      try GeometrySidecar(geometry: found.geometry).write(to: target, overwrite: overwrite)
    }
    if common.json {
      try Console.printJSON(CalibrationRecord(found, output: target?.path))
    } else {
      try Console.answer(Self.text(found, points.count))
    }
  }

  /// The result for people.
  private static func text(_ found: CalibratedGeometry, _ count: Int) -> String {
    let geometry = found.geometry
    let worst = found.worst
    var lines = [
      String(
        format: "%d points, root mean square error %.3g pixels, largest %.3g (point %d)", count,
        found.rootMeanSquare, worst.distance, worst.point + 1)
    ]
    if case .cone(let source) = geometry.beam, let sid = geometry.sourceToDetector,
      let foot = geometry.principalPoint
    {
      let (s, p) = (found.sourceError, found.principalPointError)
      lines += [
        String(
          format: "source              (%.2f, %.2f, %.2f) mm, +- (%.2g, %.2g, %.2g)", source.x,
          source.y, source.z, s.x, s.y, s.z),
        String(
          format: "source to detector  %.2f mm, +- %.2g", sid, found.sourceToDetectorError),
        String(
          format: "principal point     column %.2f, row %.2f, +- (%.2g, %.2g)", foot.x, foot.y,
          p.x, p.y),
        String(
          format: "gantry, tilt        %.3f, %.3f degrees", geometry.gantryDegrees,
          geometry.tiltDegrees),
      ]
    }
    return lines.joined(separator: "\n")
  }
}

/// What `spider calibrate --json` prints.
struct CalibrationRecord: Encodable {
  private let found: CalibratedGeometry
  private let output: String?

  init(_ found: CalibratedGeometry, output: String?) {
    self.found = found
    self.output = output
  }

  enum CodingKeys: String, CodingKey {
    case rootMeanSquare = "rms_pixels"
    case residuals = "residuals_pixels"
    case geometry
    case source = "source_standard_error_mm"
    case direction = "direction_standard_error_degrees"
    case sourceToDetector = "sid_standard_error_mm"
    case principalPoint = "principal_point_standard_error"
    case condition, warnings, output
  }

  func encode(to encoder: any Encoder) throws {
    // Where the points say nothing about a number, its error is infinite: null.
    func finite(_ number: Double) -> Double? { number.isFinite ? number : nil }
    func list(_ v: Vector3) -> [Double?] { [finite(v.x), finite(v.y), finite(v.z)] }
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(found.rootMeanSquare, forKey: .rootMeanSquare)
    try container.encode(found.residuals.map { [$0.x, $0.y] }, forKey: .residuals)
    try container.encode(
      GeometrySummary(GeometrySidecar(geometry: found.geometry)), forKey: .geometry)
    try container.encode(list(found.sourceError), forKey: .source)
    try container.encode(list(found.directionError), forKey: .direction)
    try container.encode(finite(found.sourceToDetectorError), forKey: .sourceToDetector)
    try container.encode(
      [finite(found.principalPointError.x), finite(found.principalPointError.y)],
      forKey: .principalPoint)
    try container.encode(finite(found.condition), forKey: .condition)
    try container.encode(found.warnings, forKey: .warnings)
    try container.encode(output, forKey: .output)
  }
}
