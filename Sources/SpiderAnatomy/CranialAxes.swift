import Foundation
import SpiderImaging
import SpiderSupport

/// The head's own directions and measures, taken from its cranial cavity, so that where a bone lies
/// can be told in a head that is turned, bent or tilted.
///
/// In this frame the long axis of a whole cavity rises to the front by ``axisRise``, as it does when
/// the Frankfort plane is level. Of a cavity that the scan cuts, the pitch is not known and taken as
/// none; turn and tilt come from its symmetry all the same.
struct CranialAxes: Sendable {
  /// Degrees by which the cavity's long axis rises to the front in a head held level.
  static let axisRise = 27.0
  /// Cross sections of the cavity under this, mm^2, are the foramen magnum or the spinal canal.
  private static let foramenArea = 1300.0
  /// The same for levels that are not those of the head, where the cavity ends in tips.
  private static let canalArea = 600.0

  /// The patient's right, front and up.
  let right: Vector3
  let forward: Vector3
  let up: Vector3
  /// Degrees by which the head is bent back (positive) or bowed (negative); nil when unknown.
  let pitch: Double?
  /// A point of the median plane at the level of the foramen magnum and at the back of the cavity.
  let origin: Vector3
  /// From the back of the cavity to its front, mm.
  let length: Double
  /// From the foramen magnum to the cavity's top, mm.
  let height: Double

  /// Degrees by which the head is turned: positive to the patient's left.
  var yaw: Double { atan2(right.y, right.x) * 180 / .pi }
  /// Degrees by which the head is inclined: positive when its right side is higher.
  var roll: Double { atan2(right.z, right.x) * 180 / .pi }

  /// Nil for an empty cavity.
  init?(cavity: Mask, covered: Mask) {
    guard let plane = MidsagittalPlane(of: cavity) else { return nil }
    let grid = cavity.grid
    let places = cavity.values.indices.filter { cavity.values[$0] }
    let points = places.map { index in
      let voxel = grid.voxel(at: index)
      return grid.worldPoint(Double(voxel.x), Double(voxel.y), Double(voxel.z)) - plane.point
    }
    let right = plane.right
    // World up and front, made perpendicular to the right.
    let level = normalized(cross(Vector3(0, 0, 1), right))
    let upright = cross(right, level)
    var pitch: Double?
    if Self.isWhole(cavity, covered, places) {
      var (ff, fu, uu) = (0.0, 0.0, 0.0)
      for point in points {
        let (f, u) = (dot(point, level), dot(point, upright))
        ff += f * f
        fu += f * u
        uu += u * u
      }
      pitch = atan2(2 * fu, ff - uu) / 2 * 180 / .pi - Self.axisRise
    }
    let angle = (pitch ?? 0) * .pi / 180
    let forward = level * cos(angle) + upright * sin(angle)
    let up = upright * cos(angle) - level * sin(angle)
    self.right = right
    self.forward = forward
    self.up = up
    self.pitch = pitch

    let along = points.map { dot($0, forward) }.sorted()
    let heights = points.map { dot($0, up) }.sorted()
    func share(_ sorted: [Double], _ part: Double) -> Double {
      sorted[min(sorted.count - 1, Int(part * Double(sorted.count)))]
    }
    let (back, front) = (share(along, 0.01), share(along, 0.99))
    let voxel = abs(grid.affine.determinant)
    let base =
      Self.foramen(
        heights, area: pitch == nil ? Self.canalArea : Self.foramenArea, voxel: voxel)
      ?? share(heights, 0.01)
    origin = plane.point + forward * back + up * base
    length = max(1, front - back)
    height = max(1, share(heights, 0.99) - base)
  }

  /// A world point in mm to the right of the median plane, in front of the back of the cavity and
  /// above the foramen magnum.
  func coordinates(of point: Vector3) -> Vector3 {
    let offset = point - origin
    return Vector3(dot(offset, right), dot(offset, forward), dot(offset, up))
  }

  /// Whether the scan holds a cavity as a whole: an adult's or a child's volume, hardly cut.
  private static func isWhole(_ cavity: Mask, _ covered: Mask, _ places: [Int]) -> Bool {
    let grid = cavity.grid
    let volume = Double(places.count) * abs(grid.affine.determinant) / 1000
    guard volume > 700, volume < 2300 else { return false }
    let cut = places.reduce(0) { count, index in
      var neighbours = 0
      grid.forEachNeighbour(of: index) { neighbours += covered.values[$0] ? 1 : 0 }
      return count + (neighbours < 6 ? 1 : 0)
    }
    return Double(cut) < 0.012 * Double(places.count)
  }

  /// The height, going down from the middle, at which the cavity has become as narrow as its
  /// outlet; nil when it does not.
  private static func foramen(
    _ heights: [Double], area: Double, voxel: Double
  ) -> Double? {
    guard let low = heights.first, let high = heights.last else { return nil }
    var counts = [Double](repeating: 0, count: Int(high - low) + 1)
    for height in heights { counts[Int(height - low)] += 1 }
    // A mean over more than a voxel's height: the bins are finer than the voxels.
    let areas = counts.indices.map { bin in
      let part = counts[max(0, bin - 2)..<min(counts.count, bin + 3)]
      return part.reduce(0, +) / Double(part.count) * voxel
    }
    guard let widest = areas.indices.max(by: { areas[$0] < areas[$1] }) else { return nil }
    let narrow = areas[..<widest].lastIndex { $0 < area }
    return narrow.map { low + Double($0 + 1) }
  }
}

/// The plane of symmetry of a cranial cavity.
struct MidsagittalPlane {
  /// A point of the plane, world mm.
  let point: Vector3
  /// The plane's normal: the patient's right.
  let right: Vector3

  /// The largest turn and tilt looked for, as the tangent of the angle (19 degrees).
  private static let reach = 0.35
  /// Points mirrored for a trial; more of them do not move the answer.
  private static let samples = 3000

  /// Finds the plane about which a cavity fits its mirror image best: its normal is turned step by
  /// step, first widely, then finely. Nil for an empty cavity.
  init?(of cavity: Mask) {
    let places = cavity.values.indices.filter { cavity.values[$0] }
    guard !places.isEmpty else { return nil }
    let grid = cavity.grid
    let step = max(1, places.count / Self.samples)
    let points = stride(from: 0, to: places.count, by: step).map { grid.worldPoint(of: places[$0]) }
    let middle = points.reduce(Vector3.zero, +) / Double(points.count)
    let toVoxel = grid.affine.inverse
    let size = Vector3(Double(grid.nx), Double(grid.ny), Double(grid.nz))
    @Sendable func score(_ turn: Double, _ tilt: Double) -> Int {
      let normal = normalized(Vector3(1, turn, tilt))
      return points.reduce(0) { count, point in
        let mirrored = point - normal * (2 * dot(point - middle, normal))
        let voxel = (toVoxel.apply(mirrored) + 0.5).rounded(.down)
        guard all(voxel .>= 0), all(voxel .< size) else { return count }
        let inside = cavity[Int(voxel.x), Int(voxel.y), Int(voxel.z)]
        return count + (inside ? 1 : 0)
      }
    }
    var best = (turn: 0.0, tilt: 0.0)
    var width = Self.reach
    for _ in 0..<3 {
      let offsets = (-4...4).map { Double($0) * width / 4 }
      let center = best
      let trials = offsets.flatMap { turn in
        offsets.map { (turn: center.turn + turn, tilt: center.tilt + $0) }
      }
      let scores = Parallel.map(trials.count) { score(trials[$0].turn, trials[$0].tilt) }
      // The first among equals that is nearest to upright.
      func isBetter(_ a: Int, _ b: Int) -> Bool {
        if scores[a] != scores[b] { return scores[a] > scores[b] }
        return abs(trials[a].turn) + abs(trials[a].tilt) < abs(trials[b].turn) + abs(trials[b].tilt)
      }
      let winner = trials.indices.reduce(0) { isBetter($1, $0) ? $1 : $0 }
      best = trials[winner]
      width /= 4
    }
    point = middle
    right = normalized(Vector3(1, best.turn, best.tilt))
  }
}
