import SpiderImaging

/// Tells skull, mandible and cervical spine apart, as far as position and connection allow.
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

  /// How far from the cavity bone is the skull's even if nothing else is known, mm.
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
