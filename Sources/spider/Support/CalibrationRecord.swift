import SpiderCore
import SpiderIO

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
