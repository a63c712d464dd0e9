import SpiderImaging
import SpiderSupport
import SpiderTensor
import SpiderTestSupport
import Testing

@Suite struct VolumeSamplingTests {
  private let grid = VoxelGrid(
    nx: 7, ny: 5, nz: 6, affine: Affine(scale: Vector3(1, 1, 1), translation: .zero))

  /// Linear along each axis, products of coordinates included: the functions that trilinear
  /// interpolation gives back as they are.
  private func multilinear(_ p: Vector3) -> Double {
    3 + 2 * p.x - p.y + 0.5 * p.z + 0.25 * p.x * p.y - 0.75 * p.y * p.z + 0.5 * p.x * p.z
      + 0.125 * p.x * p.y * p.z
  }

  private func volume(_ value: (Vector3) -> Double) -> Volume {
    Volume(
      grid: grid,
      values: (0..<grid.count).map { index in
        let v = grid.voxel(at: index)
        return Float(value(Vector3(Double(v.x), Double(v.y), Double(v.z))))
      })
  }

  private func kernel(_ volume: Volume, _ places: [Vector3], outside: Float = -7) -> [Float] {
    VolumeKernels.sampleVolume(volume, at: places, outside: outside)
  }

  /// Places over the grid and a voxel beyond it, none within a hundredth of where it ends.
  private var places: [Vector3] {
    var random = SeededGenerator(seed: 4)
    let top = Vector3(7, 5, 6) - 0.5
    return (0..<2000).compactMap { _ in
      let p = Vector3(
        random.uniform(in: -1.5...7.5), random.uniform(in: -1.5...5.5),
        random.uniform(in: -1.5...6.5))
      let near = (0..<3).contains { abs(p[$0] + 0.5) < 0.01 || abs(p[$0] - top[$0]) < 0.01 }
      return near ? nil : p
    }
  }

  @Test func multilinearFunctionsAreGivenBack() {
    let volume = volume(multilinear)
    let expected = places.map { p in
      let inside = (0..<3).allSatisfy { p[$0] > -0.5 && p[$0] < Double(grid.shape[$0]) - 0.5 }
      let clamped = p.clamped(lowerBound: .zero, upperBound: Vector3(6, 4, 5))
      return inside ? multilinear(clamped) : -7
    }
    #expect(expected.contains(-7) && expected.contains { $0 != -7 })
    expectClose(
      places.map { volume.trilinear(at: $0, outside: -7) }, expected, atol: 1e-9, "definition")
    expectClose(kernel(volume, places).map(Double.init), expected, atol: 2e-5, "kernel")
  }

  @Test func theKernelFollowsTheDefinition() {
    let values = randomValues(grid.count, seed: 9)
    let volume = Volume(grid: grid, values: values)
    expectClose(
      kernel(volume, places).map(Double.init),
      places.map { volume.trilinear(at: $0, outside: -7) }, atol: 1e-5)
    let centres = (0..<grid.count).map { index in
      let v = grid.voxel(at: index)
      return Vector3(Double(v.x), Double(v.y), Double(v.z))
    }
    #expect(kernel(volume, centres) == values)
  }

  @Test func placesThatAreNoneAreOutside() {
    let volume = volume { _ in 1 }
    let none = [Vector3(.nan, 1, 1), Vector3(1, .infinity, 1), Vector3(1, 1, -.infinity)]
    #expect(kernel(volume, none) == [-7, -7, -7])
    #expect(none.allSatisfy { volume.trilinear(at: $0, outside: -7) == -7 })
  }

  @Test func aSingleVoxelHasItsValueThroughout() {
    let one = Volume(grid: VoxelGrid.canonical(size: 1), values: [5])
    let places = [Vector3(0, 0, 0), Vector3(0.49, -0.49, 0.3), Vector3(0.51, 0, 0)]
    #expect(kernel(one, places) == [5, 5, -7])
    #expect(places.map { one.trilinear(at: $0, outside: -7) } == [5, 5, -7])
  }

  /// The displacement of a lattice whose nodes hold a multilinear function is that function.
  @Test func displacementsAreLinearBetweenNodes() {
    let nodes = 4
    func field(_ t: Vector3) -> [Double] {
      [t.x - 2 * t.y, t.x * t.y * t.z, 1 + 0.5 * t.z - t.x * t.z]
    }
    var values: [Float] = []
    for z in 0..<nodes {
      for y in 0..<nodes {
        for x in 0..<nodes {
          values += field(Vector3(Double(x), Double(y), Double(z))).map { Float($0) }
        }
      }
    }
    let lattice = VolumeKernels.DisplacementLattice(nodes: nodes, values: values)
    let found = VolumeKernels.displacements(lattice, grid, at: places)
    let expected = places.flatMap { p in
      // Outer nodes lie on the outer voxels' centres; beyond, the edge goes on.
      let t = p.clamped(lowerBound: .zero, upperBound: Vector3(6, 4, 5)) * 3 / Vector3(6, 4, 5)
      return field(t)
    }
    expectClose(found.flatMap { [$0.x, $0.y, $0.z] }, expected, atol: 2e-5)
  }
}

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
