import Foundation
import SpiderCore

/// The distribution of a training sample's query points.
public struct PointSampling: Codable, Equatable, Sendable {
  /// Points a patient.
  public var count = 8192
  /// The share drawn in the patient's tissue.
  public var tissueShare = 0.35
  /// The share drawn in bone. The rest is uniform over the field of view, air included.
  public var boneShare = 0.2
  /// How much of this is made up for in the loss: each point has the weight (1 / density)^compensation. With 1 the
  /// loss is that of points drawn evenly; with 0 all points count alike, and where a place may be bone or not, the
  /// network says bone more often than is true, as it saw it. A network that knows little finds bone by that alone:
  /// this is for the last part of a long training.
  public var compensation = 0.0

  /// The defaults.
  public init() {}

  /// The reason why no points can be drawn so, or nil.
  var fault: String? {
    guard tissueShare >= 0, boneShare >= 0, tissueShare + boneShare <= 1 else {
      return "sampling.tissueShare and sampling.boneShare must be shares of one whole"
    }
    guard (0...1).contains(compensation) else {
      return "sampling.compensation is \(compensation); it must be 0 to 1"
    }
    guard compensation == 0 || tissueShare + boneShare < 1 else {
      return "sampling.tissueShare and sampling.boneShare leave no points anywhere else, so that "
        + "sampling.compensation cannot make up for them; it must be 0"
    }
    return nil
  }
}

/// The density with which points of a varied patient are drawn, as a multiple of that of points drawn evenly over
/// the field of view (importance sampling).
///
/// A share of the points falls anywhere, one in the tissue, one in the bone within it: where a share s is drawn in a
/// part v of the field of view, s / v is added to the density there.
struct PointDensity: Sendable {
  private let weights: (bone: Float, soft: Float, other: Float)

  /// Nothing where all points count alike.
  init?(_ sampling: PointSampling, of varied: VariedPatient, side: Double) {
    guard sampling.compensation > 0 else { return nil }
    let voxel = abs(varied.grid.affine.determinant) / (side * side * side)
    func density(_ share: Double, _ voxels: Int) -> Double {
      voxels == 0 ? 0 : share / (Double(voxels) * voxel)
    }
    let (tissue, bone) = (varied.patient.tissue, varied.patient.bone)
    let drawn =
      (tissue.isEmpty ? 0 : sampling.tissueShare) + (bone.isEmpty ? 0 : sampling.boneShare)
    let soft = density(sampling.tissueShare, tissue.count)
    func weight(_ added: Double) -> Float {
      Float(pow(1 - drawn + added, -sampling.compensation))
    }
    weights = (weight(soft + density(sampling.boneShare, bone.count)), weight(soft), weight(0))
  }

  /// How much a point in a voxel of some kind counts.
  func weight(of kind: TrainingCase.Kind) -> Float {
    switch kind {
    case .bone: weights.bone
    case .soft: weights.soft
    case .other: weights.other
    }
  }
}
