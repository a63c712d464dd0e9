import SpiderImaging
import SpiderSupport

/// Tells skull, mandible and cervical spine apart by position and connection.
///
/// At the threshold of bone the bones touch: teeth, jaw joints, the joints under the occiput. At
/// higher ones their dense parts come apart. So each bone starts from voxels that are its own by
/// their place in the head, and the names flow from there, first through the densest bone, then
/// threshold by threshold down to all bone: a watershed. What no name reaches, or what lies where
/// another bone should be, stays unknown.
struct BoneSplitter {
  /// The thresholds, HU, lowest first; the first is that of bone.
  var levels: [Float] =
    [AutomaticLabeller.boneThreshold] + stride(from: Float(400), through: 1500, by: 100)

  /// The distance from the cavity within which bone is the skull's even if nothing else is known, mm.
  var vaultThickness = 14.0

  /// Names the bone voxels: label values of the head scheme, 255 where unsure, 0 where no bone is.
  func split(
    _ scene: AnatomyScene, frame head: CranialAxes?, intracranial: Mask?
  ) -> (names: [UInt8], jaw: Jaw?) {
    let all = scene.body(atLeast: levels[0])
    let bone = intracranial.map { all.subtracting($0) } ?? all
    guard let head, let intracranial else {
      // Around a cavity whose lower walls were not seen there is at least a vault.
      let vault = intracranial?.dilated(by: vaultThickness)
      let names = bone.values.indices.map { index -> UInt8 in
        guard bone.values[index] else { return 0 }
        return vault?.values[index] ?? false ? HeadLabel.skull : LabelScheme.unknown
      }
      return (names, nil)
    }
    let frame = BoneFrame(scene, frame: head, intracranial: intracranial, bone: bone)
    var names = frame.seeds(in: bone)
    for level in levels.reversed() {
      let dense = bone.withValues(zip(bone.values, scene.ct.values).map { $0 && $1 >= level })
      Self.flow(&names, within: dense)
    }
    let possible = bone.values.indices.map { index -> UInt8 in
      guard bone.values[index] else { return 0 }
      let isPossible = names[index] != 0 && frame.allows(names[index], at: index)
      return isPossible ? names[index] : LabelScheme.unknown
    }
    return (possible, frame.jaw)
  }

  /// Spreads the names over connected bone, all fronts moving one voxel at a time.
  private static func flow(_ names: inout [UInt8], within bone: Mask) {
    var front = names.indices.filter { names[$0] != 0 && bone.values[$0] }
    while !front.isEmpty {
      var next: [Int] = []
      for index in front {
        let name = names[index]
        bone.grid.forEachNeighbour(of: index) { other in
          if bone.values[other] && names[other] == 0 {
            names[other] = name
            next.append(other)
          }
        }
      }
      front = next
    }
  }
}

/// The prior of a bone's identity from its place in the head alone.
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

  /// The front limit of the spine, mm: well behind the chin, or the front of the pharynx.
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

  /// Whether a jaw whose chin was not found may lie here: below the base of the skull, or at its sides up to the
  /// condyles. In a scan that ends within the jaw nothing tells its rami from the cheek bones.
  private func mayBeJaw(_ p: Vector3) -> Bool {
    p.y > 0.4 * frame.length && (p.z < -4 || abs(p.x) > 30 && p.z < 28)
  }

  /// Whether a bone can reach a voxel; where it cannot, it has run over into another bone.
  func allows(_ name: UInt8, at index: Int) -> Bool {
    let p = frame.coordinates(of: grid.worldPoint(of: index))
    let side = abs(p.x)
    let isFront = jaw.map { p.y > $0.chin.forward - 45 } ?? (p.y > 0.75 * frame.length)
    switch name {
    case HeadLabel.skull:
      if jaw == nil, !nearCavity[index], mayBeJaw(p) { return false }
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

/// Adds to each bone what is in it but less dense: diploe, marrow, the partial voxels of thin walls.
struct BoneFiller {
  /// HU from which a voxel in a narrow gap of bone is bone: diploe, and not muscle or brain.
  var diploe: Float = 120
  /// HU from which a voxel enclosed by the mandible belongs to it: marrow is partly fat.
  var marrow: Float = -150
  /// Half the width of the gaps between the tables of the skull, mm.
  var gap = 3.5

  /// Fills the bones of a map of names, where no other name stands.
  func fill(_ names: inout [UInt8], in scene: AnatomyScene, keepOut: Mask?) {
    for name in [HeadLabel.mandible, HeadLabel.cervicalSpine, HeadLabel.skull] {
      let bone = scene.ct.withValues(names.map { $0 == name })
      guard !bone.isEmpty else { continue }
      let closed = bone.closed(by: max(gap, 1.5 * scene.edge))
      let whole = name == HeadLabel.mandible ? bone.filledInSlices() : bone
      for index in names.indices where names[index] == 0 && scene.body.values[index] {
        guard closed.values[index] || whole.values[index],
          keepOut.map({ !$0.values[index] }) ?? true
        else { continue }
        let hu = scene.ct.values[index]
        if hu >= diploe || (whole.values[index] && hu >= marrow) { names[index] = name }
      }
    }
  }
}
