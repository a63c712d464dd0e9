import SpiderImaging

/// The shared state of preparation and automatic labeller: a CT on an axis-aligned RAS+
/// grid and what has been found in it so far.
struct AnatomyScene: Sendable {
  let ct: Volume
  /// The voxels within the scan.
  let covered: Mask
  /// The patient, with the air inside.
  let body: Mask
  /// The cranial cavity; nil when there is none.
  let cavity: CranialCavity?

  var grid: VoxelGrid { ct.grid }
  /// mL of one voxel.
  var voxelVolume: Double { abs(grid.affine.determinant) / 1000 }
  /// The largest voxel edge, mm.
  var edge: Double { grid.spacing.max() }

  /// Voxels of the body at or above a CT number.
  func body(atLeast threshold: Float) -> Mask {
    body.withValues(zip(body.values, ct.values).map { $0 && $1 >= threshold })
  }

  /// Finds body and cranial cavity; nil when there is no patient.
  init?(ct: Volume, covered: Mask, findsCavity: Bool = true) {
    guard let body = BodyMask().find(in: ct) else { return nil }
    self.ct = ct
    self.covered = covered
    self.body = body
    cavity =
      !findsCavity
      ? nil : IntracranialFinder().find(in: ct, body: body, covered: covered)
  }
}

/// The anatomy of a CT on a coarse grid with a zone of certainty per voxel: the frame within which
/// ``LabelRefiner`` draws edges.
struct CoarseAnatomy: Sendable {
  /// The freedom of the refiner at a place.
  enum Zone: UInt8, Sendable {
    /// Air, table and holders around the patient, away from the skin.
    case outside
    /// Just outside the skin.
    case skinRim
    /// Just inside the skin.
    case skinEdge
    /// The patient.
    case body
    /// The cranial cavity away from its walls: calcifications in it are not bone.
    case cavityCore
    /// Both sides of the walls of the cavity.
    case cavityRim
    /// Bone with bone all around: diploe and marrow belong to it.
    case boneCore
  }

  /// The labels on the coarse grid.
  let labels: LabelVolume
  /// The zone of each voxel.
  let zones: [Zone]

  var grid: VoxelGrid { labels.grid }

  init(labels: LabelVolume, body: Mask, covered: Mask) {
    self.labels = labels
    let edge = labels.grid.spacing.max()
    let cavity = labels.mask { $0 == HeadLabel.intracranial }
    let bones: Set<UInt8> = [
      HeadLabel.skull, HeadLabel.mandible, HeadLabel.cervicalSpine, LabelScheme.unknown,
    ]
    let bone = labels.mask { bones.contains($0) }
    let bodyOrUnknown = body.union(covered.complement)
    let near = body.dilated(by: 1.1 * edge)
    let deep = bodyOrUnknown.eroded(by: 1.1 * edge)
    let cavityCore = cavity.eroded(by: max(4, 1.5 * edge))
    let cavityRim = cavity.dilated(by: 1.1 * edge)
    let boneCore = bone.eroded(by: 1.1 * edge)
    zones = labels.values.indices.map { index in
      if cavityCore.values[index] { return .cavityCore }
      if boneCore.values[index] { return .boneCore }
      if cavityRim.values[index] { return .cavityRim }
      if body.values[index] { return deep.values[index] ? .body : .skinEdge }
      return near.values[index] ? .skinRim : .outside
    }
  }

  /// The place in memory of the voxel nearest to a fractional position.
  func index(nearest position: Vector3) -> Int {
    func clamped(_ value: Double, _ count: Int) -> Int {
      min(count - 1, max(0, Int((value + 0.5).rounded(.down))))
    }
    return grid.index(
      clamped(position.x, grid.nx), clamped(position.y, grid.ny), clamped(position.z, grid.nz))
  }

  /// For each voxel the name of the nearest bone, counted in steps, 0 where none is near.
  func names(within reach: Double) -> [UInt8] {
    let bones: Set<UInt8> = [
      HeadLabel.skull, HeadLabel.mandible, HeadLabel.cervicalSpine, LabelScheme.unknown,
    ]
    var names = labels.values.map { bones.contains($0) ? $0 : 0 }
    var front = names.indices.filter { names[$0] != 0 }
    for _ in 0..<max(1, Int(reach / grid.spacing.max())) {
      var next: [Int] = []
      for index in front {
        let name = names[index]
        grid.forEachNeighbour(of: index) { other in
          if names[other] == 0 {
            names[other] = name
            next.append(other)
          }
        }
      }
      front = next
    }
    return names
  }
}
