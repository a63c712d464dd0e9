import SpiderCore
import SpiderTensor

/// What one patient contributes to a training batch.
struct PatientSample: Sendable {
  /// (V, H, W), as the network is fed them.
  var images: [Float]
  /// (P, 3) in the canonical frame.
  var points: [Float]
  /// (V, P, 2).
  var pixels: [Float]
  /// (P) in window units.
  var intensity: [Float]
  /// (P).
  var labels: [UInt8]

  /// Puts samples of equal sizes together.
  static func batch(_ samples: [PatientSample], description: ModelDescription) -> TrainingBatch {
    let (b, v) = (samples.count, description.views.count)
    let p = samples[0].labels.count
    return TrainingBatch(
      images: Tensor(
        [b * v, 1, description.setup.rows, description.setup.columns], samples.flatMap(\.images)),
      points: Tensor([b, p, 3], samples.flatMap(\.points)),
      pixels: Tensor([b, v, p, 2], samples.flatMap(\.pixels)),
      intensity: Tensor([b, p], samples.flatMap(\.intensity)), labels: samples.flatMap(\.labels))
  }
}
