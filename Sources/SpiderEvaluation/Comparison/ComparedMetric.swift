import SpiderCore

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
