import SpiderImaging
import SpiderSupport

/// What bone a place in the head belongs to, as far as the place alone tells.
struct BoneFrame {
  private let grid: VoxelGrid
  private let frame: CranialAxes
  /// The lower jaw; nil when it is not in the scan.
  let jaw: Jaw?
  /// Whether each voxel is within a few mm of the cranial cavity.
  private let nearCavity: [Bool]

  /// Measures from a cranium.
  init(_ scene: AnatomyScene, frame: CranialAxes, intracranial: Mask, bone: Mask) {
    grid = scene.grid
    self.frame = frame
    let reach = max(6, 1.5 * scene.edge)
    nearCavity = DistanceTransform.squared(to: intracranial).map { $0 <= Float(reach * reach) }
    jaw = Jaw(scene: scene, frame: frame, bone: bone)
  }

  /// How far forward the spine can reach, mm: well behind the chin, or the front of the pharynx.
  private var spineFront: Double { jaw.map { $0.chin.forward - 60 } ?? 0.6 * frame.length }

  /// The bone voxels whose place alone says what they are: label values, 0 elsewhere.
  func seeds(in bone: Mask) -> [UInt8] {
    let slices = Parallel.map(grid.nz) { k in
      (k * grid.nx * grid.ny..<(k + 1) * grid.nx * grid.ny).map { index -> UInt8 in
        guard bone.values[index] else { return 0 }
        return seed(
          at: frame.coordinates(of: grid.worldPoint(of: index)), nearCavity: nearCavity[index],
          inJaw: jaw.map { $0.front.values[index] } ?? false)
      }
    }
    return Array(slices.joined())
  }

  private func seed(at p: Vector3, nearCavity: Bool, inJaw: Bool) -> UInt8 {
    let side = abs(p.x)
    // Cranium: around the cavity, and all that is above the orbits' middle.
    if nearCavity && p.z > -3 || p.z > 42 { return HeadLabel.skull }
    if side < 26 && p.z < -14 && p.y < spineFront || side < 34 && p.z < -30 && p.y < spineFront - 20
    {
      return HeadLabel.cervicalSpine
    }
    guard let jaw else {
      return p.y > 0.72 * frame.length && p.z > -15 ? HeadLabel.skull : 0
    }
    // Palate and upper teeth; nose and cheek bones.
    let bite = jaw.bite(at: p.y)
    if p.y > 0.75 * frame.length && side < 34 && p.z > bite + 6 && p.y > jaw.chin.forward - 50 {
      return HeadLabel.skull
    }
    if inJaw && side < 60 && p.z < bite - 6 { return HeadLabel.mandible }
    // The rami, below the mastoid processes and beside the spine.
    if p.y > jaw.chin.forward - 85 && side > 36 && side < 62 && p.z < -28 {
      return HeadLabel.mandible
    }
    return 0
  }

  /// Whether a bone can reach a voxel; where it cannot, it has run over into another bone.
  func allows(_ name: UInt8, at index: Int) -> Bool {
    let p = frame.coordinates(of: grid.worldPoint(of: index))
    let side = abs(p.x)
    let isFront = jaw.map { p.y > $0.chin.forward - 45 } ?? (p.y > 0.75 * frame.length)
    switch name {
    case HeadLabel.skull:
      if isFront { return jaw.map { p.z > $0.bite(at: p.y) - 7 } ?? true }
      // The mastoid and styloid processes reach further down than the condyles of the occiput.
      return p.z > (side < 30 ? -14 : -42)
    case HeadLabel.mandible:
      guard let jaw else { return false }
      if isFront && side < 34 { return p.z < jaw.bite(at: p.y) + 7 }
      return p.z < 28 && p.y > jaw.chin.forward - 110
    case HeadLabel.cervicalSpine: return p.z < 6 && side < 50
    default: return true
    }
  }
}
