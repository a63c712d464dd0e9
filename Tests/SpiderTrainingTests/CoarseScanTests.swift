import SpiderCore
import SpiderDRR
import SpiderPhantom
import SpiderSupport
import SpiderTestSupport
import SpiderTraining
import Testing

/// A coarse scan blurs what is thin, moves nothing, and is one story in X-rays and truth.
@Suite struct CoarseScanTests {
  private static let grid = VoxelGrid.canonical(size: 48, side: 96)

  /// Voxels, averaged or thinned out, that divide the grid and that do not.
  private static let scans = [true, false].flatMap { isAveraged in
    [Vector3(4, 4, 6), Vector3(4.7, 4.7, 3.1)].map {
      CoarseScan(spacing: $0, isAveraged: isAveraged)
    }
  }

  private func volume(_ value: (Vector3) -> Double) -> Volume {
    Volume(
      grid: Self.grid,
      values: (0..<Self.grid.count).map { index in
        let voxel = Self.grid.voxel(at: index)
        return Float(
          value(Self.grid.worldPoint(Double(voxel.x), Double(voxel.y), Double(voxel.z))))
      })
  }

  @Test(arguments: 0..<4) func whatIsLinearStaysInItsPlace(_ number: Int) {
    let ramp = volume { $0.x - 2 * $0.y + 3 * $0.z + 500 }
    let scanned = Self.scans[number].scanned(ramp)
    var worst: Float = 0
    for index in ramp.values.indices {
      let voxel = Self.grid.voxel(at: index)
      // Beyond the outermost wide voxels' centres nothing is known of the slope.
      guard voxel.min() >= 3, voxel.max() < 45 else { continue }
      worst = max(worst, abs(scanned.values[index] - ramp.values[index]))
    }
    // Means over parts of voxels take these for uniform: up to a fifth of a voxel, of 12 along all three axes.
    #expect(worst < (number == 1 ? 2.4 : 0.02), "\(worst)")
  }

  @Test func anAveragedSheetKeepsItsMassAndLosesItsHeight() {
    let sheet = volume { abs($0.x - 1) < 1 ? 1000 : 0 }
    let scanned = CoarseScan(spacing: Vector3(6, 6, 2), isAveraged: true).scanned(sheet)
    func sum(_ volume: Volume) -> Double { volume.values.reduce(0) { $0 + Double($1) } }
    expectClose(sum(scanned), sum(sheet), rtol: 0.01, atol: 0)
    #expect((scanned.values.max() ?? 0) < 400)
  }

  @Test func thinningOutTakesTheValueOfOnePlace() {
    // Every third voxel along x is bright: voxels of three of them see all or nothing, by where they begin.
    let comb = volume { point in
      Int((point.x + 47) / 2 + 0.5) % 3 == 1 ? 900 : 0
    }
    let thinned = CoarseScan(spacing: Vector3(6, 2, 2), isAveraged: false).scanned(comb)
    let averaged = CoarseScan(spacing: Vector3(6, 2, 2), isAveraged: true).scanned(comb)
    let middle = Self.grid.index(24, 24, 24)
    expectClose(thinned.values[middle], 900, atol: 0.1)
    expectClose(averaged.values[middle], 300, atol: 0.1)
  }

  @Test func voxelsFinerThanTheGridChangeNothing() {
    let ball = volume { length($0) < 30 ? 1000 : -1000 }
    for isAveraged in [true, false] {
      let scan = CoarseScan(spacing: Vector3(1.5, 1.5, 1), isAveraged: isAveraged)
      expectClose(scan.scanned(ball).values, ball.values, atol: 1e-3)
    }
  }

  /// Scanned coarsely, a head has less dense bone, and the network's answers are asked for of that scan.
  @Test func theTruthOfASampleIsTheCoarseScans() throws {
    let head = HeadPhantom(seed: 3).render(on: .canonical(size: 96))
    let patient = TrainingCase(id: "a", isReal: false, ct: head.ct, labels: head.labels)
    func batch(_ share: Double) throws -> TrainingBatch {
      var configuration = Preset.quick.configuration
      configuration.augmentation = .none
      configuration.augmentation.coarseShare = share
      configuration.patientsPerStep = 1
      return try BatchMaker([patient], configuration).batch(step: 4)
    }
    let (sharp, coarse) = (try batch(0), try batch(1))
    #expect(sharp.points.values == coarse.points.values && sharp.labels == coarse.labels)
    #expect(sharp.images.values != coarse.images.values)
    func dense(_ batch: TrainingBatch) -> Int { batch.intensity.values.count { $0 > 0.65 } }
    #expect(dense(sharp) > 50 && dense(coarse) < dense(sharp))
  }

  @Test func drawsStayWithinTheirRanges() {
    for seed in 0..<50 as Range<UInt64> {
      var random = SeededGenerator(seed: seed)
      let scan = CoarseScan(&random)
      #expect((2...5.5).contains(scan.spacing.x) && scan.spacing.x == scan.spacing.y)
      #expect((1.5...5).contains(scan.spacing.z))
    }
  }
}
