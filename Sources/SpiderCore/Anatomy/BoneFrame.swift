/// Where the bones lie in the head, measured from the cranial cavity and the outline of the head.
struct BoneFrame {
  private let grid: VoxelGrid
  private let crown: Double
  /// Whether each voxel is within a few mm of the cranial cavity.
  private let nearCavity: [Bool]
  /// World z (mm) of the lowest part of the cranial cavity: about the plane of the foramen magnum.
  private let base: Double
  /// World x (mm) of the middle of the head.
  private let middle: Double
  /// World y (mm) of the back and of the front of the head.
  private let back: Double
  private let front: Double
  /// World z (mm) of the lowest bone of the chin; nil when the scan ends above it.
  private var chin: Double?

  /// Nil when there is no cranium to measure from.
  init?(_ scene: AnatomyScene, intracranial: Mask?) {
    guard let crown = scene.crown, let intracranial, !intracranial.isEmpty else { return nil }
    self.crown = crown
    grid = scene.grid
    middle = (scene.box.low.x + scene.box.high.x) / 2
    back = scene.box.low.y
    front = scene.box.high.y
    let reach = max(6, 1.5 * scene.edge)
    nearCavity = DistanceTransform.squared(to: intracranial).map { $0 <= Float(reach * reach) }
    base = BoneFrame.lowest(intracranial)
    chin = lowestChin(scene)
  }

  /// World z (mm) below which 1 % of a set lies.
  private static func lowest(_ mask: Mask) -> Double {
    var left = max(1, mask.population / 100)
    for index in mask.values.indices where mask.values[index] {
      left -= 1
      if left == 0 { return mask.grid.worldPoint(0, 0, Double(mask.grid.voxel(at: index).z)).z }
    }
    return mask.grid.bounds.low.z
  }

  /// The lowest level with 50 mm^2 of bone in the place of the chin, if it is deep enough to be
  /// one.
  private func lowestChin(_ scene: AnatomyScene) -> Double? {
    let bone = scene.body(atLeast: AutomaticLabeller.boneThreshold)
    let needed = 50 / (grid.spacing.x * grid.spacing.y)
    for k in 0..<grid.nz {
      var count = 0.0
      for j in 0..<grid.ny {
        for i in 0..<grid.nx where bone[i, j, k] {
          let point = grid.worldPoint(Double(i), Double(j), Double(k))
          if forward(point) > 0.66 && abs(point.x - middle) < 40 { count += 1 }
        }
      }
      guard count >= needed else { continue }
      let z = grid.worldPoint(0, 0, Double(k)).z
      return z < base - 40 ? z : nil
    }
    return nil
  }

  /// How far forward a point lies: 0 at the back of the head, 1 at the tip of the nose.
  private func forward(_ point: Vector3) -> Double { (point.y - back) / max(1, front - back) }

  /// The bone voxels whose place alone says what they are: label values, 0 elsewhere.
  func seeds(in bone: Mask) -> [UInt8] {
    bone.values.indices.map { index in
      guard bone.values[index] else { return 0 }
      let voxel = grid.voxel(at: index)
      let point = grid.worldPoint(Double(voxel.x), Double(voxel.y), Double(voxel.z))
      return seed(at: point, nearCavity: nearCavity[index])
    }
  }

  private func seed(at point: Vector3, nearCavity: Bool) -> UInt8 {
    let side = abs(point.x - middle)
    let ahead = forward(point)
    // Cranium; nose, cheek bones and palate.
    if nearCavity && point.z > base - 3 || point.z > crown - 70 { return HeadLabel.skull }
    // The teeth meet about half way from the chin to the base; the palate lies above.
    let palate = chin.map { min(base - 8, $0 + 0.75 * (base - $0)) } ?? base - 8
    if ahead > 0.6 && side < 30 && point.z > palate { return HeadLabel.skull }
    if let chin, ahead > 0.66, side < 45, point.z < chin + 20 { return HeadLabel.mandible }
    // Vertebral arches; the bodies before them are too near the jaw in a head tilted back.
    if chin != nil, ahead > 0.62, side > 34, side < 60, point.z < base - 42 {
      return HeadLabel.mandible
    }
    if ahead < 0.43 && side < 32 && point.z < base - 22 { return HeadLabel.cervicalSpine }
    return 0
  }

  /// Whether a bone can reach a voxel; where it cannot, it has run over into another bone.
  func allows(_ name: UInt8, at index: Int) -> Bool {
    let voxel = grid.voxel(at: index)
    let point = grid.worldPoint(Double(voxel.x), Double(voxel.y), Double(voxel.z))
    switch name {
    case HeadLabel.skull:
      // Below the teeth of the upper jaw, or behind them below the mastoid process.
      return forward(point) < 0.6 ? point.z > base - 25 : point.z > base - 55
    case HeadLabel.mandible:
      // In front, above the teeth, it may as well be the upper jaw.
      let teeth = chin.map { $0 + 0.62 * (base - $0) } ?? base
      let isFront = forward(point) > 0.6 && abs(point.x - middle) < 30
      return point.z < (isFront ? teeth : base + 25)
    case HeadLabel.cervicalSpine: return point.z < base + 5 && abs(point.x - middle) < 60
    default: return true
    }
  }
}
