import SpiderCore
import SpiderDRR
import SpiderTestSupport
import SpiderTraining
import Testing

/// A training sample must tell one story: X-rays, query points, their pixels, intensities and labels
/// all of the same, varied, patient.
@Suite struct SampleTests {
  /// A bright ball off the middle, in a body of water.
  private func patient() -> TrainingCase {
    let grid = VoxelGrid.canonical(size: 64)
    var ct = Volume(grid: grid, repeating: -1000)
    var labels = LabelVolume(grid: grid, repeating: 0)
    for index in 0..<grid.count {
      let voxel = grid.voxel(at: index)
      let p = grid.worldPoint(Double(voxel.x), Double(voxel.y), Double(voxel.z))
      if length(p) < 80 {
        ct.values[index] = 0
        labels.values[index] = HeadLabel.softTissue
      }
      if length(p - Vector3(30, 20, 10)) < 14 {
        ct.values[index] = 2000
        labels.values[index] = HeadLabel.skull
      }
    }
    return TrainingCase(id: "ball", isReal: false, ct: ct, labels: labels)
  }

  @Test(arguments: [0, 1, 2, 3, 4]) func pointsOfTheBallLieOnItsShadow(step: Int) throws {
    var configuration = TrainingConfiguration()
    configuration.model.setup = ViewSetup(pixelSize: SIMD2(7.2, 7.2), columns: 64, rows: 64)
    configuration.patientsPerStep = 1
    configuration.sampling.count = 600
    configuration.augmentation.cutShare = 0
    configuration.augmentation.noise = 0
    configuration.augmentation.physics.share = 0
    let batch = try BatchMaker([patient()], configuration).batch(step: step)
    #expect(batch.images.shape == [2, 1, 64, 64] && batch.pixels.shape == [1, 2, 600, 2])
    let intensity = batch.intensity.values
    let labels = batch.labels
    // Intensity and label agree: the ball is 1 in window units, water 1/3. At the ball's rim seven of
    // the eight voxels around a point can be water: 1/3 + 2/3 / 8.
    for p in 0..<600 where labels[p] == HeadLabel.skull {
      #expect(intensity[p] > 0.41)
    }
    #expect(labels.filter { $0 == HeadLabel.skull }.count > 60)
    for view in 0..<2 {
      let image = batch.images.entry(view).array
      let pixels = Array(batch.pixels.values[view * 1200..<(view + 1) * 1200])
      // The middle of the ball's points projects to the middle of its shadow, the brightest patch.
      let ball = (0..<600).filter { labels[$0] == HeadLabel.skull }
      let c = ball.reduce(0.0) { $0 + Double(pixels[2 * $1]) } / Double(ball.count)
      let r = ball.reduce(0.0) { $0 + Double(pixels[2 * $1 + 1]) } / Double(ball.count)
      let top = image.max() ?? 0
      let bright = image.indices.filter { image[$0] > 0.85 * top }
      let bc = bright.reduce(0.0) { $0 + Double($1 % 64) } / Double(bright.count)
      let br = bright.reduce(0.0) { $0 + Double($1 / 64) } / Double(bright.count)
      expectClose([c, r], [bc, br], atol: 1.2, "view \(view)")
    }
  }

  @Test func samplesDependOnSeedAndStepAlone() throws {
    var configuration = TrainingConfiguration()
    configuration.model.setup = ViewSetup(pixelSize: SIMD2(14.4, 14.4), columns: 32, rows: 32)
    configuration.sampling.count = 50
    let patient = patient()
    let a = try BatchMaker([patient], configuration).batch(step: 9)
    let maker = BatchMaker([patient], configuration)
    _ = try maker.batch(step: 3)
    let b = try maker.batch(step: 9)
    #expect(a.images.values == b.images.values && a.points.values == b.points.values)
    #expect(try maker.batch(step: 10).points.values != a.points.values)
  }

  /// Each sample fills its own part of the batch's memory, in the order of the patients.
  @Test func aBatchIsItsSamplesSideBySide() throws {
    var configuration = TrainingConfiguration()
    configuration.model.setup = ViewSetup(pixelSize: SIMD2(14.4, 14.4), columns: 32, rows: 24)
    configuration.sampling.count = 50
    configuration.patientsPerStep = 3
    let patient = patient()
    let three = try BatchMaker([patient], configuration).batch(step: 5)
    configuration.patientsPerStep = 1
    let one = try BatchMaker([patient], configuration).batch(step: 5)
    #expect(
      three.shape
        == TrainingBatch.Shape(
          patients: 3, views: 2, pointsPerPatient: 50, height: 24, width: 32))
    for path in [\TrainingBatch.images, \.points, \.pixels, \.intensity] {
      let (all, first) = (three[keyPath: path].values, one[keyPath: path].values)
      #expect(all.count == 3 * first.count && Array(all.prefix(first.count)) == first)
      #expect(all.allSatisfy { $0.isFinite })
      // The others are samples of their own, not what was in the memory before.
      #expect(Array(all[first.count..<2 * first.count]) != first)
      #expect(
        try BatchMaker([patient], configuration).batch(step: 5)[keyPath: path].values == first)
    }
    #expect(three.labels.count == 150 && Array(three.labels.prefix(50)) == one.labels)
  }

  /// Points without a label are given what their CT number says, unless they are to be ignored.
  @Test func unlabelledPointsAreNarrowed() throws {
    let ball = patient()
    let unlabelled = TrainingCase(
      id: "ball", isReal: true, ct: ball.ct,
      labels: LabelVolume(grid: ball.ct.grid, repeating: LabelScheme.unknown))
    var configuration = TrainingConfiguration()
    configuration.model.setup = ViewSetup(pixelSize: SIMD2(7.2, 7.2), columns: 64, rows: 64)
    configuration.patientsPerStep = 1
    configuration.sampling.count = 4000
    let batch = try BatchMaker([unlabelled], configuration).batch(step: 0)
    let window = configuration.model.window
    let isWrong = batch.labels.indices.contains { point in
      let hu = window.hounsfield(batch.intensity.values[point])
      switch batch.labels[point] {
      case 251: return hu < 299
      case 252: return hu < -201 || hu > 301
      case 253: return hu > -499
      case LabelScheme.unknown: return hu < -501 || hu > -199
      default: return batch.labels[point] != LabelScheme.outsideScan
      }
    }
    #expect(!isWrong)
    for label: UInt8 in [251, 252, 253] { #expect(batch.labels.contains(label), "\(label)") }
    configuration.unlabelled = .ignored
    let ignored = try BatchMaker([unlabelled], configuration).batch(step: 0)
    #expect(ignored.labels.allSatisfy { $0 >= 254 })
    #expect(ignored.intensity.values == batch.intensity.values)
  }
}
