import SpiderBaselines
import SpiderCore

/// The figures of X2CT-GAN's test script, in its conventions: the reconstruction is limited to [0, 1];
/// PSNR has a peak of 4095 on data that reach 2500, which adds 4.29 dB.
///
/// For tables that are to be read beside published ones; ours are in `ImageMetrics`.
public struct X2CTMetrics: Equatable, Sendable {
  /// One figure an axis, and their mean.
  public struct PerAxis: Equatable, Sendable {
    /// Along D, H and W.
    public let axes: [Double]
    /// The mean of the three.
    public var mean: Double { axes.reduce(0, +) / Double(axes.count) }
  }

  /// Mean absolute difference, on [0, 1].
  public let absoluteError: Double
  /// Mean squared difference, on [0, 1].
  public let squaredError: Double
  /// Cosine of the angle between the volumes; nil when one is zero.
  public let cosine: Double?
  /// 2D structural similarity of the slices along each axis; nil where a slice holds no window.
  public let similarity: PerAxis?
  /// PSNR of the volume, dB.
  public let psnr: Double?
  /// Mean PSNR of the slices along each axis, dB.
  public let slicePSNR: PerAxis
  /// Mean absolute difference of whole units of 1 HU.
  public let absoluteUnits: Double?
  /// Mean squared difference of whole units of 1 HU.
  public let squaredUnits: Double?

  /// Compares volumes (D, H, W) of intensities (HU + 1024) / 2500.
  public init(reconstruction: [Float], truth: [Float], shape: [Int]) {
    let fake = PublishedVolume(reconstruction.map(Double.init), shape: shape).clipped
    let real = PublishedVolume(truth.map(Double.init), shape: shape)
    let count = Double(truth.count)
    var (absolute, squared, products, squaresA, squaresB) = (0.0, 0.0, 0.0, 0.0, 0.0)
    for (a, b) in zip(fake.values, real.values) {
      absolute += abs(a - b)
      squared += (a - b) * (a - b)
      products += a * b
      squaresA += a * a
      squaresB += b * b
    }
    absoluteError = absolute / count
    squaredError = squared / count
    let norms = squaresA.squareRoot() * squaresB.squareRoot()
    cosine = norms > 0 ? products / norms : nil
    // The axis of the slices first.
    let turned = [[0, 1, 2], [1, 0, 2], [2, 0, 1]].map { (fake.permuted($0), real.permuted($0)) }
    let similarities = turned.compactMap { a, b in
      UniformSimilarity.mean(
        a.values, b.values, shape: a.shape, window: [1, 7, 7], dataRange: 1)
    }
    similarity = similarities.count == 3 ? PerAxis(axes: similarities) : nil
    slicePSNR = PerAxis(axes: turned.map { PublishedVolume.slabPSNR($0, $1) })
    let (x, y) = (fake.units, real.units)
    psnr = ImageMetrics.psnr(x, y, peak: 4095)
    absoluteUnits = ImageMetrics.meanAbsoluteError(x, y)
    squaredUnits = ImageMetrics.meanSquaredError(x, y)
  }
}

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
