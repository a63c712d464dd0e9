import SpiderImaging

/// How well a volume explains the X-rays it was made from.
public enum Reprojection {
  /// ||p - s A x - o|| / ||p|| over all unmasked pixels of all views, Joseph's projector, mono-energetic;
  /// nil when the X-rays show nothing.
  ///
  /// For absolute radiographs s = 1 and o = 0. For relative ones gain and offset are unknown, and the
  /// pair that fits best is taken, view by view.
  public static func relativeError(
    of ct: Volume, _ radiographs: [Radiograph], attenuation: Attenuation = .standard
  ) -> Double? {
    let map = attenuation.attenuation(of: ct)
    let predictions = JosephProjector().forward(map, radiographs.map(\.geometry))
    let parts = zip(predictions, radiographs).map(squares)
    let whole = parts.reduce(0) { $0 + $1.measured }
    guard whole > 0 else { return nil }
    return (parts.reduce(0) { $0 + $1.residual } / whole).squareRoot()
  }

  private static func squares(
    _ predicted: [Float], _ radiograph: Radiograph
  ) -> (residual: Double, measured: Double) {
    let pixels = radiograph.values.indices.filter(radiograph.counts)
    let x = pixels.map { Double(predicted[$0]) }
    let y = pixels.map { Double(radiograph.values[$0]) }
    let (gain, offset) = radiograph.intensity == .absolute ? (1, 0) : fit(x, y)
    let residual = zip(x, y).reduce(0) { sum, pair in
      let difference = pair.1 - gain * pair.0 - offset
      return sum + difference * difference
    }
    return (residual, y.reduce(0) { $0 + $1 * $1 })
  }

  /// Least squares of y = gain x + offset.
  private static func fit(_ x: [Double], _ y: [Double]) -> (gain: Double, offset: Double) {
    let n = Double(max(1, x.count))
    let (meanX, meanY) = (x.reduce(0, +) / n, y.reduce(0, +) / n)
    let variance = x.reduce(0) { $0 + ($1 - meanX) * ($1 - meanX) }
    let covariance = zip(x, y).reduce(0) { $0 + ($1.0 - meanX) * ($1.1 - meanY) }
    let gain = variance > 0 ? covariance / variance : 0
    return (gain, meanY - gain * meanX)
  }
}
