import SpiderImaging

/// All structures of one head, and the order in which they are painted. A class, since it is large and
/// shared by all workers.
final class Anatomy: Sendable {
  let shape: HeadShape
  let frame: NominalHeadMap
  private let scanner: Scanner
  let articulation: Articulation
  private let surgery: Surgery
  let surface: SkinSurface
  private let softTissue: SoftTissue
  let face: Face
  let cranium: Cranium
  private let petrous: Petrous
  let orbit: Orbit
  private let airCavities: AirCavities
  let mandible: Mandible
  let upperTeeth: Teeth
  let lowerTeeth: Teeth
  let spine: Spine

  init(seed: UInt64, options: HeadPhantom.Options) {
    shape = HeadShape(seed: seed, options: options)
    surgery = Surgery(seed: seed, options: options)
    let noise = Noise(seed: seed)
    scanner = Scanner(seed: seed, blur: options.scannerBlur, field: noise)
    let braincase = Braincase(shape: shape)
    articulation = Articulation(shape: shape)
    surface = SkinSurface(shape: shape, braincase: braincase, articulation: articulation)
    frame = NominalHeadMap(
      shape: shape, seed: seed,
      center: HeadCentering.center(shape: shape, seed: seed, surface: surface))
    softTissue = SoftTissue(shape: shape, noise: noise)
    orbit = Orbit(noise: noise)
    face = Face(shape: shape, orbit: orbit, noise: noise)
    cranium = Cranium(shape: shape, craniotomy: surgery.craniotomy, noise: noise)
    petrous = Petrous(shape: shape, noise: noise)
    airCavities = AirCavities(
      shape: shape, orbit: orbit, braincase: braincase, noise: noise)
    mandible = Mandible(
      shape: shape, surgery: surgery.jaw,
      jointSpace: JointSpace(seed: seed, range: options.jointSpace), noise: noise)
    upperTeeth = Teeth(upper: true, shape: shape, seed: seed)
    lowerTeeth = Teeth(upper: false, shape: shape, seed: seed)
    spine = Spine(shape: shape, seed: seed, noise: noise)
  }

  /// The voxels of slice `k` of a grid.
  func slice(_ k: Int, of grid: VoxelGrid, voxel: Float) -> (
    values: [Float], structures: [HeadStructure]
  ) {
    var values: [Float] = []
    var structures: [HeadStructure] = []
    values.reserveCapacity(grid.nx * grid.ny)
    structures.reserveCapacity(grid.nx * grid.ny)
    for j in 0..<grid.ny {
      for i in 0..<grid.nx {
        let world = Point(grid.worldPoint(Double(i), Double(j), Double(k)))
        let painted = sample(at: world, voxel: voxel)
        // Air is clean, as prepared scans have it; a 12-bit scale ends where metal does.
        let noise = painted.structure == .background ? 0 : scanner.noise(at: world, voxel: voxel)
        values.append(clamp(painted.hounsfield + noise, Tissue.air, Tissue.metal))
        structures.append(painted.structure)
      }
    }
    return (values, structures)
  }

  /// Paints what is at a world point, from outside in.
  private func sample(at world: Point, voxel: Float) -> VoxelPaint {
    var sample = VoxelPaint(voxel: voxel, blur: scanner.blur)
    let p = frame.nominal(world)
    let (skin, vault) = surface.distance(p)
    guard skin < sample.edge else { return sample }
    let probe = probe(p, skin: skin, vault: vault)
    let jawBone = mandible.distance(probe)
    let clear = mandible.distanceForSkull(probe, jawBone)
    softTissue.paint(probe, into: &sample)
    face.paint(probe, mandible: clear, into: &sample)
    cranium.paint(probe, mandible: clear, into: &sample)
    petrous.paint(probe, mandible: clear, into: &sample)
    orbit.paint(probe, into: &sample)
    airCavities.paint(probe, into: &sample)
    mandible.paint(probe, distance: jawBone, into: &sample)
    mandible.paintSurroundings(probe, distance: jawBone, into: &sample)
    upperTeeth.paint(probe, into: &sample)
    lowerTeeth.paint(probe, into: &sample)
    spine.paint(probe, into: &sample)
    return sample
  }

  /// The articulated point of a nominal one, which several structures need.
  @inline(__always) func probe(_ p: Point, skin: Float, vault: Float) -> ArticulatedPoint {
    let folded = Point(abs(p.x), p.y, p.z)
    let neck = articulation.neck(p)
    let side = p.x >= 0 ? 0 : 1
    let brokenJaw = articulation.jaw(folded)
    let jaw = side == surgery.jaw?.side ? surgery.jaw?.mended(brokenJaw) : nil
    return ArticulatedPoint(
      point: p, folded: folded, side: side, brokenJaw: brokenJaw, jaw: jaw ?? brokenJaw,
      neck: neck, foldedNeck: Point(abs(neck.x), neck.y, neck.z), vault: vault, skin: skin)
  }
}
