import SpiderImaging
import SpiderSupport

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
