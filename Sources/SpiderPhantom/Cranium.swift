/// The braincase as bone: two tables with diploe between, the skull base, the foramen magnum, and the
/// cranial cavity, which it hollows out.
struct Cranium: Sendable {
  private let braincase: Braincase
  private let bone: BoneTraits
  private let noise: Noise
  private let detail: VaultDetail
  private let bounds = Bounds(Point(-5, -116, -50), Point(96, 118, 145))
  private let foramen = Ellipsoid(Point(0, -15, -27), Point(15, 18.5, 22))
  private let condyle = Capsule(Point(13, 1, -28), Point(19, -11, -27), 5.5)
  private let brain: Brain
  private let craniotomy: Craniotomy?

  init(shape: HeadShape, craniotomy: Craniotomy?, noise: Noise) {
    self.noise = noise
    self.craniotomy = craniotomy
    bone = shape.bone
    braincase = Braincase(shape: shape)
    detail = VaultDetail(shape: shape, noise: noise)
    brain = Brain(shape: shape, noise: noise)
  }

  /// Distances to the outer and to the inner surface of the bone.
  @inline(__always) private func surfaces(_ probe: ArticulatedPoint) -> (outer: Float, inner: Float)
  {
    let p = probe.folded
    let small = noise.value(probe.point, size: 13, channel: 16)
    let uneven =
      0.34 * noise.value(probe.point, size: 62, channel: 17)
      + 0.2 * noise.value(probe.point, size: 27, channel: 1) + 0.11 * small
    var floor = braincase.floor(p)
    // Gyri press into the floor of the anterior and middle fossae.
    if abs(floor) < 14, p.y > -12 {
      floor += bone.impressions * 1.3 * noise.value(probe.point, size: 11, channel: 18)
    }
    let base = 2.6 + 2.2 * smoothStep(25, -5, p.y) + 1.6 * small
    let outer = smoothIntersection(probe.vault, floor - max(base - bone.thinning(at: p), 1.2), 8)
    // Elsewhere than within or near the shell the cavity's exact depth is of no account.
    guard probe.vault > -28 else { return (outer, smoothIntersection(probe.vault + 8, floor, 7)) }
    let thickness = braincase.thickness(p, texture: uneven) - detail.hollow(probe)
    return (outer, smoothIntersection(probe.vault + max(thickness, 1.6), floor, 7))
  }

  /// The distance to the bone, and to the cavity and the foramen magnum in it; bone is infinitely far
  /// where the voxel's edges (`edge` mm) cannot reach it.
  func distances(
    _ probe: ArticulatedPoint, mandible: Float, edge: Float
  ) -> (bone: Float, cavity: Float, hole: Float) {
    guard bounds.contains(probe.folded) else { return (.infinity, .infinity, .infinity) }
    var (outer, inner) = surfaces(probe)
    outer = smoothUnion(outer, condyle.distance(probe.folded), 3)
    guard outer < edge else { return (.infinity, .infinity, .infinity) }
    // The joint: the skull stays clear of the condyle, wherever the jaw is.
    outer = smoothIntersection(outer, 2 - mandible, 2)
    let hole = foramen.distance(probe.folded)
    if let craniotomy, probe.side == craniotomy.side, probe.vault > -25 {
      outer = max(outer, craniotomy.opening(probe))
    }
    let covered = max(smoothIntersection(outer, -hole, 2), probe.skin + VoxelPaint.leastCover)
    return (covered, inner, hole)
  }

  func paint(_ probe: ArticulatedPoint, mandible: Float, into sample: inout VoxelPaint) {
    let (solid, inner, hole) = distances(probe, mandible: mandible, edge: sample.edge)
    guard solid < .infinity else { return }
    if solid < sample.edge, inner > -sample.edge {
      sample.cover(
        solid, boneValue(probe, outer: -solid, inner: inner, sample),
        solid < 0 ? part(probe) : .occipitalBone)
    }
    if let craniotomy, probe.side == craniotomy.side {
      craniotomy.paintPlates(probe, into: &sample)
    }
    // Through the foramen the cavity goes on as the spinal canal, which is no part of it.
    if solid > -1, hole < 2 { sample.tint(smoothIntersection(hole, inner - 1, 2), Tissue.liquor) }
    brain.paint(probe, cavity: inner, into: &sample)
  }

  /// The bone of the skull that a place of the braincase is in.
  @inline(__always) private func part(_ probe: ArticulatedPoint) -> HeadStructure {
    if let craniotomy, probe.side == craniotomy.side, craniotomy.isFlap(probe) { return .boneFlap }
    let p = probe.folded
    if probe.vault > -14, p.z > 12 { return detail.bone(probe) }
    if p.y > 42 { return .frontalBone }
    if p.y > 8 { return p.x < 40 ? .sphenoidBone : .temporalBone.on(probe.side) }
    return p.x > 36 && p.y > -34 ? .temporalBone.on(probe.side) : .occipitalBone
  }

  /// Compact bone within a table of either surface, diploe between; sclerotic in patches.
  @inline(__always) private func boneValue(
    _ probe: ArticulatedPoint, outer: Float, inner: Float, _ sample: VoxelPaint
  ) -> Float {
    let grain = noise.value(probe.point, size: 4, channel: 2)
    let spread = noise.value(probe.point, size: 24, channel: 3)
    let table = bone.tableThickness * (1 + 0.35 * spread)
    let spongy = sample.coverage(table - min(outer, inner))
    let diploe = bone.diploe * (1 + 0.22 * grain + 0.3 * spread)
    let compact = bone.cortical * (1 + 0.05 * grain)
    let value = mix(compact, min(diploe, compact), spongy)
    guard probe.vault > -16 else { return value }
    return value * detail.solidity(probe, sample)
  }
}

/// The petrous pyramids: the densest bone of the skull, with the capsule of the inner ear.
struct Petrous: Sendable {
  private let shape: HeadShape
  private let noise: Noise
  private let bounds = Bounds(Point(5, -32, -22), Point(72, 28, 24))
  private let pyramid = Capsule(Point(15, 11, -3), Point(54, -14, 1), 6, 11)
  private let otic = Ellipsoid(Point(38, -3, 3), Point(9, 7, 6))
  private let meatus = Capsule(Point(18, -6, 1), Point(31, -4, 2), 2.6, 2)
  private let carotid = Tube([
    (Point(27, 8, -20), 3), (Point(27, 8, -4), 3), (Point(14, 17, 0), 2.8),
  ])

  init(shape: HeadShape, noise: Noise) {
    self.shape = shape
    self.noise = noise
  }

  func paint(_ probe: ArticulatedPoint, mandible: Float, into sample: inout VoxelPaint) {
    let p = probe.folded
    guard bounds.contains(p) else { return }
    // The pyramid has a crest: the sides slope away below it.
    var bone = max(max(pyramid.distance(p), 2 - mandible), probe.skin + VoxelPaint.leastCover)
    bone = smoothIntersection(bone, probe.vault, 3)
    if bone < 6 { bone += 1.2 * noise.value(probe.point, size: 9, channel: 28) }
    bone += shape.bone.thinning(at: p)
    guard bone < sample.edge else { return }
    let grain = noise.value(probe.point, size: 5, channel: 2)
    let dense = shape.bone.cortical * shape.bone.petrous * (1 + 0.06 * grain)
    let inside = smoothStep(1.5, 4, -bone)
    sample.cover(
      bone, mix(dense, 0.62 * dense * shape.bone.spongyShare, inside), .petrousBone.on(probe.side))
    sample.tint(otic.distance(p), min(Tissue.oticCapsule, 1.25 * dense))
    sample.tint(min(meatus.distance(p), carotid.distance(p)), Tissue.mucosa)
  }
}
