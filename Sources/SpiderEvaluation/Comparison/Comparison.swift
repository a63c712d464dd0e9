import SpiderCore
import SpiderDataSet

/// Methods side by side on one data set: what `spider compare --json` prints.
public struct Comparison: Codable, Sendable {
  /// The scores of methods when something is wrong with the X-rays that they are not told.
  public struct Robustness: Codable, Sendable {
    /// The disturbance, in words.
    public var disturbance: String
    /// Every method's figures.
    public var models: [MethodScore]
  }

  /// The methods, in the order given, the trivial ones last.
  public var models: [MethodScore]
  /// Every pair of methods, on phantoms and on real patients.
  public var differences: [PairedDifference]
  /// One entry a disturbance, where they were asked for.
  public var robustness: [Robustness]
  /// The part of the data set.
  public var split: DataSetIndex.Split
  /// Voxels along a side of the volumes.
  public var size: Int
  /// The real patients among the cases, by name.
  public var realCases: [String]
  /// The meaning of the figures.
  public var convention: String

  enum CodingKeys: String, CodingKey {
    case models, differences, robustness, split, size
    case realCases = "real_cases"
    case convention
  }

  init(
    _ scores: [MethodScore], robustness: [Robustness], trivial: Set<String>,
    cases: [DataSetIndex.Entry], split: DataSetIndex.Split, size: Int
  ) {
    let real = cases.filter(\.isReal).map(\.id)
    models = Self.judged(scores, trivial: trivial)
    differences = PairedDifference.Group.allCases.flatMap { group in
      let ids = Set(cases.filter { $0.isReal == (group == .real) }.map(\.id))
      guard !ids.isEmpty else { return [PairedDifference]() }
      return scores.indices.flatMap { a in
        scores.indices.dropFirst(a + 1).map {
          PairedDifference(scores[a], scores[$0], group, ids: ids)
        }
      }
    }
    self.robustness = robustness
    self.split = split
    self.size = size
    realCases = real
    convention = EvaluationSummary.convention
  }

  /// Says of every trained method whether a lead over it is a lead.
  private static func judged(_ scores: [MethodScore], trivial: Set<String>) -> [MethodScore] {
    func figure(_ score: MethodScore) -> Double? { score.evaluate.mean[.psnrBody]?.value }
    let bar = scores.filter { ["mean-volume", "two-view"].contains($0.name) }.compactMap(figure)
    return scores.map { score in
      var score = score
      if !trivial.contains(score.name), let own = figure(score) {
        let beats = bar.allSatisfy { own > $0 }
        score.isFairRival = beats ? score.curve?.hasConverged : false
      }
      return score
    }
  }
}

/// The figures by which methods are compared in pairs.
public enum ComparedMetric: String, CaseIterable, Codable, Sendable {
  case psnr = "psnr_db"
  case psnrBody = "psnr_body_db"
  case ssimBody = "ssim_body"
  case maeBody = "mae_body_hu"
  case boneDice = "dice_bone_hu"
  case boneDistance = "assd_bone_hu_mm"
  case reprojection = "reprojection_relative_error"

  /// As a table heads it.
  public var title: String {
    switch self {
    case .psnr: "PSNR [dB]"
    case .psnrBody: "PSNR body [dB]"
    case .ssimBody: "SSIM body"
    case .maeBody: "MAE body [HU]"
    case .boneDice: "Dice bone_hu"
    case .boneDistance: "ASSD bone_hu [mm]"
    case .reprojection: "re-projection"
    }
  }

  /// Decimals that mean something.
  public var digits: Int {
    switch self {
    case .psnr, .psnrBody, .boneDistance: 2
    case .maeBody: 1
    case .ssimBody, .boneDice, .reprojection: 3
    }
  }

  /// Whether more is better.
  public var isGain: Bool {
    switch self {
    case .psnr, .psnrBody, .ssimBody, .boneDice: true
    case .maeBody, .boneDistance, .reprojection: false
    }
  }

  /// A patient's figure.
  public func value(of metrics: CaseMetrics) -> Double? {
    switch self {
    case .psnr: metrics.psnr
    case .psnrBody: metrics.psnrBody
    case .ssimBody: metrics.ssimBody
    case .maeBody: metrics.maeBody
    case .boneDice: metrics.dice["bone_hu"] ?? nil
    case .boneDistance: metrics.assd["bone_hu"] ?? nil
    case .reprojection: metrics.reprojectionRelativeError
    }
  }

  /// The mean with its interval.
  public func mean(of means: EvaluationSummary.Means) -> MeanMetric? {
    switch self {
    case .psnr: means[.psnr]
    case .psnrBody: means[.psnrBody]
    case .ssimBody: means[.ssimBody]
    case .maeBody: means[.maeBody]
    case .boneDice: means[.dice, "bone_hu"]
    case .boneDistance: means[.assd, "bone_hu"]
    case .reprojection: means[.reprojectionRelativeError]
    }
  }
}
