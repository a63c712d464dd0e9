import SpiderImaging

/// A named point of a head, in world RAS+ millimetres.
public struct HeadLandmark: Sendable, Equatable {
  /// The name, stable: as "nasion" or "gonion_right".
  public let name: String
  /// The place, mm.
  public let point: Vector3
}

extension HeadPhantom {
  /// The head's landmarks. Points of bone lie on its surface, found on the shapes themselves and so
  /// independent of any grid; biting edges of missing teeth are left out.
  public var landmarks: [HeadLandmark] { LandmarkFinder(anatomy: anatomy).all() }
}

/// Finds landmarks: most are where a line through the nominal head first meets a bone.
struct LandmarkFinder {
  let anatomy: Anatomy

  func all() -> [HeadLandmark] {
    var found: [HeadLandmark] = []
    func add(_ name: String, _ nominal: Point?) {
      guard let nominal else { return }
      found.append(HeadLandmark(name: name, point: Vector3(anatomy.frame.world(nominal))))
    }
    for (name, point) in skullPoints() + jawPoints() + neckPoints() { add(name, point) }
    for side in 0..<2 {
      let word = side == 0 ? "right" : "left"
      let mirror = Point(side == 0 ? 1 : -1, 1, 1)
      for (name, point) in pairedPoints(mirror) { add("\(name)_\(word)", point) }
      add(
        "incisor_edge_upper_\(word)",
        anatomy.upperTeeth.bite(side: side, place: 0).map { $0 * mirror })
      add(
        "incisor_edge_lower_\(word)",
        anatomy.lowerTeeth.bite(side: side, place: 0).map {
          anatomy.articulation.fromJaw($0) * mirror
        })
    }
    return found
  }

  // MARK: The points

  private func skullPoints() -> [(String, Point?)] {
    let basion = meet(bone, from: Point(0, -12, -25), along: Point(0, 1, 0))
    let opisthion = meet(bone, from: Point(0, -12, -25), along: Point(0, -1, 0))
    let ahead = Point(0, -1, 0)
    let nose = Point(0, 125, 30)
    let spine = Point(0, 125, -23)
    let palate = -25.5 + 0.5 * anatomy.shape.palateArch
    var points: [(String, Point?)] = [
      ("nasion", meet(bone, from: nose, along: ahead)),
      ("glabella", meet(bone, from: Point(0, 130, 40), along: ahead)),
      ("anterior_nasal_spine", meet(bone, from: spine, along: ahead)),
      ("posterior_nasal_spine", meet(bone, from: Point(0, 25, palate), along: Point(0, 1, 0))),
      ("a_point", meet(bone, from: Point(0, 125, -29), along: ahead)),
      ("basion", basion), ("opisthion", opisthion), ("sella", Point(0, 21, 15)),
      ("bregma", meet(bone, from: Point(0, 14, 175), along: Point(0, 0, -1))),
      ("lambda", meet(bone, from: Point(0, -150, 74), along: Point(0, 1, 0))),
      ("inion", meet(bone, from: Point(0, -150, 8), along: Point(0, 1, 0))),
    ]
    if let basion, let opisthion {
      points.append(("foramen_magnum_center", (basion + opisthion) * 0.5))
    }
    return points
  }

  private func jawPoints() -> [(String, Point?)] {
    let ahead = Point(0, -1, 0)
    return [
      ("b_point", meetJaw(from: Point(0, 125, -70), along: ahead)),
      ("pogonion", meetJaw(from: Point(0, 125, -78), along: ahead)),
      ("menton", meetJaw(from: Point(0, 83, -125), along: Point(0, 0, 1))),
    ]
  }

  private func neckPoints() -> [(String, Point?)] {
    let neck = anatomy.articulation
    var points: [(String, Point?)] = [
      ("c1_center", neck.fromNeck(Point(0, -17, -37))),
      (
        "c1_anterior_tubercle",
        meet(vertebrae, from: neck.fromNeck(Point(0, 22, -37)), along: Point(0, -1, 0))
      ),
      (
        "dens_tip",
        meet(vertebrae, from: neck.fromNeck(Point(0, -2.5, -17)), along: Point(0, 0, -1))
      ),
      ("c2_center", neck.fromNeck(Point(0, -5, -55.5))),
      ("hyoid", neck.fromNeck(Point(0, 42, -82))),
    ]
    for number in 3...4 {
      points.append(("c\(number)_center", neck.fromNeck(anatomy.spine.middle(number))))
    }
    return points
  }

  private func pairedPoints(_ mirror: Point) -> [(String, Point?)] {
    let down = Point(0, 0, -1)
    return [
      ("porion", Point(62, -2, 3.8) * mirror),
      (
        "orbitale",
        meet(
          { -anatomy.orbit.distance($0.folded) }, from: Point(33, 79, 16) * mirror,
          along: Point(0, 0, -1))
      ),
      ("zygion", meet(face, from: Point(95, 32, -6) * mirror, along: Point(-1, 0, 0) * mirror)),
      ("mastoid_tip", meet(bone, from: Point(52.5, -12, -65) * mirror, along: Point(0, 0, 1))),
      ("condylion", meetJaw(from: Point(49, 13, 16), along: down, mirror)),
      ("coronoid_tip", meetJaw(from: Point(43.6, 39, 14), along: down, mirror)),
      ("gonion", gonion(mirror)),
      ("eye_center", Point(32, 77, 16) * mirror),
    ]
  }

  /// The angle of the jaw. A break may run just there: then beside it.
  private func gonion(_ mirror: Point) -> Point? {
    let middle = 46.3 + anatomy.shape.gonialFlare
    for offset: Float in [0, -2, 2, -4] {
      let start = Point(middle + offset, -6 + 2 * offset, -84)
      if let point = meetJaw(from: start, along: Point(0, 0.72, 0.69), mirror) { return point }
    }
    return nil
  }

  // MARK: Bones, and where a line meets them

  private func mandible(_ probe: ArticulatedPoint) -> Float { anatomy.mandible.distance(probe) }
  private func face(_ probe: ArticulatedPoint) -> Float {
    max(anatomy.face.distance(probe), probe.skin + VoxelPaint.leastCover)
  }
  private func vertebrae(_ probe: ArticulatedPoint) -> Float { anatomy.spine.distance(probe).bone }
  private func bone(_ probe: ArticulatedPoint) -> Float {
    let clear = anatomy.mandible.distanceForSkull(probe, mandible(probe))
    let cranium = anatomy.cranium.distances(probe, mandible: clear, edge: 100)
    // The bone ends where the cavity begins.
    return min(max(cranium.bone, -cranium.cavity), face(probe))
  }

  /// The same on the lower jaw, along a line of the closed jaw's frame.
  private func meetJaw(
    from start: Point, along direction: Point, _ mirror: Point = Point(1, 1, 1)
  ) -> Point? {
    let from = anatomy.articulation.fromJaw(start)
    let to = anatomy.articulation.fromJaw(start + direction)
    return meet(mandible, from: from * mirror, along: (to - from) * mirror)
  }

  /// The first place along a line that is within a shape; nil if there is none for 120 mm. Steps are short
  /// where the shape is near, then halved to a hundredth of a millimetre.
  private func meet(
    _ shape: (ArticulatedPoint) -> Float, from start: Point, along direction: Point
  ) -> Point? {
    func distance(_ travelled: Float) -> Float {
      let p = start + direction * travelled
      let (skin, vault) = anatomy.surface.distance(p)
      return shape(anatomy.probe(p, skin: skin, vault: vault))
    }
    var travelled: Float = 0
    var before: Float = 0
    while travelled < 120 {
      let away = distance(travelled)
      if away < 0 {
        var (outside, inside) = (before, travelled)
        for _ in 0..<12 {
          let middle = (outside + inside) / 2
          if distance(middle) < 0 { inside = middle } else { outside = middle }
        }
        return start + direction * inside
      }
      before = travelled
      travelled += clamp(away * 0.5, 0.25, 3)
    }
    return nil
  }
}
