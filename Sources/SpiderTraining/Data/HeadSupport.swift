import SpiderCore
import SpiderSupport

/// The support of a head while X-rays are taken: the boards of a table and the shell of a head-holder,
/// with foam about it. It shows in the X-rays and is no part of the truth, so that a network learns to leave it
/// out.
package struct HeadSupport: Sendable {
  /// A level board behind the head. Attenuations are relative to water.
  private struct Board: Sendable {
    /// Front and back, mm behind the back of the head.
    let depths: ClosedRange<Double>
    let halfWidth: Double
    let density: Float
  }

  private let boards: [Board]
  /// A trough of a half ellipse: inner half-axes left-right and front-back, its thickness and how far
  /// its deepest place lies behind the head, mm.
  private let trough:
    (width: Double, depth: Double, thickness: Double, gap: Double, density: Float)?
  /// Of what fills the space between head and board.
  private let foam: Float
  /// The height at which all of it ends towards the crown, mm.
  private let top: Double

  /// The least attenuation, relative to water, that counts as the head when its back is looked for.
  private static let body: Float = 0.5
  /// Only air is filled.
  private static let air: Float = 0.2

  /// A support of a random stream. Boards of tables are 1 to 15 mm of carbon fibre, plastic or wood over
  /// foam; holders are troughs of the same, wider than the head.
  package init(_ random: inout SeededGenerator) {
    var gap = random.uniform(in: 0...12)
    boards = (0..<1 + random.index(below: 3)).map { _ in
      let thickness = random.uniform(in: 1...15)
      defer { gap += thickness + random.uniform(in: 2...20) }
      return Board(
        depths: gap...gap + thickness, halfWidth: random.uniform(in: 60...250),
        density: Float(random.uniform(in: 0.05...1.2) / (1 + thickness / 5)))
    }
    trough =
      random.uniform() < 0.5
      ? (
        random.uniform(in: 85...125), random.uniform(in: 60...130), random.uniform(in: 1...6),
        random.uniform(in: 1...20), Float(random.uniform(in: 0.1...1))
      ) : nil
    foam = random.uniform() < 0.5 ? Float(random.uniform(in: 0...0.04)) : 0
    top = random.uniform(in: 60...200)
  }

  /// Puts it behind the head of a volume of attenuation in 1/mm, wherever there is air.
  package func add(to volume: inout Volume, water: Float) {
    let grid = volume.grid
    guard let back = Self.back(of: volume, water: water) else { return }
    let edge = grid.spacing.y
    for k in 0..<grid.nz {
      for j in 0..<grid.ny {
        // Along a row of voxels the place moves by the affine's first column.
        let start = grid.worldPoint(0, Double(j), Double(k))
        let step = grid.affine.columns.0
        let row = (k * grid.ny + j) * grid.nx
        for i in 0..<grid.nx where volume.values[row + i] < Self.air * water {
          let place = start + step * Double(i)
          let density = density(at: Vector3(place.x, back - place.y, place.z), edge)
          if density > 0 { volume.values[row + i] += density * water }
        }
      }
    }
  }

  /// Attenuation relative to water in a voxel of an edge in mm, at a place: mm to the right, behind the
  /// head, upwards. What is thinner than a voxel weighs less in it.
  private func density(at place: Vector3, _ edge: Double) -> Float {
    guard place.z < top else { return 0 }
    var density: Float = 0
    for board in boards where abs(place.x) < board.halfWidth {
      let front = max(board.depths.lowerBound, place.y - edge / 2)
      let back = min(board.depths.upperBound, place.y + edge / 2)
      if back > front { density += board.density * Float((back - front) / edge) }
    }
    guard let trough else { return place.y > -60 && place.y < 40 ? max(density, foam) : density }
    // Behind the trough's upper edge, from its middle.
    let across = place.x / trough.width
    let deep = 1 + (place.y - trough.gap) / trough.depth
    guard deep > 0.2 else { return density }
    let radius = (across * across + deep * deep).squareRoot()
    if radius < 1 { return max(density, foam) }
    guard radius < 1 + max(trough.thickness, edge) / trough.depth else { return density }
    return max(density, trough.density * Float(min(1, trough.thickness / edge)))
  }

  /// The world y of the back of the head; nil when there is none.
  private static func back(of volume: Volume, water: Float) -> Double? {
    let grid = volume.grid
    var back: Double?
    for index in stride(from: 0, to: grid.count, by: 3) where volume.values[index] > body * water {
      let voxel = grid.voxel(at: index)
      let y = grid.worldPoint(Double(voxel.x), Double(voxel.y), Double(voxel.z)).y
      back = min(back ?? y, y)
    }
    return back
  }
}
