extension Image3D where Voxel == Bool {
  /// The set, grown `steps` times by the voxels of `region` that share a face with it. Unlike a
  /// dilation it goes around walls, not through them.
  package func grown(within region: Mask, steps: Int) -> Mask {
    precondition(grid.shape == region.grid.shape, "growth within a region on another grid")
    var result = self
    var front = values.indices.filter { values[$0] }
    for _ in 0..<steps where !front.isEmpty {
      var next: [Int] = []
      for index in front {
        grid.forEachNeighbour(of: index) { other in
          if region.values[other] && !result.values[other] {
            result.values[other] = true
            next.append(other)
          }
        }
      }
      front = next
    }
    return result
  }
}
