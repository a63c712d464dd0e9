import SpiderImaging
import SpiderTestSupport
import Testing

/// The kernel that warps volumes; those that sample them have tests in `VolumeSamplingTests`.
@Suite struct WarpKernelTests {
  /// Warping against displacement and sampling, one voxel at a time; a NaN stays about its place.
  @Test(arguments: [SIMD3(1, 1, 1), SIMD3(5, 4, 3), SIMD3(17, 3, 2), SIMD3(33, 2, 5)])
  func warping(_ shape: SIMD3<Int>) {
    let grid = VoxelGrid(nx: shape.x, ny: shape.y, nz: shape.z, affine: .identity)
    let lattice = VolumeKernels.DisplacementLattice(
      nodes: 3, values: randomValues(81, seed: 1, scale: 0.7))
    var volume = Volume(grid: grid, values: randomValues(grid.count, seed: 2))
    let places = (0..<grid.count).map { index in
      let v = grid.voxel(at: index)
      return Vector3(Double(v.x), Double(v.y), Double(v.z))
    }
    let moved = zip(places, VolumeKernels.displacements(lattice, grid, at: places)).map(+)
    /// Whether rounding may decide on which side of the volume's end a place lies.
    func isAtTheEnd(_ p: Vector3) -> Bool {
      (0..<3).contains { abs(p[$0] + 0.5) < 1e-4 || abs(p[$0] - Double(shape[$0]) + 0.5) < 1e-4 }
    }
    let warped = VolumeKernels.warp(volume, lattice)
    for (index, place) in moved.enumerated() where !isAtTheEnd(place) {
      #expect(
        abs(Double(warped[index]) - volume.trilinear(at: place, outside: 0)) < 1e-4,
        "voxel \(index)")
    }
    let spoilt = grid.count / 2
    volume.values[spoilt] = .nan
    let again = VolumeKernels.warp(volume, lattice)
    for (index, place) in moved.enumerated() {
      // The outer half voxels have the value of the edge.
      let top = Vector3(Double(shape.x - 1), Double(shape.y - 1), Double(shape.z - 1))
      let offset = place.clamped(lowerBound: .zero, upperBound: top) - places[spoilt]
      if max(abs(offset.x), abs(offset.y), abs(offset.z)) > 1.001 {
        #expect(again[index] == warped[index], "voxel \(index)")
      }
    }
  }
}
