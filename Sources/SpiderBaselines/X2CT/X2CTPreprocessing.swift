import SpiderCore

/// How X2CT-GAN brings its data to the network: linear interpolation with corners aligned, fixed ranges,
/// six decimals.
public enum X2CTPreprocessing {
  /// Resamples an array of any number of axes (last fastest) to another shape: sample i of n lies at
  /// i (stored - 1) / (n - 1). Nothing is averaged.
  public static func resized(_ values: [Float], from shape: [Int], to target: [Int]) -> [Double] {
    precondition(
      shape.count == target.count && values.count == shape.reduce(1, *),
      "\(values.count) values of shape \(shape) to \(target)")
    var (current, size) = (values.map(Double.init), shape)
    for axis in shape.indices where size[axis] != target[axis] {
      let (stored, wanted) = (size[axis], target[axis])
      let inner = size[(axis + 1)...].reduce(1, *)
      let outer = size[..<axis].reduce(1, *)
      var next = [Double](repeating: 0, count: outer * wanted * inner)
      for place in 0..<wanted {
        let at = wanted > 1 ? Double(place) * Double(stored - 1) / Double(wanted - 1) : 0
        let low = min(Int(at), max(0, stored - 2))
        let high = min(low + 1, stored - 1)
        let share = at - Double(low)
        for block in 0..<outer {
          for i in 0..<inner {
            let a = current[(block * stored + low) * inner + i]
            let b = current[(block * stored + high) * inner + i]
            next[(block * wanted + place) * inner + i] = a + share * (b - a)
          }
        }
      }
      size[axis] = wanted
      current = next
    }
    return current
  }

  /// Stored CT values, HU + 1024, to [0, 1].
  public static func normalizedCT(_ values: [Double]) -> [Float] {
    values.map { rounded(Float(min(2500, max(0, $0))) / 2500) }
  }

  /// X-ray grey values of 8 bits to [0, 1]. Resampled ones are whole numbers again, as stored.
  public static func normalizedXRay(_ values: [Double]) -> [Float] {
    values.map { rounded(Float(min(255, max(0, ($0 + 0.5).rounded(.down)))) / 255) }
  }

  /// An X-ray stretched to [0, 1] by its own least and largest value: absolute attenuation is lost.
  public static func stretched(_ values: [Float]) -> [Float] {
    guard let least = values.min(), let largest = values.max(), largest > least else {
      return values.map { _ in 0 }
    }
    return values.map { ($0 - least) / (largest - least) }
  }

  /// Six decimals, in single precision as published: that decides what lies half-way.
  private static func rounded(_ value: Float) -> Float {
    (value * 1e6).rounded(.toNearestOrEven) / 1e6
  }
}
