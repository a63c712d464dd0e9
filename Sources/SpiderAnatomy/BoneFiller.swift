import SpiderImaging

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
