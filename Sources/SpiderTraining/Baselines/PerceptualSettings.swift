/// LPIPS as a term of PerX2CT's loss.
public struct PerceptualSettings: Codable, Equatable, Sendable {
  /// The file of its weights (safetensors), VGG16's and LPIPS's own: Docs/Baselines.md.
  public var weights = ""
  /// What it is multiplied by; 1 as published.
  public var factor = 1.0

  /// Why it cannot be, or nil.
  var fault: String? {
    factor > 0 && factor.isFinite ? nil : "perceptual.factor is \(factor); it must be positive"
  }
}
