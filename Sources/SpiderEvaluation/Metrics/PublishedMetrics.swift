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

/// A volume (D, H, W) with intensities in [0, 1], (HU + 1024) / 2500, as the published test scripts take
/// it.
struct PublishedVolume {
  /// (D, H, W), last axis fastest.
  var values: [Double]
  /// D, H, W.
  var shape: [Int]

  init(_ values: [Double], shape: [Int]) {
    precondition(
      shape.count == 3 && values.count == shape.reduce(1, *), "\(values.count) for \(shape)")
    self.values = values
    self.shape = shape
  }

  /// Limited to [0, 1].
  var clipped: PublishedVolume {
    PublishedVolume(values.map { min(1, max(0, $0)) }, shape: shape)
  }

  /// With other axes first: axis i of the result is axis `order[i]`.
  func permuted(_ order: [Int]) -> PublishedVolume {
    let strides = [shape[1] * shape[2], shape[2], 1]
    let size = order.map { shape[$0] }
    var result: [Double] = []
    result.reserveCapacity(values.count)
    for i in 0..<size[0] {
      for j in 0..<size[1] {
        let start = i * strides[order[0]] + j * strides[order[1]]
        for k in 0..<size[2] { result.append(values[start + k * strides[order[2]]]) }
      }
    }
    return PublishedVolume(result, shape: size)
  }

  /// In units of 1 HU above -1024, truncated to whole numbers. The product is one of single precision,
  /// as published: where it rounds up to a whole number, truncation tells.
  var units: [Float] { values.map { (Float($0) * 2500).rounded(.towardZero) } }

  /// PSNR in dB with the published peak of 4095, as the mean over the slabs of the first axis.
  static func slabPSNR(_ a: PublishedVolume, _ b: PublishedVolume) -> Double {
    let (x, y, size) = (a.units, b.units, a.shape[1] * a.shape[2])
    let slabs = (0..<a.shape[0]).compactMap { slab in
      let range = slab * size..<(slab + 1) * size
      return ImageMetrics.psnr(Array(x[range]), Array(y[range]), peak: 4095)
    }
    return slabs.reduce(0, +) / Double(slabs.count)
  }
}

/// Structural similarity in double precision over windows of any box shape, as scikit-image computes it
/// for a uniform window: sample covariance, K1 = 0.01, K2 = 0.03, only windows within the volume.
///
/// It serves the published conventions, whose windows are planes or cubes and whose data lie in [0, 1];
/// Spider's own figure is `StructuralSimilarity`.
enum UniformSimilarity {
  /// The mean over all windows; nil when none fits.
  static func mean(
    _ a: [Double], _ b: [Double], shape: [Int], window: [Int], dataRange: Double
  ) -> Double? {
    precondition(
      shape.count == 3 && window.count == 3 && a.count == shape.reduce(1, *) && a.count == b.count,
      "\(a.count) and \(b.count) values for \(shape)")
    guard zip(shape, window).allSatisfy({ $0 >= $1 }) else { return nil }
    func means(_ values: [Double]) -> [Double] {
      var (sums, size) = (values, shape)
      for axis in 0..<3 { (sums, size) = boxSums(sums, shape: size, axis: axis, window[axis]) }
      let count = Double(window.reduce(1, *))
      return sums.map { $0 / count }
    }
    let count = Double(window.reduce(1, *))
    let sample = count / (count - 1)
    let (c1, c2) = (
      (0.01 * dataRange) * (0.01 * dataRange), (0.03 * dataRange) * (0.03 * dataRange)
    )
    let (meanA, meanB) = (means(a), means(b))
    let (meanAA, meanBB) = (means(a.map { $0 * $0 }), means(b.map { $0 * $0 }))
    let meanAB = means(zip(a, b).map { $0 * $1 })
    var total = 0.0
    for index in meanA.indices {
      let (ma, mb) = (meanA[index], meanB[index])
      let vaa = sample * (meanAA[index] - ma * ma)
      let vbb = sample * (meanBB[index] - mb * mb)
      let vab = sample * (meanAB[index] - ma * mb)
      total +=
        (2 * ma * mb + c1) * (2 * vab + c2) / ((ma * ma + mb * mb + c1) * (vaa + vbb + c2))
    }
    return total / Double(meanA.count)
  }

  /// Sums of `width` neighbours along an axis, where all are there.
  private static func boxSums(
    _ values: [Double], shape: [Int], axis: Int, _ width: Int
  ) -> ([Double], [Int]) {
    guard width > 1 else { return (values, shape) }
    var size = shape
    size[axis] -= width - 1
    let inner = shape[(axis + 1)...].reduce(1, *)
    let outer = shape[..<axis].reduce(1, *)
    var sums = [Double](repeating: 0, count: size.reduce(1, *))
    for block in 0..<outer {
      for place in 0..<size[axis] {
        for i in 0..<inner {
          let start = (block * shape[axis] + place) * inner + i
          var sum = 0.0
          for step in 0..<width { sum += values[start + step * inner] }
          sums[(block * size[axis] + place) * inner + i] = sum
        }
      }
    }
    return (sums, size)
  }
}
