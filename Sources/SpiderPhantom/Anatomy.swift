import SpiderCore

/// All structures of one head, and the order in which they are painted.
struct Anatomy: Sendable {
  private let frame: HeadFrame
  private let scannerBlur: Float
  private let articulation: Articulation
  private let surface: SkinSurface
  private let softTissue: SoftTissue
  private let face: Face
  private let cranium: Cranium
  private let petrous: Petrous
  private let orbit: Orbit
  private let airCavities: AirCavities
  private let mandible: Mandible
  private let upperTeeth: Teeth
  private let lowerTeeth: Teeth
  private let spine: Spine

  init(seed: UInt64, options: HeadPhantom.Options) {
    let shape = HeadShape(seed: seed, options: options)
    scannerBlur = shape.bone.scannerBlur
    let noise = Noise(seed: seed)
    let braincase = Braincase(shape: shape)
    articulation = Articulation(shape: shape)
    surface = SkinSurface(shape: shape, braincase: braincase, articulation: articulation)
    frame = HeadFrame(
      shape: shape, seed: seed,
      center: Placement.center(shape: shape, seed: seed, surface: surface))
    softTissue = SoftTissue(shape: shape, noise: noise)
    orbit = Orbit(noise: noise)
    face = Face(shape: shape, orbit: orbit, noise: noise)
    cranium = Cranium(shape: shape, noise: noise)
    petrous = Petrous(shape: shape, noise: noise)
    airCavities = AirCavities(
      shape: shape, orbit: orbit, braincase: braincase, noise: noise)
    mandible = Mandible(shape: shape, noise: noise)
    upperTeeth = Teeth(upper: true, shape: shape, seed: seed)
    lowerTeeth = Teeth(upper: false, shape: shape, seed: seed)
    spine = Spine(shape: shape, seed: seed, noise: noise)
  }

  /// The voxels of slice `k` of a grid.
  func slice(_ k: Int, of grid: VoxelGrid, voxel: Float) -> (values: [Float], labels: [UInt8]) {
    var values: [Float] = []
    var labels: [UInt8] = []
    values.reserveCapacity(grid.nx * grid.ny)
    labels.reserveCapacity(grid.nx * grid.ny)
    for j in 0..<grid.ny {
      for i in 0..<grid.nx {
        let world = Point(grid.worldPoint(Double(i), Double(j), Double(k)))
        let painted = sample(at: world, voxel: voxel)
        // Rounding may fall a hair below air.
        values.append(max(Tissue.air, painted.hounsfield))
        labels.append(painted.label)
      }
    }
    return (values, labels)
  }

  /// Paints what is at a world point, from outside in.
  private func sample(at world: Point, voxel: Float) -> Sample {
    var sample = Sample(voxel: voxel, blur: scannerBlur)
    let p = frame.nominal(world)
    let (skin, vault) = surface.distance(p)
    guard skin < sample.edge else { return sample }
    let folded = Point(abs(p.x), p.y, p.z)
    let neck = articulation.neck(p)
    let probe = Probe(
      point: p, folded: folded, side: p.x >= 0 ? 0 : 1, jaw: articulation.jaw(folded), neck: neck,
      foldedNeck: Point(abs(neck.x), neck.y, neck.z), vault: vault, skin: skin)
    let jawBone = mandible.distance(probe)
    softTissue.paint(probe, into: &sample)
    face.paint(probe, mandible: jawBone, into: &sample)
    cranium.paint(probe, mandible: jawBone, into: &sample)
    petrous.paint(probe, mandible: jawBone, into: &sample)
    orbit.paint(probe, into: &sample)
    airCavities.paint(probe, into: &sample)
    mandible.paint(probe, distance: jawBone, into: &sample)
    upperTeeth.paint(probe, into: &sample)
    lowerTeeth.paint(probe, into: &sample)
    spine.paint(probe, into: &sample)
    return sample
  }
}
