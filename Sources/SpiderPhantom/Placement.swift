/// Finds where the nominal origin must be in the world for the head to lie as every head does: crown
/// 12 mm under the top of the 256 mm cube, the upper 140 mm centred left-right and front-back.
struct Placement {
  /// The height of the crown in the canonical field of view, mm.
  static let crown: Float = 116
  /// The part of the head that is centred, mm below the crown.
  private static let upperPart: Float = 140

  private let surface: SkinSurface
  private let frame: NominalHeadMap

  /// The world position of the nominal origin.
  static func center(shape: HeadShape, seed: UInt64, surface: SkinSurface) -> Point {
    let search = Placement(
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
