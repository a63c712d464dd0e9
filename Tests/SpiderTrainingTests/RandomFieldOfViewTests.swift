import SpiderCore
import SpiderDRR
import SpiderPhantom
import SpiderSupport
import SpiderTestSupport
import SpiderTraining
import Testing

/// Scans that end early: what lies beyond is neither seen nor learned, the rest stays as it was.
@Suite struct RandomFieldOfViewTests {
  private static let grid = VoxelGrid.canonical(size: 32)
  private static let tissue = (first: SIMD3(4, 6, 0), last: SIMD3(27, 29, 25))

  @Test("a side ends with its chance, never deeper than 30 % of the patient")
  func sides() {
    var ends = [Int](repeating: 0, count: 6)
    let count = 2000
    for seed in 1...UInt64(count) {
      var random = SeededGenerator(seed: seed)
      let cut = RandomFieldOfView(through: Self.tissue, of: Self.grid, &random)
      for axis in 0..<3 {
        let extent = Double(Self.tissue.last[axis] - Self.tissue.first[axis])
        let low = cut.first[axis] - Self.tissue.first[axis]
        let high = Self.tissue.last[axis] - cut.last[axis]
        #expect(Double(max(low, high)) <= (0.3 * extent).rounded())
        // Where tissue begins with the grid, an end of depth 0 is none.
        if cut.first[axis] > 0 { ends[axis] += 1 }
        if cut.last[axis] < 31 { ends[axis + 3] += 1 }
      }
    }
    let deviation = (0.3 * 0.7 / Double(count)).squareRoot()
    for side in [0, 1, 3, 4, 5] {
      expectClose(Double(ends[side]) / Double(count), 0.3, atol: 4 * deviation, "side \(side)")
    }
  }

  @Test("a block of water keeps its attenuation in the box; its cut faces are the exits")
  func block() {
    let water: Float = 0.02
    var random = SeededGenerator(seed: 5)
    var cut = RandomFieldOfView(through: Self.tissue, of: Self.grid, &random)
    while cut.first.x == 0 || cut.last.z == 31 || cut.first.y > 0 || cut.last.x < 31 {
      cut = RandomFieldOfView(through: Self.tissue, of: Self.grid, &random)
    }
    func isBlock(_ voxel: SIMD3<Int>) -> Bool {
      all(voxel .>= Self.tissue.first) && all(voxel .<= Self.tissue.last)
    }
    var volume = Volume(grid: Self.grid, repeating: 0)
    for index in 0..<Self.grid.count where isBlock(Self.grid.voxel(at: index)) {
      volume.values[index] = water
    }
    let exit = cut.cut(&volume, water: water)
    var expected: Set<Int32> = []
    for index in 0..<Self.grid.count {
      let voxel = Self.grid.voxel(at: index)
      let isScanned = cut.contains(Vector3(Double(voxel.x), Double(voxel.y), Double(voxel.z)))
      #expect(volume.values[index] == (isBlock(voxel) && isScanned ? water : 0))
      if isBlock(voxel), isScanned,
        voxel.x == cut.first.x || voxel.z == cut.last.z || voxel.y == cut.last.y && cut.last.y < 31
      {
        expected.insert(Int32(index))
      }
    }
    #expect(!expected.isEmpty)
    #expect(Set(exit.voxels) == expected && exit.voxels.count == expected.count)
  }

  /// Samples of one head with nothing varied but the scan's end.
  private func batch(cuts: Double, masks: Double = 0, step: Int) throws -> TrainingBatch {
    let head = HeadPhantom(seed: 3).render(on: .canonical(size: 48))
    let patient = TrainingCase(id: "a", isReal: false, ct: head.ct, labels: head.labels)
    var configuration = Preset.quick.configuration
    configuration.augmentation = .none
    configuration.augmentation.cutShare = cuts
    configuration.augmentation.maskedExits = masks
    return try BatchMaker([patient], configuration).batch(step: step)
  }

  @Test("beyond the cut nothing is known, before it the truth is the same")
  func truth() throws {
    var unknown = 0
    for step in 1...3 {
      let (whole, cut) = (try batch(cuts: 0, step: step), try batch(cuts: 1, step: step))
      #expect(whole.points.values == cut.points.values)
      #expect(whole.intensity.values == cut.intensity.values)
      #expect(whole.images.values != cut.images.values)
      for (before, after) in zip(whole.labels, cut.labels) where before != after {
        #expect(after == LabelScheme.outsideScan)
        unknown += 1
      }
    }
    #expect(unknown > 0)
  }

  @Test("masked, pixels whose rays pass through the cut are black")
  func masks() throws {
    var blacker = 0
    for step in 1...3 {
      let seen = try batch(cuts: 1, step: step).images.values
      let masked = try batch(cuts: 1, masks: 1, step: step).images.values
      let lit = seen.indices.filter { seen[$0] > 0.1 }
      blacker += lit.count { masked[$0] == 0 }
      #expect(lit.contains { masked[$0] > 0 }, "nothing is left of step \(step)")
    }
    #expect(blacker > 100)
  }
}
