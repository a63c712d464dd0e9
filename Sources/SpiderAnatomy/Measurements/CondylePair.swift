import Foundation
import SpiderImaging

/// The condyles of a mandible, found in its labels.
///
/// - The mandible is split by the sagittal plane (world x constant) through its centroid.
/// - On each side its condyle is the mL that lies furthest upwards and backwards, along (0, -1, 1) / sqrt 2 in world
///   RAS+. The coronoid may be as high, but lies some 26 mm in front; the angle of the jaw lies as far back, but some
///   60 mm below. So it holds of heads that nod by up to some 25 degrees.
/// - The place of a condyle is that mL's centroid, mm.
///
/// Parts of less than a mL that are apart from the rest are left out. A pair must lie side by side: at least 60 mm apart,
/// and within some 32 degrees of the world's x.
struct CondylePair {
  /// The centroids, the patient's left one first (the smaller x), world mm.
  let places: (left: Vector3, right: Vector3)

  /// The part of each side that counts as the condyle, mL.
  private static let cap = 1.0
  /// The least of a mandible on a side, mL.
  private static let least = 2.0
  /// The least distance of a pair, mm.
  private static let leastDistance = 60.0
  /// The least share of the distance that lies along x.
  private static let leastAcross = 0.85

  /// The distance between them, mm.
  var distance: Double { length(places.right - places.left) }

  /// Finds the condyles; nil where there are none, or one, or where what would be a condyle is cut off.
  ///
  /// - Parameters:
  ///   - mandible: its voxels.
  ///   - border: places of its voxels beyond which nothing is known, world mm.
  init?(_ mandible: Mask, border: [Vector3]) {
    let grid = mandible.grid
    let voxel = abs(grid.affine.determinant) / 1000
    guard voxel > 0, voxel <= Self.cap else { return nil }
    let whole = mandible.withoutParts(smallerThan: Int((Self.cap / voxel).rounded(.up)))
    let points = whole.values.indices.filter { whole.values[$0] }.map { grid.worldPoint(of: $0) }
    guard !points.isEmpty else { return nil }
    let middle = points.reduce(0) { $0 + $1.x } / Double(points.count)
    func condyle(_ isThisSide: (Vector3) -> Bool) -> Vector3? {
      let side = points.filter(isThisSide)
      guard Double(side.count) * voxel >= Self.least else { return nil }
      let top = Self.top(of: side, voxel: voxel)
      return border.contains { isThisSide($0) && Self.height($0) >= top.lowest }
        ? nil : top.centroid
    }
    guard let left = condyle({ $0.x < middle }), let right = condyle({ $0.x > middle }) else {
      return nil
    }
    places = (left, right)
    guard distance >= Self.leastDistance, right.x - left.x >= Self.leastAcross * distance else {
      return nil
    }
  }

  /// How far a point lies upwards and backwards, mm.
  private static func height(_ point: Vector3) -> Double { (point.z - point.y) / 2.0.squareRoot() }

  /// The centroid of the uppermost mL of some voxels, mm, and the height of its lowest. Of voxels at that height each
  /// counts in part, so that their order does not matter.
  private static func top(
    of points: [Vector3], voxel: Double
  ) -> (centroid: Vector3, lowest: Double) {
    let ordered = points.map { (height: height($0), point: $0) }.sorted { $0.height > $1.height }
    let count = cap / voxel
    let lowest = ordered[min(ordered.count, Int(count.rounded(.up))) - 1].height
    // A millionth of a mm: heights of one level differ by rounding.
    let above = ordered.prefix { $0.height > lowest + 1e-6 }
    let level = ordered.dropFirst(above.count).prefix { $0.height > lowest - 1e-6 }
    let share = (count - Double(above.count)) / Double(level.count)
    let sum =
      above.reduce(Vector3.zero) { $0 + $1.point }
      + level.reduce(Vector3.zero) { $0 + $1.point } * share
    return (sum / count, lowest)
  }
}
