import Foundation
import SpiderCore
import SpiderDRR
import SpiderSupport
import SpiderTestSupport
import SpiderTraining
import Testing

/// The physics of training X-rays drawn at random.
@Suite struct RandomizationTests {
  private func configuration(_ set: (inout RadiographRandomization) -> Void)
    -> TrainingConfiguration
  {
    var configuration = TrainingConfiguration()
    configuration.model.setup = ViewSetup(pixelSize: SIMD2(7.2, 7.2), columns: 64, rows: 64)
    configuration.patientsPerStep = 1
    configuration.sampling.count = 40
    configuration.augmentation.physics.share = 0
    set(&configuration.augmentation.physics)
    return configuration
  }

  /// A ball of water with a shell and a rod of bone.
  private func patient() -> TrainingCase {
    let grid = VoxelGrid.canonical(size: 48)
    var ct = Volume(grid: grid, repeating: -1000)
    for index in 0..<grid.count {
      let voxel = grid.voxel(at: index)
      let p = grid.worldPoint(Double(voxel.x), Double(voxel.y), Double(voxel.z))
      if length(p) < 85 {
        ct.values[index] = length(p) > 78 || abs(p.x) + abs(p.z) < 12 ? 1000 : 20
      }
    }
    return TrainingCase(
      id: "ball", isReal: false, ct: ct, labels: LabelVolume(grid: grid, repeating: 1))
  }

  /// Off, the ranges do not matter and nothing of the sample changes, to the last bit.
  @Test func offChangesNothing() throws {
    let patient = patient()
    let plain = try BatchMaker([patient], configuration { _ in }).batch(step: 4)
    let off = try BatchMaker(
      [patient],
      configuration {
        $0.kilovolts = 50...60
        $0.collimatedShare = 1
      }
    ).batch(step: 4)
    #expect(off.images.values == plain.images.values && off.points.values == plain.points.values)
    let on = try BatchMaker([patient], configuration { $0.share = 1 }).batch(step: 4)
    #expect(on.images.values != plain.images.values)
  }

  /// With films all else is drawn as without them; pictures become films in their share.
  @Test func filmsChangeNothingElse() {
    var without = RadiographRandomization()
    (without.share, without.filmShare) = (1, 0)
    var with = without
    with.filmShare = 0.5
    var (films, pictures) = (0, 0)
    for seed in 0..<400 {
      var streams = (SeededGenerator(seed: UInt64(seed)), SeededGenerator(seed: UInt64(seed)))
      guard let plain = without.draw(&streams.0), var physics = with.draw(&streams.1) else {
        Issue.record("a share of 1 draws always")
        return
      }
      pictures += plain.tone == nil ? 0 : 1
      if let film = physics.film {
        films += 1
        #expect(plain.tone != nil && with.filmContour.contains(film.contour))
        #expect(film.exponent.map(with.filmExponent.contains) == true)
      }
      physics.film = nil
      #expect(physics == plain)
    }
    #expect(abs(films - pictures / 2) < 40 && pictures > 150, "\(films) of \(pictures)")
  }

  @Test func filmsThatCannotBeAreNamed() {
    var ranges = RadiographRandomization()
    ranges.filmContour = -1...1
    #expect(ranges.fault?.contains("filmContour is -1.0...1.0") == true)
    ranges = RadiographRandomization()
    ranges.filmExponent = 0...1
    #expect(ranges.fault?.contains("filmExponent") == true)
    ranges = RadiographRandomization()
    ranges.filmShare = 1.5
    #expect(ranges.fault?.contains("filmShare") == true)
  }

  /// Samples stay functions of seed and step, in the range of the network, and show the same patient:
  /// the correlation with the plain image stays high whatever was drawn.
  @Test func samplesAreRepeatableAndAlike() throws {
    let patient = patient()
    let random = BatchMaker(
      [patient],
      configuration {
        $0.share = 1; $0.collimatedShare = 0
      })
    let plain = BatchMaker([patient], configuration { _ in })
    for step in 0..<12 {
      let images = try random.batch(step: step).images.values
      #expect(try random.batch(step: step).images.values == images)
      #expect(images.allSatisfy { (0...RelativeScale.ceiling).contains($0) })
      let expected = try plain.batch(step: step).images.values
      let count = images.count / 2
      let shown = correlation(
        images[..<count].map(Double.init), expected[..<count].map(Double.init))
      #expect(shown > 0.85, "step \(step): \(shown)")
    }
  }

  private func correlation(_ a: [Double], _ b: [Double]) -> Double {
    let n = Double(a.count)
    let (meanA, meanB) = (a.reduce(0, +) / n, b.reduce(0, +) / n)
    let products = zip(a, b).map {
      (($0 - meanA) * ($1 - meanB), ($0 - meanA) * ($0 - meanA), ($1 - meanB) * ($1 - meanB))
    }
    let sums = products.reduce((0.0, 0.0, 0.0)) { ($0.0 + $1.0, $0.1 + $1.1, $0.2 + $1.2) }
    return sums.0 / (sums.1 * sums.2).squareRoot()
  }

  /// Draws lie in their ranges, use all of them, and every one of them is modelled.
  @Test func drawsFillTheRanges() throws {
    var ranges = RadiographRandomization()
    ranges.share = 0.5
    var random = SeededGenerator(seed: 6)
    let draws = (0..<400).map { _ in ranges.draw(&random) }
    let physics = draws.compactMap { $0 }
    expectClose(Double(physics.count) / 400, 0.5, atol: 0.1, "share")
    let voltages = physics.compactMap { $0.tube?.kilovolts }
    #expect(voltages.count == physics.count && voltages.allSatisfy(ranges.kilovolts.contains))
    #expect((voltages.min() ?? 0) < 65 && (voltages.max() ?? 0) > 115)
    let photons = physics.compactMap(\.photons)
    #expect(photons.contains { $0 < 1e4 } && photons.contains { $0 > 5e5 })
    expectClose(
      Double(physics.filter { $0.tone != nil }.count) / Double(physics.count), 0.5, atol: 0.12)
    expectClose(
      Double(physics.filter { $0.collimation != nil }.count) / Double(physics.count), 0.2,
      atol: 0.1)
    for one in physics.prefix(50) { _ = try XRayChain(one) }
    ranges.share = 0
    let before = random
    #expect(ranges.draw(&random) == nil && random == before)
  }

  @Test func impossibleRangesAreFaults() {
    #expect(RadiographRandomization().fault == nil)
    let changes: [(inout RadiographRandomization) -> Void] = [
      { $0.share = 1.5 }, { $0.share = .nan }, { $0.kilovolts = 20...120 },
      { $0.kilovolts = 60...400 }, { $0.photons = 0...1e5 }, { $0.bits = [] }, { $0.bits = [99] },
      { $0.pictureBits = [1] }, { $0.gamma = 0...1 }, { $0.collimatedMargin = 0...0.6 },
      { $0.heel = -2...0 }, { $0.scatter = -1...1 },
    ]
    for change in changes {
      let configuration = configuration(change)
      #expect(configuration.fault?.hasPrefix("augmentation.physics: ") == true)
    }
  }

  /// The ranges are settings of the configuration file.
  @Test func rangesAreRead() throws {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent(
      "physics-\(UUID().uuidString).yaml")
    defer { try? FileManager.default.removeItem(at: url) }
    try """
    augmentation:
      physics:
        share: 0.7
        kilovolts: [70, 90]
        bits: [12]
    """.write(to: url, atomically: true, encoding: .utf8)
    let read = try TrainingConfiguration.read(url).augmentation.physics
    #expect(read.share == 0.7 && read.kilovolts == 70...90 && read.bits == [12])
    #expect(read.gamma == RadiographRandomization().gamma)
    try "augmentation: {physics: {kilovolts: [90, 70]}}".write(
      to: url, atomically: true, encoding: .utf8)
    #expect(throws: (any Error).self) { try TrainingConfiguration.read(url) }
  }
}
