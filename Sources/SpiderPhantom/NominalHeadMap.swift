import SpiderImaging
import SpiderSupport

/// From the world to the frame of the nominal head, where anatomy is drawn.
///
/// Pose first (rigid), then the proportions of the braincase and the face, then a smooth bending that
/// makes every head irregular. All changes of length are a few percent, so that distances measured in
/// the nominal frame stay distances to that accuracy.
struct NominalHeadMap: Sendable {
  private let rotation: (Point, Point, Point)
  private let center: Point
  private let shape: HeadShape
  private let waves: [Wave]

  /// A plane wave of displacement.
  private struct Wave: Sendable {
    let direction: Point
    let phase: Float
    let amplitude: Point
  }

  /// The head with its nominal origin at the world point `center`.
  init(shape: HeadShape, seed: UInt64, center: Point) {
    self.shape = shape
    self.center = center
    let turned = Affine.rotation(angle: shape.turn.z, axis: Vector3(0, 0, 1))
      .composed(with: .rotation(angle: shape.turn.y, axis: Vector3(0, 1, 0)))
      .composed(with: .rotation(angle: shape.turn.x, axis: Vector3(1, 0, 0)))
    // Rows of the inverse are columns of the rotation.
    rotation = (
      Point(turned.columns.0), Point(turned.columns.1), Point(turned.columns.2)
    )
    var generator = SeededGenerator(seed: seed).fork(7)
    waves = (0..<6).map { _ in
      let direction = normalized(
        Vector3(generator.normal(), generator.normal(), generator.normal()))
      let wavelength = generator.uniform(in: 90...200)
      let amplitude = Vector3(generator.normal(), generator.normal(), generator.normal()) * 0.9
      return Wave(
        direction: Point(direction * (2 * .pi / wavelength)),
        phase: Float(generator.uniform(in: 0...(2 * .pi))), amplitude: Point(amplitude))
    }
  }

  /// The nominal point at a world point.
  func nominal(_ world: Point) -> Point {
    let d = world - center
    let q = Point(
      (d * rotation.0).sum(), (d * rotation.1).sum(), (d * rotation.2).sum())
    // Above the Frankfurt plane the proportions are the braincase's, below them the face's.
    let face = smoothStep(30, -30, q.z)
    let width =
      mix(shape.cranialScale.x, shape.faceWidth, face)
      * (1 + shape.asymmetry * q.x / (abs(q.x) + 20))
    let height = mix(shape.cranialScale.z, shape.faceHeight, face)
    var p = Point(q.x / width, q.y / shape.cranialScale.y, q.z / height)
    // The lower face stands forward of the upper one, or behind it.
    p.y -= shape.prognathism * smoothStep(20, -45, p.z) * smoothStep(5, 60, p.y)
    for wave in waves {
      p += wave.amplitude * fastSine((p * wave.direction).sum() + wave.phase)
    }
    return p
  }

  /// The world point that lies at a nominal point: fixed-point iteration, which contracts since the two
  /// frames differ by a turn and a few percent. Good to a few micrometres.
  func world(_ nominal: Point) -> Point {
    var world = center
    for _ in 0..<40 {
      let rest = nominal - self.nominal(world)
      world += rotation.0 * rest.x + rotation.1 * rest.y + rotation.2 * rest.z
    }
    return world
  }

  /// A sine good to 0.001 without the C library, whose last bits differ between machines.
  private func fastSine(_ x: Float) -> Float {
    let turns = x * (1 / (2 * .pi))
    let t = (turns - turns.rounded(.toNearestOrEven)) * 2
    let y = 4 * t * (1 - abs(t))
    return y * (0.775 + 0.225 * abs(y))
  }
}

/// Finds where the nominal origin must be in the world for the head to lie as every head does: crown
/// 12 mm under the top of the 256 mm cube, the upper 140 mm centred left-right and front-back.
struct HeadCentering {
  /// The height of the crown in the canonical field of view, mm.
  static let crown: Float = 116
  /// The part of the head that is centred, mm below the crown.
  private static let upperPart: Float = 140

  private let surface: SkinSurface
  private let frame: NominalHeadMap

  /// The world position of the nominal origin.
  static func center(shape: HeadShape, seed: UInt64, surface: SkinSurface) -> Point {
    let search = HeadCentering(
      surface: surface, frame: NominalHeadMap(shape: shape, seed: seed, center: .zero))
    let top = search.crown()
    let floor = top - upperPart
    let right = search.extent(axis: 0, sign: 1, other: 1, from: floor, to: top)
    let left = search.extent(axis: 0, sign: -1, other: 1, from: floor, to: top)
    let front = search.extent(axis: 1, sign: 1, other: 0, from: floor, to: top)
    let back = search.extent(axis: 1, sign: -1, other: 0, from: floor, to: top)
    return Point(
      Float(shape.shift.x) - (right + left) / 2, Float(shape.shift.y) - (front + back) / 2,
      crown - top)
  }

  /// The highest point of the scalp: on a coarse lattice, then on a fine one about the best place.
  private func crown() -> Float {
    var best = (height: -Float.infinity, x: Float(0), y: Float(0))
    func scan(_ cx: Float, _ cy: Float, reach: Float, step: Float) {
      for x in stride(from: cx - reach, through: cx + reach, by: step) {
        for y in stride(from: cy - reach, through: cy + reach, by: step) {
          guard let z = reachSkin(from: Point(x, y, 180), along: Point(0, 0, -1)) else { continue }
          if z.z > best.height { best = (z.z, x, y) }
        }
      }
    }
    scan(0, 0, reach: 60, step: 6)
    scan(best.x, best.y, reach: 5, step: 1)
    return best.height
  }

  /// The farthest place of the skin along an axis, signed, between two heights: on a coarse lattice,
  /// then on a fine one about the best place.
  private func extent(axis: Int, sign: Float, other: Int, from floor: Float, to top: Float) -> Float
  {
    var best = (reach: -Float.infinity, height: Float(0), across: Float(0))
    func scan(_ heights: StrideThrough<Float>, _ places: StrideThrough<Float>) {
      for height in heights where height >= floor && height <= top {
        for across in places {
          var start = Point(0, 0, height)
          start[axis] = 170 * sign
          start[other] = across
          var direction = Point.zero
          direction[axis] = -sign
          guard let hit = reachSkin(from: start, along: direction) else { continue }
          if hit[axis] * sign > best.reach { best = (hit[axis] * sign, height, across) }
        }
      }
    }
    scan(stride(from: floor, through: top, by: 10), stride(from: -100, through: 100, by: 10))
    let (height, across) = (best.height, best.across)
    scan(
      stride(from: height - 8, through: height + 8, by: 4),
      stride(from: across - 8, through: across + 8, by: 4))
    return best.reach * sign
  }

  /// Walks along a ray to the skin in steps a little shorter than the distance to it.
  private func reachSkin(from start: Point, along direction: Point) -> Point? {
    var travelled: Float = 0
    while travelled < 260 {
      let p = start + direction * travelled
      let distance = surface.distance(frame.nominal(p)).skin
      if distance < 0.1 { return p }
      travelled += max(distance * 0.85, 0.1)
    }
    return nil
  }
}
