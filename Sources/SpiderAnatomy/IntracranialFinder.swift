import SpiderImaging

/// Finds the cranial cavity: the soft space inside the skull, its holes closed.
///
/// The holes of the skull (foramen magnum, orbital fissures) are narrower than the cavity. So: keep
/// away from bone by more than half of the widest hole; the largest part that is left and has bone
/// all around is the cavity's core; grow it back towards the bone in two steps, the first of which
/// still cannot pass the narrower holes. Growth goes around walls, never through them.
struct IntracranialFinder {
  /// Half the width of the widest hole, mm (foramen magnum: 28 to 38 mm long, 25 to 33 mm wide).
  var coreDistance = 18.0
  /// Half the width of holes that the first growth may pass, mm.
  var passageDistance = 5.0
  /// HU from which thin, blurred bone still is a wall.
  var wall: Float = 180
  /// The largest distance of the cavity from its core, mm along the path: a cut near the base of the skull
  /// leaves a core far from the frontal pole.
  var reach = 150.0
  /// The smallest wall, mL: calcifications and noise are none.
  var smallestWall = 0.6
  /// The smallest core to believe in, mL.
  var smallestCore = 15.0

  /// The share of a cavity's walls that must be bone: a heart between lungs is no brain.
  var leastBone = 0.45

  /// The cavity, or nil when none is found.
  func find(in ct: Volume, body: Mask, covered: Mask) -> CranialCavity? {
    let grid = ct.grid
    let voxelVolume = abs(grid.affine.determinant) / 1000
    let wallThreshold = wall
    // Cracks and gas are no wall: what is inside the cranium is intracranial. Big sinuses are found
    // by their air, which the growth does not enter.
    let hard = ct.mask { $0 >= wallThreshold || $0 < -300 }
      .withoutParts(smallerThan: Int(smallestWall / voxelVolume))
    // No fat is in the cranium, but much around it: where thin bone is lost in thick slices, the
    // fat of the orbits and of the skull's base is the wall.
    let known = covered.withValues(covered.values.map { $0 ? Float(1) : 0 })
      .meanOfNeighbours().mask { $0 > 0.999 }
    let fat = ct.meanOfNeighbours().mask { $0 < -25 }.intersection(known)
    let walls = hard.union(fat).union(body.complement)
    let distance = DistanceTransform.squared(to: walls.intersection(covered))
    let room = covered.intersection(walls.complement)
    let bone = body.withValues(zip(body.values, ct.values).map { $0 && $1 >= 250 })
    let enclosed = Self.enclosed(by: bone, body: body, covered: covered)
    func farther(than mm: Double) -> Mask {
      let limit = Float(mm * mm)
      return room.withValues(
        room.values.indices.map { room.values[$0] && distance[$0] > limit && enclosed.values[$0] })
    }
    let parts = ConnectedComponents(farther(than: coreDistance))
    let largest = parts.sizes.indices.filter {
      Double(parts.sizes[$0]) * voxelVolume >= smallestCore
    }
    .sorted { (parts.sizes[$0], $1) > (parts.sizes[$1], $0) }.prefix(3)
    guard !largest.isEmpty else { return nil }

    func steps(_ mm: Double) -> Int { max(1, Int((mm / grid.spacing.min()).rounded(.up))) }
    let passages = farther(than: passageDistance)
    let boneWall = hard.intersection(bone.dilated(by: grid.spacing.max()))
    let nearBone = boneWall.dilated(by: passageDistance + 1.5 * grid.spacing.max())
    for part in largest {
      let core = parts.mask(of: part + 1)
      // The core ends some 8 mm above the plane of the foramen magnum.
      let lowest = (core.values.firstIndex(of: true) ?? 0) / (grid.nx * grid.ny)
      let bottom = max(0, lowest - Int((24 / grid.spacing.z).rounded()))
      let above = Mask(grid: grid) { k in
        [Bool](repeating: k >= bottom, count: grid.nx * grid.ny)
      }
      let wide = core.grown(within: passages.intersection(above), steps: steps(reach))
      let rim = wide.withNeighbours().subtracting(wide).intersection(covered)
      let bony = Double(rim.intersection(nearBone).population) / Double(max(1, rim.population))
      guard bony >= leastBone else { continue }
      let full = wide.grown(within: room.intersection(above), steps: steps(1.5 * passageDistance))
      // The inner table's blurred edge lies between the wall's threshold and bone's.
      let soft = ct.mask { $0 >= -300 && $0 < AutomaticLabeller.boneThreshold }
      let grown = full.grown(within: soft.intersection(covered).intersection(body), steps: 1)
      let closed = hard.union(body.complement).union(covered.complement)
      // Calcifications belong to it; the air of ethmoid cells around which it has leaked does not.
      let gas = ct.mask { $0 < -300 }
      let whole = grown.withoutHoles(smallerThan: Int(10 / voxelVolume)).subtracting(gas)
      return CranialCavity(mask: whole, hard: closed)
    }
    return nil
  }

  /// Tissue that bone encloses, as far as bone of a CT number tells that is lost in no voxel: whatever of it may lie in
  /// the cranium.
  static func enclosed(in scene: AnatomyScene) -> Mask {
    let bone = scene.body(atLeast: 180)
    return enclosed(by: bone, body: scene.body, covered: scene.covered)
  }

  /// Voxels from which one sees bone to the left, right, front, back and above. The end of the scan
  /// above counts as bone, because a cut-off vault was there.
  private static func enclosed(by bone: Mask, body: Mask, covered: Mask) -> Mask {
    let grid = bone.grid
    var seen = Mask(grid: grid, repeating: true)
    func sweep(_ counts: (Int, Int, Int), open: Bool, _ place: (Int, Int, Int) -> Int) {
      for c in 0..<counts.2 {
        for b in 0..<counts.1 {
          var hit = open
          for a in 0..<counts.0 {
            let index = place(a, b, c)
            hit = hit || bone.values[index] || (open && !covered.values[index])
            if !hit { seen.values[index] = false }
          }
        }
      }
    }
    let (nx, ny, nz) = (grid.nx, grid.ny, grid.nz)
    sweep((nx, ny, nz), open: false) { grid.index($0, $1, $2) }
    sweep((nx, ny, nz), open: false) { grid.index(nx - 1 - $0, $1, $2) }
    sweep((ny, nx, nz), open: false) { grid.index($1, $0, $2) }
    sweep((ny, nx, nz), open: false) { grid.index($1, ny - 1 - $0, $2) }
    // From the top down: a column that starts in tissue, not air, is cut off above.
    for j in 0..<ny {
      for i in 0..<nx {
        var hit = false
        var above = true
        for k in stride(from: nz - 1, through: 0, by: -1) {
          let index = grid.index(i, j, k)
          guard covered.values[index] else { continue }
          if above && body.values[index] { hit = true }
          above = false
          hit = hit || bone.values[index]
          if !hit { seen.values[index] = false }
        }
      }
    }
    return seen
  }
}

/// The cranial cavity as found, and how far it can be believed.
struct CranialCavity: Sendable {
  /// Its voxels.
  let mask: Mask
  /// The share of its surface with neither bone nor air nor the end of the scan beside it. The
  /// foramen magnum and the smaller holes make up to 0.04.
  let openShare: Double
  /// Soft tissue beyond the openings of a cavity that is not closed: nobody knows what of it is
  /// inside. Nil for a closed one.
  let beyond: Mask?

  /// Above this share of openings the walls were not seen: a blurred or averaged scan.
  private static let mostOpen = 0.12
  /// The reach of unknown tissue from the openings of such a cavity, mm.
  private static let reach = 60.0

  /// Measures a cavity.
  ///
  /// - Parameter hard: bone, air and all that is outside body or scan.
  init(mask: Mask, hard: Mask) {
    self.mask = mask
    let edge = mask.grid.spacing.max()
    let rim = mask.withNeighbours().subtracting(mask)
    let open = rim.subtracting(hard.dilated(by: 2.25 * edge))
    openShare = Double(open.population) / Double(max(1, rim.population))
    guard openShare > Self.mostOpen else {
      beyond = nil
      return
    }
    let steps = Int(Self.reach / mask.grid.spacing.min())
    beyond = open.grown(within: hard.union(mask).complement, steps: steps)
  }

  /// Whether its walls were seen all around.
  var isClosed: Bool { beyond == nil }
}
