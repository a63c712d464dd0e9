import SpiderImaging

/// The equations of one X-ray in a refinement: which pixels count, what they should be, and their weights.
package struct RefinementView {
  /// The least pixels that must count.
  private static let fewest = 64

  package let geometry: ProjectionGeometry
  /// How it is read.
  package let use: ViewUse
  /// What it shows to be empty; nil where its numbers are not taken for line integrals.
  let emptyRays: EmptyRays?
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
    // One beam made them all.
    let areLineIntegrals = zip(images, rays).allSatisfy {
      $0.intensity != .absolute || $1.mayBeLineIntegrals($0)
    }
    return images.indices.map { index in
      let (image, ray, predicted) = (images[index], rays[index], predictions[index])
      let density = image.geometry.matrix.pixelsPerMillimetre(at: ct.grid.center)
      let toned = Refinement.tonedDeviation * Float(Refinement.tonedWidth * density)
      // The greys of a picture have no size: a dark one is read like any other.
      let showsTissue = image.intensity != .absolute || ray.gain != nil
      guard ray.counting.count(where: \.self) >= fewest, showsTissue, toned.isFinite else {
        return RefinementView(image, predicted, ray.counting.map { _ in false }, .unused)
      }
      if image.intensity == .absolute, areLineIntegrals {
        let empty = EmptyRays(image, about: ct.grid.center)
        let credible = empty?.isCredible ?? EmptyRays.credible(image)
        let counting = zip(ray.extended(image.values, predicted), credible).map { $0 && $1 }
        let (noise, least) = (PixelNoise(image), Refinement.deviation(of: ct.grid))
        return RefinementView(image, predicted, counting, .lineIntegrals, empty) {
          max(least, noise?.deviation(at: $0) ?? 0)
        }
      }
      let counting = image.values.indices.filter { ray.counting[$0] }
      let curve = FittedTone(counting.map { (image.values[$0], predicted[$0]) })
      guard let curve else {
        return RefinementView(image, predicted, ray.counting.map { _ in false }, .unused)
      }
      var read = image
      read.values = image.values.map { $0.isFinite ? curve($0) : 0 }
      // What the curve leaves unexplained tells how far it is to be believed.
      let squares = counting.reduce(0) {
        $0 + (read.values[$1] - predicted[$1]) * (read.values[$1] - predicted[$1])
      }
      let deviation = max(toned, squares / Float(counting.count) / toned)
      return RefinementView(
        read, predicted, ray.extended(read.values, predicted),
        image.intensity == .absolute ? .contradicted : .toned
      ) { _ in deviation }
    }
  }

  /// - Parameter deviation: that of a pixel, by its value; of one that does not count it is of no account.
  private init(
    _ image: Radiograph, _ predicted: [Float], _ counting: [Bool], _ use: ViewUse,
    _ emptyRays: EmptyRays? = nil, deviation: (Float) -> Float = { _ in 1 }
  ) {
    geometry = image.geometry
    self.use = use
    self.emptyRays = emptyRays
    let weights = zip(counting, image.values).map { $0 ? 1 / deviation($1) : 0 }
    self.weights = weights
    target = counting.indices.map { counting[$0] ? image.values[$0] : 0 }
    residual = counting.indices.map {
      counting[$0] ? weights[$0] * (image.values[$0] - predicted[$0]) : 0
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
