import SpiderCore
import SpiderSupport
import SpiderTestSupport
import SpiderTraining
import Testing

@Suite struct DeformationTests {
  private let grid = VoxelGrid(
    nx: 20, ny: 23, nz: 17, affine: Affine(scale: Vector3(4, 5, 6), translation: .zero))

  @Test func warpingAgreesWithItsDefinition() throws {
    var random = SeededGenerator(seed: 2)
    let deformation = try #require(Deformation(deviation: 6, grid: grid, &random))
    let volume = Volume(grid: grid, values: randomValues(grid.count, seed: 3))
    let warped = deformation.warped(volume)
    // Where a place lies within rounding of the border, 0 and the border's value are both right.
    let expected = deformation.referenceWarped(volume)
    let differing = zip(warped, expected).filter { abs(Double($0) - $1) > 1e-4 }.count
    #expect(differing <= 3, "\(differing) of \(grid.count) voxels differ")
    #expect(warped != volume.values)
  }

  /// A linear volume shows the displacement itself: warped - original = gradient . d.
  @Test func displacementsMoveWhatTheySay() throws {
    var random = SeededGenerator(seed: 5)
    let deformation = try #require(Deformation(deviation: 3, grid: grid, &random))
    var ramp = Volume(grid: grid, repeating: 0)
    for index in 0..<grid.count { ramp.values[index] = Float(grid.voxel(at: index).x) + 100 }
    let warped = ramp.withValues(deformation.warped(ramp))
    let places = [Vector3(8, 9, 7), Vector3(10, 12, 9)]
    let moved = deformation.displacements(at: places)
    for (place, displacement) in zip(places, moved) {
      let value = warped[Int(place.x), Int(place.y), Int(place.z)]
      expectClose(Double(value) - 100 - place.x, displacement.x, atol: 1e-4)
    }
    #expect(moved.contains { abs($0.x) > 0.05 })
    #expect(Deformation(deviation: 0, grid: grid, &random) == nil)
  }

  /// The determinant of the Jacobian of x -> x + d(x) at a place inside a cell of the lattice, in mm.
  private func jacobian(_ deformation: Deformation, at place: Vector3) -> Double {
    let spacing = grid.spacing
    // The displacements are trilinear within a cell: differences over a small step are exact but for
    // rounding (Float displacements of up to 100 voxels over 0.02 voxels: 1e-3 or so).
    let step = 0.02
    var places: [Vector3] = []
    for axis in 0..<3 {
      for sign in [1.0, -1] {
        var moved = place
        moved[axis] += sign * step
        places.append(moved)
      }
    }
    let d = deformation.displacements(at: places)
    var columns: [Vector3] = (0..<3).map { axis in
      (d[2 * axis] - d[2 * axis + 1]) * spacing / (2 * step * spacing[axis])
    }
    for axis in 0..<3 { columns[axis][axis] += 1 }
    return dot(columns[0], cross(columns[1], columns[2]))
  }

  /// Topology is kept: over many seeds and all strengths, the Jacobian's determinant stays within what
  /// the bound on the strain promises, and points keep their distance from each other.
  @Test(arguments: [(4.0, 0.5), (4, 0.2), (12, 0.5), (50, 0.9)])
  func nothingFolds(deviation: Double, strain: Double) throws {
    var (smallest, largest) = (Double.infinity, -Double.infinity)
    for seed in 1...60 {
      var random = SeededGenerator(seed: UInt64(seed))
      let deformation = try #require(
        Deformation(deviation: deviation, spacing: 30, strain: strain, grid: grid, &random))
      #expect(deformation.strain <= strain)
      for _ in 0..<60 {
        let place = Vector3(
          random.uniform(in: 0...19), random.uniform(in: 0...22), random.uniform(in: 0...16))
        let determinant = jacobian(deformation, at: place)
        smallest = min(smallest, determinant)
        largest = max(largest, determinant)
        let other = Vector3(
          random.uniform(in: 0...19), random.uniform(in: 0...22), random.uniform(in: 0...16))
        let d = deformation.displacements(at: [place, other])
        let before = (other - place) * grid.spacing
        let after = (other + d[1] - place - d[0]) * grid.spacing
        #expect(length(after) >= (1 - strain) * length(before) - 1e-3)
      }
    }
    let bound = (
      low: (1 - strain) * (1 - strain) * (1 - strain),
      high: (1 + strain) * (1 + strain) * (1 + strain)
    )
    #expect(smallest > bound.low - 0.01 && largest < bound.high + 0.01)
    #expect(smallest > 0, "a deformation folds: \(smallest)")
    // It does deform: volumes change by a good share of what is allowed.
    #expect(smallest < 1 - 0.5 * strain && largest > 1 + 0.5 * strain)
  }

  /// The bound seldom costs strength where it need not: displacements have the deviation asked for.
  @Test func displacementsHaveTheirDeviation() throws {
    let grid = VoxelGrid.canonical(size: 64)
    var squares = 0.0
    for seed in 1...20 {
      var random = SeededGenerator(seed: UInt64(seed))
      let deformation = try #require(Deformation(deviation: 4, grid: grid, &random))
      let places = (0..<200).map { _ in
        Vector3(
          random.uniform(in: 0...63), random.uniform(in: 0...63), random.uniform(in: 0...63))
      }
      squares += deformation.displacements(at: places).reduce(0) {
        $0 + dot($1 * grid.spacing, $1 * grid.spacing)
      }
    }
    // 20 x 200 x 3 numbers of a field with some 500 independent values each: 5 % and what the bound
    // took away.
    let deviation = (squares / (20 * 200 * 3)).squareRoot()
    #expect(deviation > 3.2 && deviation < 4.4, "\(deviation) mm")
  }

  /// What is carried away is found again at its origin.
  @Test func carriedVoxelsComeFromWhereTheyWere() throws {
    var random = SeededGenerator(seed: 8)
    let deformation = try #require(Deformation(deviation: 6, grid: grid, &random))
    let voxels = [Vector3(8, 9, 7), Vector3(3, 18, 11), Vector3(15, 2, 4)]
    let places = deformation.carried(voxels, rounds: 40)
    for (voxel, pair) in zip(voxels, zip(places, deformation.displacements(at: places))) {
      expectClose(length(pair.0 + pair.1 - voxel), 0, atol: 1e-4)
    }
  }
}
