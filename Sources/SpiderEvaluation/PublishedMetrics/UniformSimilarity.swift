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
