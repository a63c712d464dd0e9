/// The shadow of the patient on a detector: the pixels whose rays met attenuation.
///
/// A shadow that is too small takes parts of the patient away, one that is too large only costs time.
/// So it is nil, which stands for "everything", unless the open field is certain:
/// - An absolute radiograph must be near 0 there.
/// - A relative one must show noise on both sides of the level. A flat level may be the lower end of a
///   grey scale, and then thin tissue is cut off with it; and a tone curve that darkens thin tissue shows
///   in edges that rise slowly, where a body's rise as the root of the depth.
/// - Blackened collimation looks like open field. Where other dark pixels have noise, it is told by
///   having none; where it cuts the patient, by the straight edge it leaves.
package struct Silhouette {
  /// `rows` x `columns`, true for shadow.
  package let shadow: [Bool]
  /// True where nothing is known.
  package let unknown: [Bool]

  /// The largest share of the span that may hide in noise: 5 mm of water in a head.
  static let largestThreshold: Float = 0.023

  /// Finds the shadow.
  ///
  /// - Parameter pixel: the size of a pixel at the isocentre, mm.
  package init?(_ radiograph: Radiograph, pixel: Double) {
    guard !radiograph.looksInverted else { return nil }
    var image = radiograph
    guard var open = OpenFieldEstimate(image) else { return nil }
    if open.hasLower, let masked = image.maskingFlatDark(open) {
      image = masked
      guard let again = OpenFieldEstimate(image) else { return nil }
      open = again
    }
    guard image.intensity == .absolute || !open.isFlat else { return nil }

    // The mean of 3 x 3 pixels tells weaker shadows from noise, also where a detector's blur has made
    // neighbours' noise alike; single pixels tell what is small.
    let smooth = image.smoothed()
    guard let smoothOpen = OpenFieldEstimate(smooth) else { return nil }
    let least = OpenFieldEstimate.leastShare * open.span
    let threshold = max(least, 4 * smoothOpen.noise)
    guard threshold <= Self.largestThreshold * open.span else { return nil }
    let single = max(least, 6 * max(open.noise, 3 * smoothOpen.noise))
    let occupied = image.values.indices.map { index in
      image.values[index] > smoothOpen.level + single
        || smooth.values[index] > smoothOpen.level + threshold
    }

    let edges = SilhouetteEdges(image, open)
    guard !edges.areCut else { return nil }
    guard image.intensity == .absolute || edges.riseLikeBodies(pixel: pixel) else { return nil }
    let beyond = edges.beyondStraightCuts()
    unknown = beyond.indices.map { beyond[$0] || !image.counts($0) }
    shadow = occupied
  }
}

extension Radiograph {
  /// The mean of the 3 x 3 pixels about each one, of those that count; the mask stays.
  fileprivate func smoothed() -> Radiograph {
    var result = self
    let (columns, rows) = (geometry.columns, geometry.rows)
    for index in values.indices where counts(index) {
      let (column, row) = (index % columns, index / columns)
      var (sum, number): (Float, Float) = (0, 0)
      for r in max(0, row - 1)...min(rows - 1, row + 1) {
        for c in max(0, column - 1)...min(columns - 1, column + 1)
        where counts(r * columns + c) {
          sum += values[r * columns + c]
          number += 1
        }
      }
      result.values[index] = sum / number
    }
    return result
  }

  /// This radiograph with those dark places masked that have no noise at all, if others have some: a
  /// collimator's shadow painted black. Nil when there are none.
  fileprivate func maskingFlatDark(_ open: OpenFieldEstimate) -> Radiograph? {
    let (columns, rows) = (geometry.columns, geometry.rows)
    func neighbours(_ index: Int) -> [Int] {
      let (column, row) = (index % columns, index / columns)
      return (max(0, row - 1)...min(rows - 1, row + 1)).flatMap { r in
        (max(0, column - 1)...min(columns - 1, column + 1)).map { r * columns + $0 }
      }
    }
    let reach = open.level + max(4 * open.noise, 0.01 * open.span)
    func isDark(_ index: Int) -> Bool { counts(index) && values[index] <= reach }
    let flat = values.indices.filter { index in
      isDark(index) && neighbours(index).allSatisfy { values[$0] == values[index] }
    }
    guard !flat.isEmpty else { return nil }
    var result = self
    var valid = mask ?? [Bool](repeating: true, count: values.count)
    for index in flat { for near in neighbours(index) { valid[near] = false } }
    result.mask = valid
    return result
  }
}
