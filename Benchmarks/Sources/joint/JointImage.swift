import SpiderCore

/// What is said of a joint, on the grid of its region.
struct JointImage: Sendable {
  /// CT numbers, HU.
  let ct: Volume
  /// Labels of the head scheme; nil from who tells no tissues apart.
  let labels: LabelVolume?

  /// HU from which bone is told by its CT number, as `bone_hu` of the metrics.
  static let boneThreshold: Float = 300

  /// The lower jaw: here condyle, coronoid process and upper ramus.
  var mandible: Mask? { mask(of: HeadLabel.mandible) }
  /// The skull: here the joint's fossa and what is around it.
  var skull: Mask? { mask(of: HeadLabel.skull) }
  /// What is bone by its CT number.
  var dense: Mask { ct.withValues(ct.values.map { $0 >= Self.boneThreshold }) }

  private func mask(of label: UInt8) -> Mask? {
    labels.map { labels in labels.withValues(labels.values.map { $0 == label }) }
  }
}

/// The shortest way across a joint, from the lower jaw to the skull.
struct JointGap: Sendable {
  /// The centre of the last voxel of the jaw, world mm.
  let jaw: Vector3
  /// The centre of the first voxel of the skull, world mm.
  let skull: Vector3

  /// The joint space, mm: centre to centre of voxels, so that the least there can be is a voxel's edge.
  var width: Double { length(skull - jaw) }
}

extension JointImage {
  /// How far from the region's middle, the top of the true condyle, the jaw belongs to the joint, mm: the condyle
  /// does, the coronoid process does not.
  private static let condyleReach = 12.0

  /// The nearest pair of the condyle and the skull; nil beyond the reach of the region, and where either is absent.
  var gap: JointGap? {
    guard let jaw = mandible?.border, let skull = skull?.border else { return nil }
    let grid = jaw.grid
    let middle = SIMD3(repeating: JointRegion.count / 2)
    let reach = Int(Self.condyleReach / JointRegion.spacing)
    // For every voxel of the condyle the steps to its neighbours are walked outwards, only as far as the nearest pair
    // so far; from the top down, since its top is what is near.
    var nearest = Self.steps.count
    var pair: JointGap?
    for index in jaw.values.indices.reversed() where jaw.values[index] {
      let place = grid.voxel(at: index)
      let away = place &- middle
      guard (away &* away).wrappedSum() <= reach * reach else { continue }
      for number in 0..<nearest {
        let other = place &+ Self.steps[number]
        guard all(other .>= 0), all(other .< grid.shape) else { continue }
        guard skull[other.x, other.y, other.z] else { continue }
        nearest = number
        pair = JointGap(jaw: grid.center(of: place), skull: grid.center(of: other))
        break
      }
    }
    return pair
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
    return steps.sorted { ($0 &* $0).wrappedSum() < ($1 &* $1).wrappedSum() }
  }()
}

extension VoxelGrid {
  fileprivate func center(of voxel: SIMD3<Int>) -> Vector3 {
    worldPoint(Double(voxel.x), Double(voxel.y), Double(voxel.z))
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
