import Foundation
import SpiderCore
import SpiderDRR
import SpiderEvaluation
import SpiderIO
import SpiderSupport

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
    @NullWhenNil var errorBefore: Double?
    @NullWhenNil var error: Double?
    /// The rank correlation of picture and re-projection, of the answer and of what was made of it.
    @NullWhenNil var agreementBefore: Double?
    @NullWhenNil var agreement: Double?
    /// The names of what is wrong with it.
    let faults: [String]
    /// How it was taken.
    let geometry: GeometryRecord

    enum CodingKeys: String, CodingKey {
      case file, absolute, agreement, faults, geometry
      case agreementBefore = "agreement_before"
      case errorBefore = "reprojection_relative_error_before"
      case error = "reprojection_relative_error"
    }
  }

  var model: String
  /// The SHA-256 digest of the model's file.
  var digest: String
  var seconds = Seconds()
  /// What was planned before the work, bytes, the program itself aside.
  var plannedMemory = 0
  var peakMemory: Int?
  var points = 0
  var pointsCulled = 0
  var isocenter = Vector3.zero
  var views: [View] = []
  /// What refinement did; nil where the answer was left as it is.
  var refinement: RefinementRecord?
  /// Figures derived from the labels; nil where there are none.
  var measurements: [MeasuredFigure]?
  var warnings: [String] = []
  /// The surfaces of the mesh; nil where there is none.
  var surfaces: [SurfaceRecord]?
  /// Paths by kind of output.
  var outputs: [String: String?] = [:]

  enum CodingKeys: String, CodingKey {
    case model, seconds
    case plannedMemory = "planned_memory_bytes"
    case peakMemory = "peak_memory_bytes"
    case points
    case pointsCulled = "points_culled"
    case isocenter = "isocenter_mm"
    case views, refinement, measurements, warnings, outputs, surfaces, version, commit, command
    case digest = "model_sha256"
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
    try container.encode(refinement, forKey: .refinement)
    let figures = measurements.map { list in
      Dictionary(uniqueKeysWithValues: list.map { ($0.figure.rawValue, $0) })
    }
    try container.encode(figures, forKey: .measurements)
    try container.encode(warnings, forKey: .warnings)
    try container.encode(outputs, forKey: .outputs)
    try container.encode(surfaces, forKey: .surfaces)
    try container.encode(digest, forKey: .digest)
    try container.encode(SpiderRelease.version, forKey: .version)
    try container.encode(BuildRecord.commit, forKey: .commit)
    try container.encode(CommandLine.arguments, forKey: .command)
  }
}

extension ReconstructionRecord {
  /// Takes down what is known of each X-ray: how well the volume explains it (nil where the volume shows too
  /// little to say), and what is wrong with it. Only a fine volume, of voxels up to 5 mm, is held to explain
  /// its X-rays.
  mutating func add(
    _ specifications: [ViewSpecification], _ views: PreparedViews,
    explainedBy explained: [Reprojection.View]?, before: [Reprojection.View]?, isFine: Bool
  ) {
    for (index, specification) in specifications.enumerated() {
      let fit = explained?[index]
      var faults = views.faults.filter { $0.index == index }.map(\.name)
      if isFine, let agreement = fit?.agreement, agreement < Reprojection.leastAgreement {
        faults.append("disagrees")
        let value = String(format: "%.2f", agreement)
        warnings.append(
          "\(specification.image.lastPathComponent): the reconstruction does not explain it (agreement "
            + "\(value), 19 of 20 right X-rays have 0.89 and more): the picture and its geometry do not fit each other, or "
            + "the other view; the volume is not to be trusted")
      }
      self.views.append(
        View(
          file: specification.image.path,
          absolute: views.given[index].intensity == .absolute,
          errorBefore: (before ?? explained)?[index].relativeError, error: fit?.relativeError,
          agreementBefore: (before ?? explained)?[index].agreement, agreement: fit?.agreement,
          faults: faults,
          geometry: GeometryRecord(
            views.given[index].geometry, photonEnergy: views.given[index].photonEnergy)))
    }
  }
}
