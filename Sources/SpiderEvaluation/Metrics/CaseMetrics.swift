import SpiderImaging

/// The metrics of one case, under the names that `spider evaluate --json` prints. A metric that is
/// not available is null in JSON, never absent.
public struct CaseMetrics: Codable, Equatable, Sendable {
  /// The case.
  public var id: String
  /// PSNR in dB, HU in [-1000, 2000], range 3000.
  public var psnr: Double?
  /// SSIM, 7^3 uniform window.
  public var ssim: Double?
  /// Mean absolute error, HU.
  public var mae: Double?
  /// PSNR over the body.
  public var psnrBody: Double?
  /// SSIM over windows centred in the body.
  public var ssimBody: Double?
  /// Mean absolute error over the body, HU.
  public var maeBody: Double?
  /// PSNR where the reference's structure is unknown (255).
  public var psnrUnlabelled: Double?
  /// PSNR in X2CT-GAN's convention.
  public var psnrX2CTConvention: Double?
  /// Cosine similarity.
  public var cosine: Double?
  /// Dice by label name, `bone` and `bone_hu`.
  public var dice: [String: Double?]
  /// 95th percentile Hausdorff distance by the same names, mm.
  public var hd95: [String: Double?]
  /// Average symmetric surface distance by the same names, mm.
  public var assd: [String: Double?]
  /// The source of the candidate's labels: "network" or "labeller".
  public var labelsFrom: String?
  /// ||p - Ax|| / ||p|| when views were given.
  public var reprojectionRelativeError: Double?

  /// The names in JSON.
  public enum CodingKeys: String, CodingKey, CaseIterable, Sendable {
    case id
    case psnr = "psnr_db"
    case ssim
    case mae = "mae_hu"
    case psnrBody = "psnr_body_db"
    case ssimBody = "ssim_body"
    case maeBody = "mae_body_hu"
    case psnrUnlabelled = "psnr_unlabelled_db"
    case psnrX2CTConvention = "psnr_x2ct_convention_db"
    case cosine
    case dice
    case hd95 = "hd95_mm"
    case assd = "assd_mm"
    case labelsFrom = "labels_from"
    case reprojectionRelativeError = "reprojection_relative_error"
  }

  /// A case with no metric yet.
  public init(id: String) {
    self.id = id
    dice = [:]
    hd95 = [:]
    assd = [:]
  }

  /// Writes every key; what is nil becomes null.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(id, forKey: .id)
    for (key, path) in Self.scalars { try container.encode(self[keyPath: path], forKey: key) }
    for (key, path) in Self.byName { try container.encode(self[keyPath: path], forKey: key) }
    try container.encode(labelsFrom, forKey: .labelsFrom)
  }

  /// Reads what was written: a key that is missing is an error, where null says that there is no such figure.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(id: try container.decode(String.self, forKey: .id))
    for (key, path) in Self.scalars {
      self[keyPath: path] = try container.decode(Double?.self, forKey: key)
    }
    for (key, path) in Self.byName {
      self[keyPath: path] = try container.decode([String: Double?].self, forKey: key)
    }
    labelsFrom = try container.decode(String?.self, forKey: .labelsFrom)
  }

  /// The metrics that are one number, with their names.
  package static var scalars: [(CodingKeys, WritableKeyPath<CaseMetrics, Double?>)] {
    [
      (.psnr, \.psnr), (.ssim, \.ssim), (.mae, \.mae), (.psnrBody, \.psnrBody),
      (.ssimBody, \.ssimBody), (.maeBody, \.maeBody), (.psnrUnlabelled, \.psnrUnlabelled),
      (.psnrX2CTConvention, \.psnrX2CTConvention), (.cosine, \.cosine),
      (.reprojectionRelativeError, \.reprojectionRelativeError),
    ]
  }

  /// Whether it has figures of the same structures as another case.
  func hasNames(of other: CaseMetrics) -> Bool {
    Self.byName.allSatisfy { Set(self[keyPath: $1].keys) == Set(other[keyPath: $1].keys) }
  }

  /// The first metric that cannot be, and why: of files that others have written.
  var fault: (key: String, fault: String)? {
    func fault(_ value: Double?, _ range: ClosedRange<Double>) -> String? {
      guard let value, !range.contains(value) else { return nil }
      return range.upperBound < .greatestFiniteMagnitude
        ? "is \(value); it is never outside of \(range.lowerBound) to \(range.upperBound)"
        : "is \(value); it is never below \(range.lowerBound)"
    }
    for (key, path) in Self.scalars {
      let range: ClosedRange<Double> =
        switch key {
        case .ssim, .ssimBody, .cosine: -1...1
        case .mae, .maeBody: 0...ImageMetrics.dataRange
        case .reprojectionRelativeError: 0...Double.greatestFiniteMagnitude
        default: -100...100
        }
      if let fault = fault(self[keyPath: path], range) { return (key.stringValue, fault) }
    }
    for (key, path) in Self.byName {
      let range = 0...(key == .dice ? 1 : Double.greatestFiniteMagnitude)
      for (name, value) in self[keyPath: path].sorted(by: { $0.key < $1.key }) {
        if let fault = fault(value, range) { return ("\(key.stringValue).\(name)", fault) }
      }
    }
    guard labelsFrom.map({ ["network", "labeller"].contains($0) }) ?? true else {
      return (
        CodingKeys.labelsFrom.stringValue, "is '\(labelsFrom ?? "")', not network or labeller"
      )
    }
    return nil
  }

  /// The metrics that are one number a structure, with their names.
  static var byName: [(CodingKeys, WritableKeyPath<CaseMetrics, [String: Double?]>)] {
    [(.dice, \.dice), (.hd95, \.hd95), (.assd, \.assd)]
  }
}
