import SpiderCore

/// What `spider reconstruct --json` prints. Every key is there; what is not known or not written is
/// null.
struct ReconstructionRecord: Encodable {
  /// Where the time went, seconds.
  struct Seconds: Encodable {
    var read = 0.0
    var encode = 0.0
    var decode = 0.0
    var refine = 0.0
    var write = 0.0
    var total = 0.0
  }

  /// One X-ray and how well the volume explains it.
  struct View: Encodable {
    let file: String
    let absolute: Bool
    let errorBefore: Double?
    let error: Double?

    enum CodingKeys: String, CodingKey {
      case file, absolute
      case errorBefore = "reprojection_relative_error_before"
      case error = "reprojection_relative_error"
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(file, forKey: .file)
      try container.encode(absolute, forKey: .absolute)
      try container.encode(errorBefore, forKey: .errorBefore)
      try container.encode(error, forKey: .error)
    }
  }

  var model: String
  var seconds = Seconds()
  /// What was planned before the work, bytes, the program itself aside.
  var plannedMemory = 0
  var peakMemory: Int?
  var points = 0
  var pointsCulled = 0
  var isocenter = Vector3.zero
  var views: [View] = []
  var warnings: [String] = []
  /// Paths by kind of output.
  var outputs: [String: String?] = [:]

  enum CodingKeys: String, CodingKey {
    case model, seconds
    case plannedMemory = "planned_memory_bytes"
    case peakMemory = "peak_memory_bytes"
    case points
    case pointsCulled = "points_culled"
    case isocenter = "isocenter_mm"
    case views, warnings, outputs
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(model, forKey: .model)
    try container.encode(seconds, forKey: .seconds)
    try container.encode(plannedMemory, forKey: .plannedMemory)
    try container.encode(peakMemory, forKey: .peakMemory)
    try container.encode(points, forKey: .points)
    try container.encode(pointsCulled, forKey: .pointsCulled)
    try container.encode([isocenter.x, isocenter.y, isocenter.z], forKey: .isocenter)
    try container.encode(views, forKey: .views)
    try container.encode(warnings, forKey: .warnings)
    try container.encode(outputs, forKey: .outputs)
  }
}
