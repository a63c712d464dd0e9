import SpiderCore

/// What is said of a joint: CT numbers and labels on the grid of its region.
struct JointImage: Sendable {
  /// CT numbers, HU.
  let ct: Volume
  /// Labels of the head scheme.
  let labels: LabelVolume

  /// HU from which bone is told by its CT number, as `bone_hu` of the metrics.
  private static let boneThreshold: Float = 300

  /// The lower jaw: here condyle, coronoid process and upper ramus.
  var mandible: Mask { mask(of: HeadLabel.mandible) }
  /// The skull: here the joint's fossa and what is around it.
  var skull: Mask { mask(of: HeadLabel.skull) }
  /// What is bone by its CT number.
  var dense: Mask { ct.withValues(ct.values.map { $0 >= Self.boneThreshold }) }

  /// The joint space, mm: the least distance between lower jaw and skull, centre to centre of voxels, so that the
  /// least there can be is a voxel's edge. Nil beyond the reach of the region, and where either is absent.
  var space: Double? {
    let (jaw, skull) = (mandible.border, skull.border)
    let grid = jaw.grid
    // The Euclidean distance of the nearest pair: for every voxel of the jaw the steps to its neighbours are walked
    // outwards, only as far as the nearest pair so far; from the top down, since the condyle is what is near.
    let steps = Self.steps
    var nearest = steps.count
    for index in jaw.values.indices.reversed() where jaw.values[index] {
      let place = grid.voxel(at: index)
      for number in 0..<nearest {
        let other = place &+ steps[number]
        guard all(other .>= 0), all(other .< grid.shape) else { continue }
        guard skull[other.x, other.y, other.z] else { continue }
        nearest = number
        break
      }
    }
    return nearest < steps.count ? JointRegion.spacing * Self.length(steps[nearest]) : nil
  }

  /// All steps within the reach of a region, the shortest first.
  private static let steps: [SIMD3<Int>] = {
    let reach = JointRegion.count / 2
    var steps: [SIMD3<Int>] = []
    for z in -reach...reach {
      for y in -reach...reach {
        for x in -reach...reach where x * x + y * y + z * z <= reach * reach {
          steps.append(SIMD3(x, y, z))
        }
      }
    }
    return steps.sorted { length($0) < length($1) }
  }()

  private static func length(_ step: SIMD3<Int>) -> Double {
    Double((step &* step).wrappedSum()).squareRoot()
  }

  private func mask(of label: UInt8) -> Mask {
    labels.withValues(labels.values.map { $0 == label })
  }
}

extension Image3D where Voxel == Bool {
  /// The voxels of the set with a face neighbour outside of it.
  fileprivate var border: Mask {
    let strides = [1, grid.nx, grid.nx * grid.ny]
    return withValues(
      values.indices.map { index in
        guard values[index] else { return false }
        let place = grid.voxel(at: index)
        return (0..<3).contains { axis in
          (place[axis] > 0 && !values[index - strides[axis]])
            || (place[axis] + 1 < grid.shape[axis] && !values[index + strides[axis]])
        }
      })
  }
}
