import SpiderBaselines
import SpiderCore

/// The figures of PerX2CT's test script for one stack of slices, in its conventions: nothing is
/// limited, PSNR has the peak of X2CT-GAN's and is the mean over slabs along the stack's *last* axis
/// (not over its slices), SSIM takes cubes and a data range of 2, which raises it.
public struct PerX2CTMetrics: Equatable, Sendable {
  /// Mean PSNR of the slabs, dB.
  public let psnr: Double
  /// Structural similarity; nil when the stack holds no window.
  public let similarity: Double?
  /// The same with the range that the data have, 1.
  public let similarityOfRange1: Double?

  /// Compares volumes (D, H, W) of intensities (HU + 1024) / 2500, of which the slices along an axis
  /// make the stack.
  public init(reconstruction: [Float], truth: [Float], shape: [Int], axis: SliceLattice.Axis) {
    let order =
      switch axis {
      case .axial: [0, 1, 2]
      case .coronal: [1, 2, 0]
      case .sagittal: [2, 0, 1]
      }
    let fake = PublishedVolume(reconstruction.map(Double.init), shape: shape).permuted(order)
    let real = PublishedVolume(truth.map(Double.init), shape: shape).permuted(order)
    let lastFirst = [2, 0, 1]
    psnr = PublishedVolume.slabPSNR(fake.permuted(lastFirst), real.permuted(lastFirst))
    func similarity(_ range: Double) -> Double? {
      UniformSimilarity.mean(
        fake.values, real.values, shape: fake.shape, window: [7, 7, 7], dataRange: range)
    }
    self.similarity = similarity(2)
    similarityOfRange1 = similarity(1)
  }
}
