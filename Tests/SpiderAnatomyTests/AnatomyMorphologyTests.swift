import SpiderImaging
import SpiderSupport
import SpiderTestSupport
import Testing

struct AnatomyMorphologyTests {
  private static let grid = VoxelGrid(
    nx: 13, ny: 11, nz: 9, affine: Affine(scale: Vector3(1, 1.5, 2)))

  private static func random(_ seed: UInt64, share: Double) -> Mask {
    var generator = SeededGenerator(seed: seed)
    return Mask(grid: grid, values: (0..<grid.count).map { _ in generator.uniform() < share })
  }

  @Test func distancesEqualThoseOfBruteForce() {
    let mask = Self.random(1, share: 0.02)
    let seeds = mask.values.indices.filter { mask.values[$0] }.map { Self.grid.voxel(at: $0) }
    let expected = mask.values.indices.map { index -> Double in
      let v = Self.grid.voxel(at: index)
      return seeds.map { s in
        let d = Vector3(Double(v.x - s.x), 1.5 * Double(v.y - s.y), 2 * Double(v.z - s.z))
        return dot(d, d)
      }.min() ?? .infinity
    }
    #expect(seeds.count > 5)
    expectClose(DistanceTransform.squared(to: mask), expected, atol: 1e-4)
    let none = DistanceTransform.squared(to: Mask(grid: Self.grid, repeating: false))
    #expect(none.allSatisfy { $0 == .infinity })
  }

  /// The fast way is the plain one: voxels by their distances.
  @Test(arguments: [0, 0.9, 1, 1.5, 2, 3.7, 6, 40])
  func dilationIsWhatTheDistancesSay(_ radius: Double) {
    for (seed, share) in [(3, 0.004), (4, 0.05), (5, 0.5)] {
      var mask = Self.random(UInt64(seed), share: share)
      // Slices without a voxel of the set, in the middle and at the end.
      for k in [3, 4, 8] { for n in 0..<143 { mask[n % 13, n / 13, k] = false } }
      let limit = Float(radius * radius * (1 + 1e-6))
      let expected = DistanceTransform.squared(to: mask).map { $0 <= limit }
      #expect(mask.dilated(by: radius).values == expected, "\(radius) mm, seed \(seed)")
    }
    let none = Mask(grid: Self.grid, repeating: false)
    #expect(none.dilated(by: radius).isEmpty)
    let line = Mask(
      grid: VoxelGrid(nx: 1, ny: 1, nz: 1, affine: Affine(scale: Vector3(1, 1, 1))),
      values: [true])
    #expect(line.dilated(by: radius) == line)
  }

  @Test func aBallGrowsFromOneVoxelAndShrinksBack() {
    var point = Mask(grid: Self.grid, repeating: false)
    point[6, 5, 4] = true
    let ball = point.dilated(by: 3)
    // |x| <= 3, 1.5 |y| <= 3, 2 |z| <= 3, counted by hand: 7 + 2 (5 + 1) in each of the planes.
    var expected = 0
    for z in -1...1 {
      for y in -2...2 {
        for x in -3...3 {
          expected += Double(x * x) + 2.25 * Double(y * y) + 4 * Double(z * z) <= 9 ? 1 : 0
        }
      }
    }
    #expect(ball.population == expected && expected > 20)
    #expect(ball.eroded(by: 3) == point)
    #expect(point.opened(by: 1).isEmpty)
  }

  @Test func closingFillsAGapAndTheEdgeOfTheGridDoesNotErode() {
    var slab = Mask(grid: Self.grid, repeating: true)
    for j in 0..<11 {
      for k in 0..<9 { slab[6, j, k] = false }
    }
    #expect(slab.closed(by: 1) == Mask(grid: Self.grid, repeating: true))
    #expect(Mask(grid: Self.grid, repeating: true).eroded(by: 5).population == Self.grid.count)
  }

  @Test func partsAreSeparatedAtEdgesAndCounted() {
    var mask = Mask(grid: Self.grid, repeating: false)
    mask[1, 1, 1] = true
    mask[2, 1, 1] = true
    mask[3, 2, 1] = true  // touches the others along an edge only
    mask[3, 2, 2] = true
    mask[3, 2, 3] = true
    let parts = ConnectedComponents(mask)
    #expect(parts.sizes == [2, 3])
    #expect(parts.largest == 2)
    #expect(parts.mask(of: 1).population == 2 && parts.mask(of: 1)[2, 1, 1])
    // Equal sizes: the first. And nothing has no largest part.
    #expect(ConnectedComponents(Mask(grid: Self.grid, repeating: false)).largest == nil)
    mask[3, 2, 3] = false
    #expect(ConnectedComponents(mask).largest == 1)
  }

  @Test func partsCoverTheSet() {
    let mask = Self.random(2, share: 0.4)
    let parts = ConnectedComponents(mask)
    #expect(parts.sizes.reduce(0, +) == mask.population)
    #expect(parts.mask(of: Set(1...parts.count)) == mask)
  }

  @Test func whatAShellEnclosesIsFilled() {
    let shell = Mask(grid: Self.grid) { k in
      (0..<143).map { n in
        let (i, j) = (n % 13, n / 13)
        let inside = (2...10).contains(i) && (2...8).contains(j) && (1...7).contains(k)
        let hollow = (3...9).contains(i) && (3...7).contains(j) && (2...6).contains(k)
        return inside && !hollow
      }
    }
    #expect(shell.filledInSlices().population == 9 * 7 * 7)
    // A tube open at both ends is enclosed in the slices across it.
    var open = shell
    for k in [1, 7] {
      for j in 3...7 { for i in 3...9 { open[i, j, k] = false } }
    }
    #expect(open.filledInSlices().population == 9 * 7 * 7)
  }
}
