/// Finds the straight borders that a collimator or an electronic shutter leaves around an X-ray.
///
/// For each side of the image, edges are tried at all distances (up to 45 % of the image) and turns
/// (up to 20 degrees). An edge is taken when
///
/// - the image jumps across it, always the same way, along most of its length between the edges of the
///   other sides, and a quarter of the side at least; and
/// - everything beyond it looks hidden: brighter than the middle of the jump, and varying little beside
///   the jump (no radiation came through the blades), or darker and even to a thousandth of the range (a
///   shutter that was drawn in black).
///
/// A head has no such lines: its outline is round, and what lies beyond is air, which is dark, while
/// its jumps follow a line only for part of the way. Round collimators, borders of less than 3 % of the
/// image, edges behind which scattered radiation looks like what they hide, and any in images of less
/// than 96 pixels, are not found.
enum CollimationFinder {
  private static let degrees = stride(from: -20.0, through: 20, by: 1).map { $0 }
  private static let deepest = 0.45
  /// Bins from the edge to the samples before and behind it, beyond the blur of the small image.
  private static let reach = 2.5
  /// The least jump, as a share of the image's range.
  private static let leastJump: Float = 0.06
  /// How much of an image's side an edge must follow: a corner that a slanting line cuts off is none.
  private static let leastLength = 0.25
  /// The most that what blades hide may vary, as a standard deviation in parts of the jump.
  private static let largestSpread: Float = 0.5
  /// The shares of an edge that must jump, by what is behind it.
  private static let brightShare = 0.7
  private static let darkShare = 0.85

  /// `false` for pixels that are hidden; nil when no edge was found.
  static func visiblePixels(of radiograph: Radiograph) -> [Bool]? {
    guard let image = CollimationImage(radiograph) else { return nil }
    let bright = edges(of: image, isBright: true)
    // A simulation has no shutter, and ends where its scan does.
    let mayBeDark = bright.isEmpty && radiograph.photonEnergy == nil
    let edges = mayBeDark ? edges(of: image, isBright: false) : bright
    guard !edges.isEmpty else { return nil }
    let geometry = radiograph.geometry
    let size = Double(image.bin)
    // The small image's middle: it leaves off what does not fill a bin.
    let middle = SIMD2(Double(image.columns), Double(image.rows)) * size / 2
    return (0..<geometry.count).map { index in
      let place = SIMD2(
        Double(index % geometry.columns) + 0.5, Double(index / geometry.columns) + 0.5)
      // Half a bin of blur, half of a step of the search, and half a degree at the edge's ends.
      return edges.allSatisfy { $0.depth((place - middle) / size) < -1.5 }
    }
  }

  /// The edges of all sides that support one another.
  private static func edges(of image: CollimationImage, isBright: Bool) -> [CollimationEdge] {
    var edges = CollimationEdge.Side.allCases.compactMap {
      bestEdge($0, image, isBright: isBright)
    }
    let share = isBright ? brightShare : darkShare
    // An edge that falls takes its support from the others: until all stand.
    while true {
      let standing = edges.filter { edge in
        jumps(edge, image, between: edges.filter { $0.side != edge.side }, isBright: isBright)
          .share >= share
      }
      guard standing.count < edges.count else { return edges }
      edges = standing
    }
  }

  /// The edge of a side across which the image jumps along the largest part, of equal ones the one
  /// with the highest jump; nil when that is not even a third, or when what lies behind shows.
  private static func bestEdge(
    _ side: CollimationEdge.Side, _ image: CollimationImage, isBright: Bool
  ) -> CollimationEdge? {
    let isUpright = side == .left || side == .right
    let extent = Double(isUpright ? image.columns : image.rows)
    let leastLength = Int(Self.leastLength * Double(isUpright ? image.rows : image.columns))
    var best: (edge: CollimationEdge, share: Double, jump: Float)?
    for angle in degrees {
      for step in 0...Int(deepest * extent) {
        let edge = CollimationEdge(
          side, degrees: angle, distance: extent / 2 - 0.5 - Double(step))
        let found = jumps(edge, image, between: [], isBright: isBright)
        guard found.share >= 1.0 / 3, found.length >= leastLength else { continue }
        let isBetter =
          best.map {
            found.share > $0.share + 0.05 || (found.share > $0.share - 0.05 && found.jump > $0.jump)
          } ?? true
        guard isBetter, hides(edge, image, found, isBright: isBright) else { continue }
        best = (edge, found.share, found.jump)
      }
    }
    return best?.edge
  }

  /// What is seen along an edge, as far as other edges leave it visible.
  private struct Jumps {
    /// The share of its length along which the image jumps.
    var share = 0.0
    /// Its length, bins.
    var length = 0
    /// The mean jump.
    var jump: Float = 0
    /// The mean value half way.
    var middle: Float = 0
  }

  private static func jumps(
    _ edge: CollimationEdge, _ image: CollimationImage, between others: [CollimationEdge],
    isBright: Bool
  ) -> Jumps {
    let along = edge.direction
    let foot = edge.normal * edge.distance
    // Farther along, a line has left the image, however it runs.
    let half = (image.columns + image.rows) / 2
    var (all, jumping) = (0, 0)
    var (sum, middle): (Float, Float) = (0, 0)
    for position in -half...half {
      let place = foot + along * Double(position)
      guard let outside = image.value(place + edge.normal * reach),
        let inside = image.value(place - edge.normal * reach),
        others.allSatisfy({ $0.depth(place - edge.normal * reach) < -reach })
      else { continue }
      all += 1
      let jump = isBright ? outside - inside : inside - outside
      guard jump >= leastJump * image.range else { continue }
      jumping += 1
      sum += jump
      middle += (outside + inside) / 2
    }
    guard jumping > 0 else { return Jumps() }
    return Jumps(
      share: Double(jumping) / Double(all), length: all, jump: sum / Float(jumping),
      middle: middle / Float(jumping))
  }

  /// Whether what lies beyond an edge shows nothing.
  private static func hides(
    _ edge: CollimationEdge, _ image: CollimationImage, _ found: Jumps, isBright: Bool
  ) -> Bool {
    var (all, hidden) = (0, 0)
    var (sum, squares): (Float, Float) = (0, 0)
    var (low, high) = (Float.infinity, -Float.infinity)
    image.forEach { place, value in
      // A row of bins next to the edge is mixed.
      guard edge.depth(place) > 1.5, value.isFinite else { return }
      all += 1
      if value > found.middle { hidden += 1 }
      // About the jump's middle: large offsets would eat the digits of the squares.
      sum += value - found.middle
      squares += (value - found.middle) * (value - found.middle)
      low = min(low, value)
      high = max(high, value)
    }
    guard all > 0 else { return false }
    guard isBright else { return high - low <= 1e-3 * image.range }
    let mean = sum / Float(all)
    let spread = max(0, squares / Float(all) - mean * mean).squareRoot()
    return Double(hidden) >= 0.97 * Double(all) && spread <= largestSpread * found.jump
  }
}

extension Radiograph {
  /// The image with everything masked that a collimator or an electronic shutter hides, as far as
  /// its edges can be found: `CollimationFinder`. Without such edges the image itself.
  public func maskingCollimation() -> Radiograph {
    guard let visible = CollimationFinder.visiblePixels(of: self) else { return self }
    var result = self
    result.mask = visible.indices.map { visible[$0] && (mask?[$0] ?? true) }
    return result
  }
}
