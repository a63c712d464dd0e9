import SpiderSupport

/// The structural similarity index of two volumes (Wang et al. 2004) with the settings of
/// scikit-image: uniform window of 7^3 voxels, sample covariance, K1 = 0.01, K2 = 0.03, and only
/// windows that lie wholly within the volume.
public struct StructuralSimilarity: Sendable {
  /// Voxels along an edge of the window.
  public static let window = 7
  private static let radius = 3

  /// The index of every window; its place is that of the window's central voxel. Windows that reach
  /// over the edge or hold an excluded voxel are nil, which NaN stands for.
  private let map: [Float]
  private let shape: SIMD3<Int>

  /// Computes the map of two arrays on one grid of `shape` (nx, ny, nz).
  ///
  /// - Parameter known: voxels that are not known are excluded, and with them every window that
  ///   holds
  ///   one.
  public init(
    _ a: [Float], _ b: [Float], shape: SIMD3<Int>, dataRange: Double = ImageMetrics.dataRange,
    known: [Bool]? = nil
  ) {
    let count = shape.x * shape.y * shape.z
    precondition(a.count == count && b.count == count, "\(a.count), \(b.count) values for \(count)")
    self.shape = shape
    let radius = Self.radius
    let planeSize = shape.x * shape.y
    // Sums over the window's plane for every slice; then each slab of seven is added up.
    let planes = Parallel.map(shape.z) { k in
      let range = (k * planeSize)..<((k + 1) * planeSize)
      return PlaneSums(
        a: a[range], b: b[range], known: known.map { $0[range] }, nx: shape.x, ny: shape.y)
    }
    let slices = Parallel.map(shape.z) { k -> [Float] in
      guard k >= radius, k + radius < shape.z else {
        return [Float](repeating: .nan, count: planeSize)
      }
      var sums = planes[k - radius]
      for other in (k - radius + 1)...(k + radius) { sums.add(planes[other]) }
      return sums.similarity(dataRange: dataRange)
    }
    map = slices.flatMap { $0 }
  }

  /// The mean over all windows, or those whose central voxel is counted; nil when there is none.
  public func mean(counted: [Bool]? = nil) -> Double? {
    var sum = 0.0
    var count = 0
    for index in map.indices where !map[index].isNaN && (counted?[index] ?? true) {
      sum += Double(map[index])
      count += 1
    }
    return count > 0 ? sum / Double(count) : nil
  }

  /// The definition, window by window: slow, for the tests.
  package static func reference(
    _ a: [Float], _ b: [Float], shape: SIMD3<Int>, dataRange: Double = ImageMetrics.dataRange
  ) -> Double? {
    let n = Double(window * window * window)
    let (c1, c2) = constants(dataRange)
    var (total, windows) = (0.0, 0)
    guard shape.min() >= window else { return nil }
    for k in radius..<(shape.z - radius) {
      for j in radius..<(shape.y - radius) {
        for i in radius..<(shape.x - radius) {
          var places: [Int] = []
          for dk in -radius...radius {
            for dj in -radius...radius {
              for di in -radius...radius {
                places.append(((k + dk) * shape.y + j + dj) * shape.x + i + di)
              }
            }
          }
          let meanA = places.reduce(0) { $0 + Double(a[$1]) } / n
          let meanB = places.reduce(0) { $0 + Double(b[$1]) } / n
          func covariance(_ x: [Float], _ mx: Double, _ y: [Float], _ my: Double) -> Double {
            places.reduce(0) { $0 + (Double(x[$1]) - mx) * (Double(y[$1]) - my) } / (n - 1)
          }
          let (vaa, vbb) = (covariance(a, meanA, a, meanA), covariance(b, meanB, b, meanB))
          let vab = covariance(a, meanA, b, meanB)
          total +=
            (2 * meanA * meanB + c1) * (2 * vab + c2)
            / ((meanA * meanA + meanB * meanB + c1) * (vaa + vbb + c2))
          windows += 1
        }
      }
    }
    return total / Double(windows)
  }

  fileprivate static func constants(_ dataRange: Double) -> (Double, Double) {
    let (k1, k2) = (0.01 * dataRange, 0.03 * dataRange)
    return (k1 * k1, k2 * k2)
  }
}

/// Sums over 7x7 pixels about every pixel of one slice, by running sums: of a, b, a^2, b^2, ab and
/// of excluded voxels.
private struct PlaneSums: Sendable {
  private var sums: [[Double]]
  private var excluded: [Int32]
  private let nx: Int
  private let ny: Int

  init(a: ArraySlice<Float>, b: ArraySlice<Float>, known: ArraySlice<Bool>?, nx: Int, ny: Int) {
    self.nx = nx
    self.ny = ny
    // About the middle of the window of HU, so that squares lose no digits.
    let x = a.map { Double($0) - 500 }
    let y = b.map { Double($0) - 500 }
    let products = [
      x, y, x.map { $0 * $0 }, y.map { $0 * $0 }, zip(x, y).map { $0 * $1 },
    ]
    sums = products.map { Self.windowed($0, nx: nx, ny: ny) }
    let missing = known.map { $0.map { $0 ? 0.0 : 1.0 } }
    excluded =
      missing.map { Self.windowed($0, nx: nx, ny: ny).map { Int32($0.rounded()) } }
      ?? [Int32](repeating: 0, count: nx * ny)
  }

  /// The sum over the 7x7 window about every pixel; pixels nearer than 3 to the edge stay 0.
  private static func windowed(_ values: [Double], nx: Int, ny: Int) -> [Double] {
    let width = StructuralSimilarity.window
    var result = [Double](repeating: 0, count: values.count)
    guard nx >= width, ny >= width else { return result }
    var rows = result
    for j in 0..<ny {
      let start = j * nx
      var sum = 0.0
      for i in 0..<nx {
        sum += values[start + i]
        if i >= width { sum -= values[start + i - width] }
        if i >= width - 1 { rows[start + i - width / 2] = sum }
      }
    }
    for i in 0..<nx {
      var sum = 0.0
      for j in 0..<ny {
        sum += rows[j * nx + i]
        if j >= width { sum -= rows[(j - width) * nx + i] }
        if j >= width - 1 { result[(j - width / 2) * nx + i] = sum }
      }
    }
    return result
  }

  mutating func add(_ other: PlaneSums) {
    for quantity in sums.indices {
      for index in sums[quantity].indices { sums[quantity][index] += other.sums[quantity][index] }
    }
    for index in excluded.indices { excluded[index] += other.excluded[index] }
  }

  /// The index of each pixel's window from the sums over its seven slices.
  func similarity(dataRange: Double) -> [Float] {
    var result = [Float](repeating: .nan, count: nx * ny)
    let width = StructuralSimilarity.window
    guard nx >= width, ny >= width else { return result }
    let n = Double(width * width * width)
    let (c1, c2) = StructuralSimilarity.constants(dataRange)
    for j in (width / 2)..<(ny - width / 2) {
      for i in (width / 2)..<(nx - width / 2) {
        let p = j * nx + i
        guard excluded[p] == 0 else { continue }
        let (ma, mb) = (sums[0][p] / n, sums[1][p] / n)
        let vaa = max(0, (sums[2][p] - n * ma * ma) / (n - 1))
        let vbb = max(0, (sums[3][p] - n * mb * mb) / (n - 1))
        let vab = (sums[4][p] - n * ma * mb) / (n - 1)
        let (meanA, meanB) = (ma + 500, mb + 500)
        result[p] = Float(
          (2 * meanA * meanB + c1) * (2 * vab + c2)
            / ((meanA * meanA + meanB * meanB + c1) * (vaa + vbb + c2)))
      }
    }
    return result
  }
}
