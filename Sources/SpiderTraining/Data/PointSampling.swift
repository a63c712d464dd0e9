/// Where the query points of a training sample are drawn.
public struct PointSampling: Codable, Equatable, Sendable {
  /// Points a patient.
  public var count = 8192
  /// The share drawn in the patient's tissue.
  public var tissueShare = 0.35
  /// The share drawn in bone. The rest is uniform over the field of view, air included.
  public var boneShare = 0.2

  /// The defaults.
  public init() {}
}
