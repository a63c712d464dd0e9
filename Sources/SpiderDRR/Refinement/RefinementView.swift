import SpiderImaging

/// The equations of one X-ray in a refinement: which pixels count, what they should be, and their weights.
package struct RefinementView {
  /// The least pixels that must count.
  private static let fewest = 64

  package let geometry: ProjectionGeometry
  /// How it is read.
  package let use: ViewUse
  /// The line integrals that the volume should have, 0 where a pixel does not count.
  private let target: [Float]
  /// 1 over the standard deviation of each pixel; 0 where it does not count.
  private let weights: [Float]
  /// W (b - A x0).
  package let residual: [Float]

  /// Whether any pixel counts.
  var counts: Bool { use != .unused }

  /// The share of pixels that count.
  var share: Double {
    Double(weights.count { $0 > 0 }) / Double(weights.count)
  }

  /// W times an image.
  package func weighted(_ image: [Float]) -> [Float] { zip(weights, image).map { $0 * $1 } }

  /// |b - A x| / |b| over the pixels that count.
  func relativeError(of x: Volume, _ projector: any Projector) -> Double? {
    guard counts else { return nil }
    let projected = projector.forward(x, geometry)
    var (difference, whole) = (0.0, 0.0)
    for index in target.indices where weights[index] > 0 {
      let (a, b) = (Double(projected[index]), Double(target[index]))
      difference += (b - a) * (b - a)
      whole += b * b
    }
    return whole > 0 ? (difference / whole).squareRoot() : nil
  }

  /// Sets up the equations.
  ///
  /// - Parameters:
  ///   - ct: the answer, HU.
  ///   - x: its attenuation, perhaps in another memory order.
  package static func views(
    of ct: Volume, attenuation x: Volume, _ radiographs: [Radiograph], law: Attenuation,
    _ projector: any Projector
  ) -> [RefinementView] {
    let images = radiographs.map { coarse($0, for: ct.grid) }
    let predictions = images.map { projector.forward(x, $0.geometry) }
    let exits = TruncatedTissue(ct)
    let rays = zip(images, predictions).map { InformativeRays($0, $1, of: ct, exits) }
    let gains = zip(images, rays).compactMap { $0.intensity == .absolute ? $1.gain : nil }
    // One beam made them all.
    let areLineIntegrals = gains.allSatisfy { InformativeRays.credibleGains.contains(Double($0)) }
    return images.indices.map { index in
      let (image, ray, predicted) = (images[index], rays[index], predictions[index])
      let density = image.geometry.matrix.pixelsPerMillimetre(at: ct.grid.center)
      let toned = Refinement.tonedDeviation * Float(Refinement.tonedWidth * density)
      guard ray.counting.count(where: \.self) >= fewest, ray.gain != nil, toned.isFinite else {
        return RefinementView(image, predicted, ray.counting.map { _ in false }, .unused)
      }
      if image.intensity == .absolute, areLineIntegrals {
        let all = ray.extended(image.values, predicted)
        return RefinementView(
          image, predicted, all, .lineIntegrals, deviation: Refinement.deviation)
      }
      let counting = image.values.indices.filter { ray.counting[$0] }
      let curve = FittedTone(counting.map { (image.values[$0], predicted[$0]) })
      guard let curve else {
        return RefinementView(image, predicted, ray.counting.map { _ in false }, .unused)
      }
      var read = image
      read.values = image.values.map { $0.isFinite ? curve($0) : 0 }
      return RefinementView(
        read, predicted, ray.extended(read.values, predicted),
        image.intensity == .absolute ? .contradicted : .toned, deviation: toned)
    }
  }

  private init(
    _ image: Radiograph, _ predicted: [Float], _ counting: [Bool], _ use: ViewUse,
    deviation: Float = 1
  ) {
    geometry = image.geometry
    self.use = use
    let weight = 1 / deviation
    weights = counting.map { $0 ? weight : 0 }
    target = counting.indices.map { counting[$0] ? image.values[$0] : 0 }
    residual = counting.indices.map {
      counting[$0] ? weight * (image.values[$0] - predicted[$0]) : 0
    }
  }

  /// The X-ray on pixels about as wide as the volume's voxels are seen: finer ones say nothing more of it.
  private static func coarse(_ radiograph: Radiograph, for grid: VoxelGrid) -> Radiograph {
    let density = radiograph.geometry.matrix.pixelsPerMillimetre(at: grid.center)
    guard density.isFinite, density > 0 else { return radiograph }
    let most = min(radiograph.geometry.columns, radiograph.geometry.rows)
    let bins = Int(max(1, min(Double(most), (grid.spacing.min() * density + 1e-6).rounded(.down))))
    return (try? radiograph.binned(by: bins)) ?? radiograph
  }
}

/// A rising curve from the greys of a picture to line integrals, fitted to pairs of them: what a film's tone,
/// a hardened beam or a wrong scale did, undone as far as one number a grey can undo it.
///
/// Greys are put into classes of about equal number; a class's line integral is the median of its pairs, which
/// regions that the volume has wrong do not move; and what falls is levelled (pool adjacent violators:
/// M. Ayer et al., Ann. Math. Stat. 26 (1955) 641). Between classes the curve is straight, beyond the outer ones
/// level.
package struct FittedTone {
  /// The fewest pairs in a class.
  private static let fewest = 20

  /// Greys and line integrals of the classes, rising.
  private let greys: [Float]
  private let integrals: [Float]

  /// Fits the curve; nil where the greys are too few or all alike.
  ///
  /// - Parameter count: into how many classes the greys are put.
  package init?(_ pairs: [(grey: Float, integral: Float)], classes count: Int = 16) {
    let pairs = pairs.filter { $0.grey.isFinite && $0.integral.isFinite }.sorted {
      $0.grey < $1.grey
    }
    var classes: [(grey: Float, integral: Float, count: Double)] = []
    var start = 0
    for number in 1...count {
      // Equal greys stay together.
      var end = pairs.count * number / count
      while end > start, end < pairs.count, pairs[end].grey == pairs[end - 1].grey { end += 1 }
      guard end - start >= Self.fewest else { continue }
      let part = pairs[start..<end]
      let integrals = part.map(\.integral).sorted()
      classes.append(
        (part[start + part.count / 2].grey, integrals[part.count / 2], Double(part.count)))
      start = end
    }
    guard classes.count > 1 else { return nil }
    greys = classes.map(\.grey)
    integrals = Self.rising(classes.map { (Double($0.integral), $0.count) }).map(Float.init)
  }

  /// The line integral of a grey.
  package func callAsFunction(_ grey: Float) -> Float {
    guard let above = greys.firstIndex(where: { $0 > grey }) else {
      return integrals[integrals.count - 1]
    }
    guard above > 0 else { return integrals[0] }
    let share = (grey - greys[above - 1]) / (greys[above] - greys[above - 1])
    return integrals[above - 1] + share * (integrals[above] - integrals[above - 1])
  }

  /// The rising values nearest to others in weighted least squares.
  package static func rising(_ values: [(value: Double, weight: Double)]) -> [Double] {
    var pools: [(value: Double, weight: Double, count: Int)] = []
    for value in values {
      pools.append((value.value, value.weight, 1))
      while pools.count > 1, pools[pools.count - 2].value > pools[pools.count - 1].value {
        let (last, before) = (pools.removeLast(), pools.removeLast())
        let weight = last.weight + before.weight
        let mean = (last.value * last.weight + before.value * before.weight) / weight
        pools.append((mean, weight, last.count + before.count))
      }
    }
    return pools.flatMap { Array(repeating: $0.value, count: $0.count) }
  }
}
