import SpiderCore

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
