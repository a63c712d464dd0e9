import Foundation
import SpiderCore
import SpiderIO
import SpiderPhantom
import SpiderSupport
import SpiderTensor
import SpiderTestSupport
import SpiderTraining
import Testing

/// How patients are varied, and what training must not hear of.
@Suite struct AugmentationTests {
  private func configuration(
    _ change: (inout Augmentation) -> Void = { _ in }
  ) -> TrainingConfiguration {
    var configuration = TrainingConfiguration()
    configuration.model.setup = ViewSetup(pixelSize: SIMD2(7.2, 7.2), columns: 64, rows: 64)
    configuration.patientsPerStep = 1
    configuration.sampling.count = 500
    configuration.augmentation.physics.share = 0
    change(&configuration.augmentation)
    return configuration
  }

  private func head(_ size: Int = 32) -> TrainingCase {
    let head = HeadPhantom(seed: 3).render(on: .canonical(size: size))
    return TrainingCase(id: "phantom", isReal: false, ct: head.ct, labels: head.labels)
  }

  /// Everything on: the same bits whatever the thread count and whatever was made before.
  @Test func aSampleDependsOnSeedStepAndSlotAlone() throws {
    var configuration = configuration { $0.physics.share = 0.5 }
    configuration.patientsPerStep = 3
    let patients = [head(), head(24)]
    func batch() throws -> TrainingBatch {
      try BatchMaker(patients, configuration).batch(step: 7)
    }
    let expected = try Parallel.withWorkerCount(1) { try batch() }
    for workers in [2, 5] {
      let found = try Parallel.withWorkerCount(workers) { try batch() }
      #expect(found.images.values == expected.images.values)
      #expect(found.points.values == expected.points.values)
      #expect(found.pixels.values == expected.pixels.values)
      #expect(found.intensity.values == expected.intensity.values)
      #expect(found.labels == expected.labels)
    }
    configuration.seed += 1
    #expect(try batch().points.values != expected.points.values)
  }

  /// Each kind has a random stream of its own: without one, the others are as they were.
  @Test func kindsOfVariationAreIndependent() throws {
    let patient = head()
    func batch(_ change: (inout Augmentation) -> Void) throws -> TrainingBatch {
      try BatchMaker([patient], configuration(change)).batch(step: 2)
    }
    let all = try batch { _ in }
    let withoutTissue = try batch { $0.tissue = .none }
    #expect(withoutTissue.points.values == all.points.values && withoutTissue.labels == all.labels)
    #expect(withoutTissue.intensity.values != all.intensity.values)
    let withoutNoise = try batch { $0.noise = 0 }
    #expect(withoutNoise.intensity.values == all.intensity.values)
    #expect(withoutNoise.images.values != all.images.values)
    let withoutTurn = try batch { $0.viewTurnDegrees = 0 }
    #expect(withoutTurn.points.values == all.points.values)
    #expect(withoutTurn.pixels.values != all.pixels.values)
    let withoutDistance = try batch { $0.sourceDistance = 0.1 }
    #expect(withoutDistance.points.values == all.points.values)
    #expect(withoutDistance.pixels.values != all.pixels.values)
  }

  /// Shifts reach 20 mm and turns 10 degrees, and no further: a rod's two ends say how it lies.
  @Test func posesStayWithinTheirRanges() throws {
    let grid = VoxelGrid.canonical(size: 64)
    var ct = Volume(grid: grid, repeating: -1000)
    var labels = LabelVolume(grid: grid, repeating: 0)
    let ends = [Vector3(0, 0, 50), Vector3(0, 0, -50)]
    for index in 0..<grid.count {
      let voxel = grid.voxel(at: index)
      let p = grid.worldPoint(Double(voxel.x), Double(voxel.y), Double(voxel.z))
      for (end, label) in zip(ends, [HeadLabel.skull, HeadLabel.mandible])
      where length(p - end) < 16 {
        (ct.values[index], labels.values[index]) = (1000, label)
      }
    }
    let rod = TrainingCase(id: "rod", isReal: false, ct: ct, labels: labels)
    var configuration = configuration {
      $0 = .none
      $0.shift = 20
      $0.turnDegrees = 10
    }
    configuration.sampling.boneShare = 1
    configuration.sampling.tissueShare = 0
    configuration.sampling.compensation = 0
    let maker = BatchMaker([rod], configuration)
    var (farthest, steepest) = (0.0, 0.0)
    for step in 0..<60 {
      let batch = try maker.batch(step: step)
      func middle(_ label: UInt8) -> Vector3 {
        let found = (0..<500).filter { batch.labels[$0] == label }
        return found.reduce(Vector3.zero) { sum, p in
          sum
            + Vector3(
              Double(batch.points.values[3 * p]), Double(batch.points.values[3 * p + 1]),
              Double(batch.points.values[3 * p + 2])) * 256
        } / Double(max(1, found.count))
      }
      let (top, bottom) = (middle(HeadLabel.skull), middle(HeadLabel.mandible))
      let shift = (top + bottom) / 2
      farthest = max(farthest, abs(shift.x), abs(shift.y), abs(shift.z))
      steepest = max(
        steepest, acos(min(1, (top.z - bottom.z) / length(top - bottom))) * 180 / .pi)
    }
    // The middle of 250 points of a ball of 16 mm is known to 0.5 mm or so, hence the slope to 1 degree.
    #expect(farthest > 15 && farthest < 21.5, "\(farthest) mm")
    #expect(steepest > 6 && steepest < 11.2, "\(steepest) degrees")
  }

  /// The curve of CT numbers changes X-rays and truth alike: 10 % more of all attenuation is 10 % more
  /// of every line integral, and of 1000 + HU.
  @Test func tissueVariesInXraysAndTruthAlike() throws {
    let patient = head()
    func batch(_ gain: Double, step: Int) throws -> TrainingBatch {
      var configuration = configuration {
        $0 = .none
        $0.tissue.gain = gain
      }
      configuration.model.intensity = .absolute
      return try BatchMaker([patient], configuration).batch(step: step)
    }
    for step in 0..<4 {
      let (varied, plain) = (try batch(0.2, step: step), try batch(0, step: step))
      let sums = [varied, plain].map { $0.images.values.reduce(0.0) { $0 + Double($1) } }
      let factor = sums[0] / sums[1]
      #expect(abs(factor - 1) > 1e-3 && abs(factor - 1) < 0.2)
      for index in plain.intensity.values.indices where plain.intensity.values[index] < 0.75 {
        expectClose(
          Double(varied.intensity.values[index]), factor * Double(plain.intensity.values[index]),
          atol: 2e-4)
      }
    }
  }

  /// Denser bone leaves fat and muscle alone; other fat leaves bone alone; air stays air.
  @Test func eachTissueVariesByItself() throws {
    let grid = VoxelGrid.canonical(size: 32)
    func range(
      _ hu: Float, _ change: (inout TissueVariation) -> Void
    ) throws -> (air: Float, tissue: Float) {
      var ct = Volume(grid: grid, repeating: -1000)
      for index in 0..<grid.count / 2 { ct.values[index] = hu }
      let patient = TrainingCase(
        id: "\(hu)", isReal: false, ct: ct, labels: LabelVolume(grid: grid, repeating: 1))
      let configuration = configuration {
        $0 = .none
        change(&$0.tissue)
      }
      let values = try BatchMaker([patient], configuration).batch(step: 1).intensity.values
      let found = values.map { ($0 * 30_000).rounded() / 10 - 1000 }
      return (found.min() ?? 0, found.max() ?? 0)
    }
    #expect(try range(40) { $0.boneDensity = 0.3 }.tissue == 40)
    #expect(try range(-100) { $0.boneDensity = 0.3 }.tissue == -100)
    let bone = try range(1040) { $0.boneDensity = 0.3 }.tissue
    #expect(bone != 1040 && abs(bone - 1040) <= 300)
    #expect(try range(1040) { $0.fat = 30 }.tissue == 1040)
    let fat = try range(-100) { $0.fat = 30 }.tissue
    #expect(fat != -100 && abs(fat + 100) <= 30)
    for change: (inout TissueVariation) -> Void in [
      { $0.fat = 60 }, { $0.soft = 60 }, { $0.boneDensity = 0.5 }, { $0.gain = 0.2 },
    ] {
      #expect(try range(40, change).air == -1000, "air is no longer air")
    }
  }

  // MARK: What nobody knows

  /// Where no structure is known the CT number tells tissue from air: points are drawn in the one, and not as tissue in the
  /// other, as in a patient whose structures are known.
  @Test func unlabelledAirIsNoTissue() throws {
    let grid = VoxelGrid.canonical(size: 32, side: 256)
    let head = HeadPhantom(seed: 5).render(on: grid)
    var hidden = head.labels
    for index in hidden.values.indices where grid.voxel(at: index).z < 20 {
      hidden.values[index] = LabelScheme.unknown
    }
    let whole = TrainingCase(id: "a", isReal: false, ct: head.ct, labels: head.labels)
    let partial = TrainingCase(id: "a", isReal: false, ct: head.ct, labels: hidden)
    #expect(partial.bone == whole.bone && !partial.bone.isEmpty)
    let isRight = partial.tissue.allSatisfy {
      grid.voxel(at: Int($0)).z >= 20 || head.ct.values[Int($0)] >= -300
    }
    #expect(isRight)
    // Cavities are a class, and air where nobody says so; skin is half air in some voxels, and background.
    let below = [whole, partial].map { $0.tissue.count { grid.voxel(at: Int($0)).z < 20 } }
    #expect(below[0] > 2000 && abs(below[0] - below[1]) * 10 < below[0])
    #expect(whole.tissue.count - below[0] == partial.tissue.count - below[1])
  }

  /// Whatever stands in voxels outside the scan, no loss hears of it; of voxels of unknown structure
  /// only the intensity counts.
  @Test func unknownVoxelsAreExcluded() throws {
    let whole = head()
    let grid = whole.ct.grid
    var labels = whole.labels
    for index in 0..<grid.count {
      let voxel = grid.voxel(at: index)
      if voxel.z < 12 { labels.values[index] = LabelScheme.outsideScan }
      if voxel.z >= 24 { labels.values[index] = LabelScheme.unknown }
    }
    func batch(_ outside: Float, _ unknown: Float) throws -> TrainingBatch {
      var ct = whole.ct
      for index in 0..<grid.count where labels.values[index] == LabelScheme.outsideScan {
        ct.values[index] = outside
      }
      for index in 0..<grid.count where labels.values[index] == LabelScheme.unknown {
        ct.values[index] = unknown
      }
      let patient = TrainingCase(id: "part", isReal: true, ct: ct, labels: labels)
      var configuration = configuration()
      configuration.sampling.boneShare = 0
      configuration.sampling.tissueShare = 0
      return try BatchMaker([patient], configuration).batch(step: 3)
    }
    func loss(_ batch: TrainingBatch) -> LossTerms {
      var (x, z) = (
        Tensor([500], repeating: 0.4), Tensor([3500], randomValues(3500, seed: 1))
      )
      return JointLoss(weights: LossWeights())(
        intensity: x.mutableSlice(), logits: z.mutableSlice(),
        trueIntensity: batch.intensity.slice, labels: batch.labels)
    }
    let (first, other) = (try batch(-1000, 100), try batch(1500, 100))
    #expect(first.labels == other.labels)
    #expect(
      first.labels.contains(LabelScheme.outsideScan) && first.labels.contains(LabelScheme.unknown))
    #expect(loss(first) == loss(other))
    let third = try batch(-1000, 700)
    #expect(loss(third).intensity != loss(first).intensity)
    #expect(loss(third).crossEntropy == loss(first).crossEntropy)
    #expect(loss(third).dice == loss(first).dice)
  }

  /// Every ray that passes a voxel at the end of the scan is masked, and hardly any other.
  @Test func raysThatLeaveTheScanThroughTissueAreMasked() throws {
    let patient = head(64)
    for share in [0.0, 1] {
      let maker = BatchMaker(
        [patient],
        configuration {
          $0 = .none
          $0.maskedExits = share
        })
      let image = try maker.batch(step: 0).images.entry(0).array
      // The neck leaves the cube 126 mm under the isocentre, -60 to 40 mm in front of it: with 7.2 mm
      // pixels rows 31.5 + 126 x 1500 / (1000 + y) / 7.2, that is 57 to 59.
      let neck = (57..<60).map { row in image[row * 64 + 31] }
      #expect(neck.allSatisfy { $0 == 0 } == (share == 1), "\(neck)")
      #expect(image[40 * 64 + 31] > 0.3)
    }
  }

  /// A block of tissue that fills the cube: every ray leaves through tissue. It is seen as cut off
  /// rather than not at all.
  @Test func aPatientOfExitsAloneIsSeen() throws {
    let grid = VoxelGrid.canonical(size: 16)
    let block = TrainingCase(
      id: "block", isReal: true, ct: Volume(grid: grid, repeating: 40),
      labels: LabelVolume(grid: grid, repeating: 1))
    for share in [0.0, 1] {
      let batch = try BatchMaker([block], configuration { $0.maskedExits = share }).batch(step: 1)
      #expect(batch.images.values.contains { $0 > 0.5 })
    }
  }

  // MARK: Settings

  @Test func impossibleSettingsAreNamed() {
    let changes: [(String, (inout Augmentation) -> Void)] = [
      ("shift", { $0.shift = -1 }), ("turnDegrees", { $0.turnDegrees = 400 }),
      ("deformation", { $0.deformation = .nan }),
      ("deformationSpacing", { $0.deformationSpacing = 0 }),
      ("deformationStrain", { $0.deformationStrain = 1 }), ("tissue.fat", { $0.tissue.fat = 500 }),
      ("tissue.boneDensity", { $0.tissue.boneDensity = -0.1 }),
      ("sourceDistance", { $0.sourceDistance = 2 }), ("maskedExits", { $0.maskedExits = 1.1 }),
    ]
    #expect(Augmentation().fault == nil && Augmentation.none.fault == nil)
    for (name, change) in changes {
      var augmentation = Augmentation()
      change(&augmentation)
      #expect(augmentation.fault?.hasPrefix("augmentation.\(name) is ") == true, "\(name)")
    }
  }

  /// A configuration of an earlier version, without the newer settings, is read: these have their
  /// defaults.
  @Test func olderConfigurationsAreRead() throws {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent(
      "old-\(UUID().uuidString).yaml")
    defer { try? FileManager.default.removeItem(at: url) }
    try """
    augmentation:
      shift: 12
      turnDegrees: 10
      scale: 0.08
      stretch: 0.06
      shear: 0.04
      deformation: 3
      mirror: true
      viewTurnDegrees: 1.5
      noise: 0.01
    """.write(to: url, atomically: true, encoding: .utf8)
    let read = try TrainingConfiguration.read(url).augmentation
    #expect(read.shift == 12 && read.deformation == 3)
    #expect(read.tissue == TissueVariation() && read.physics == Augmentation().physics)
    #expect(read.physics.share == 0.5)
    try "augmentation: {deformationStrain: 2}".write(to: url, atomically: true, encoding: .utf8)
    #expect {
      try TrainingConfiguration.read(url)
    } throws: { error in
      "\(error)".contains("augmentation.deformationStrain is 2.0")
    }
  }
}
