import SpiderImaging

/// Draws the edges of coarse labels on a finer grid, or more exactly on their own.
///
/// Which structure lies where is found on a grid of about 2 mm, fast and undisturbed by noise. Where
/// its surface is depends on the CT number: a bone ends where the value has fallen half way from its
/// densest nearby voxel to soft tissue, so that thick cortical bone is not made fatter by the blur of
/// its edge, nor a thin lamella lost.
struct LabelRefiner {
  /// The share of the way from soft tissue to the densest neighbour at which a bone ends.
  var edge: Float = 0.5
  /// HU of soft tissue beside bone.
  var soft: Float = 40
  /// HU below which nothing is bone.
  var faintestBone: Float = 220
  /// HU above which all neighbours count alike: metal does not eat the bone around it.
  var densest: Float = 1600
  /// HU under which a voxel in the patient is air, half way from air to fat and soft tissue.
  var air: Float = -400
  /// By how much that rises with the CT number of what surrounds the air: cells in dense bone have no
  /// soft tissue between them and the bone.
  var airRise: Float = 0.3
  /// HU of what is air beyond doubt, of what is not air any more, and of bone beyond doubt.
  var clearAir: Float = -600
  var leastTissue: Float = -100
  var clearBone: Float = 400
  /// HU from which a voxel between bone and air can be bone.
  var faintWall: Float = 120
  /// HU of the densest cell beside a thin wall, of the thinnest wall between two cells of air, and by
  /// how much it stands out from both.
  var densestCell: Float = -300
  var lamella: Float = -150
  var lamellaHeight: Float = 250
  /// The largest distance at which a fine voxel of bone takes the name of a coarse one, mm.
  var reach = 15.0

  /// Refines labels of a coarse grid onto the grid of a CT.
  ///
  /// - Parameters:
  ///   - ct: HU on the fine grid.
  ///   - covered: where on it the scan is.
  ///   - anatomy: what was found on the coarse grid.
  func refine(_ ct: Volume, covered: Mask, anatomy: CoarseAnatomy) -> LabelVolume {
    let grid = ct.grid
    let map = grid.indexMap(to: anatomy.grid)
    let names = anatomy.names(within: reach)
    let plane = grid.nx * grid.ny
    var labels = LabelVolume(grid: grid) { k in
      let maxima = Self.extremes(ct, k, from: -.infinity, max)
      let minima = Self.extremes(ct, k, from: .infinity, min)
      var slice = [UInt8](repeating: 0, count: plane)
      var place = 0
      for j in 0..<grid.ny {
        for i in 0..<grid.nx {
          let index = k * plane + place
          if covered.values[index] {
            let position = map.apply(Vector3(Double(i), Double(j), Double(k)))
            slice[place] = label(
              ct.values[index], minima[place]...maxima[place], anatomy.index(nearest: position),
              anatomy, names, isLamella: isLamella(ct, i, j, k))
          } else {
            slice[place] = LabelScheme.outsideScan
          }
          place += 1
        }
      }
      return slice
    }
    settleRim(&labels, ct, steps: max(1, Int((3 / grid.spacing.min()).rounded())))
    return labels
  }

  /// Stands for a voxel of the rim of the cranial cavity until it is settled.
  private static let rim: UInt8 = 253

  private func label(
    _ hu: Float, _ range: ClosedRange<Float>, _ place: Int, _ anatomy: CoarseAnatomy,
    _ names: [UInt8], isLamella: Bool
  ) -> UInt8 {
    let zone = anatomy.zones[place]
    if zone == .outside { return HeadLabel.background }
    if zone == .cavityCore { return HeadLabel.intracranial }
    let coarse = anatomy.labels.values[place]
    if zone == .boneCore && hu > air { return coarse }
    let (low, top) = (range.lowerBound, min(range.upperBound, densest))
    let middle = low + edge * (top - low)
    let isAtAir = low < clearAir && top > leastTissue
    // Beside air a bone begins half way up from it, where there is no soft tissue to begin from.
    var limit = max(faintestBone, soft + edge * (top - soft))
    if isAtAir && top > clearBone { limit = max(faintWall, middle) }
    if (hu >= limit || isLamella) && names[place] != 0 && zone != .skinRim { return names[place] }
    let air = isAtAir ? min(air + airRise * max(0, top), middle) : air
    if hu < air {
      return zone == .body || zone == .cavityRim ? HeadLabel.airCavities : HeadLabel.background
    }
    if zone == .cavityRim { return coarse == HeadLabel.intracranial ? coarse : Self.rim }
    return coarse == LabelScheme.unknown ? coarse : HeadLabel.softTissue
  }

  /// Whether a voxel is a thin wall with air on both sides along one of the axes: between ethmoid or
  /// mastoid cells, the nasal septum.
  private func isLamella(_ ct: Volume, _ i: Int, _ j: Int, _ k: Int) -> Bool {
    let grid = ct.grid
    let index = grid.index(i, j, k)
    let hu = ct.values[index]
    guard hu > lamella, hu < clearBone else { return false }
    let bound = min(hu - lamellaHeight, densestCell)
    func stands(_ place: Int, _ count: Int, _ stride: Int) -> Bool {
      place > 0 && place + 1 < count && ct.values[index - stride] < bound
        && ct.values[index + stride] < bound
    }
    return stands(i, grid.nx, 1) || stands(j, grid.ny, grid.nx)
      || stands(k, grid.nz, grid.nx * grid.ny)
  }

  /// Rim voxels that can be reached from the cavity without crossing bone are of the cavity; the
  /// others lie beyond the wall.
  private func settleRim(_ labels: inout LabelVolume, _ ct: Volume, steps: Int) {
    let grid = labels.grid
    var front: [Int] = []
    for index in labels.values.indices where labels.values[index] == Self.rim {
      var touches = false
      grid.forEachNeighbour(of: index) {
        touches = touches || labels.values[$0] == HeadLabel.intracranial
      }
      if touches { front.append(index) }
    }
    for index in front { labels.values[index] = HeadLabel.intracranial }
    for _ in 1..<max(2, steps) {
      var next: [Int] = []
      for index in front {
        grid.forEachNeighbour(of: index) { other in
          if labels.values[other] == Self.rim {
            labels.values[other] = HeadLabel.intracranial
            next.append(other)
          }
        }
      }
      front = next
    }
    for index in labels.values.indices where labels.values[index] == Self.rim {
      labels.values[index] = HeadLabel.softTissue
    }
  }

  /// The smallest or largest value of each voxel of slice k and its 26 neighbours.
  private static func extremes(
    _ ct: Volume, _ k: Int, from start: Float, _ better: (Float, Float) -> Float
  ) -> [Float] {
    let (nx, ny) = (ct.grid.nx, ct.grid.ny)
    let plane = nx * ny
    var stack = [Float](repeating: start, count: plane)
    for slice in max(0, k - 1)...min(ct.grid.nz - 1, k + 1) {
      for place in 0..<plane {
        stack[place] = better(stack[place], ct.values[slice * plane + place])
      }
    }
    var rows = stack
    for j in 0..<ny {
      for place in (j * nx)..<(j * nx + nx) {
        if place > j * nx { rows[place] = better(rows[place], stack[place - 1]) }
        if place + 1 < j * nx + nx { rows[place] = better(rows[place], stack[place + 1]) }
      }
    }
    var result = rows
    for j in 0..<ny {
      for place in (j * nx)..<(j * nx + nx) {
        if j > 0 { result[place] = better(result[place], rows[place - nx]) }
        if j + 1 < ny { result[place] = better(result[place], rows[place + nx]) }
      }
    }
    return result
  }
}
