import Foundation
import SpiderCore
import SpiderIO
import SpiderPhantom
import SpiderSupport
import SpiderTestSupport
import SpiderTraining
import Testing

/// Training a model that reads any views: what its batches hold, and that it learns from them.
@Suite struct AnyViewDrawTests {
  private static let configuration: TrainingConfiguration = {
    var configuration = Preset.quick.configuration
    configuration.model = tinyModel(pooling: .mean, anyViews: ViewCounts()).description
    configuration.patientsPerStep = 2
    configuration.sampling.count = 300
    return configuration
  }()

  private static let patients = [UInt64(1), 2].map { seed in
    let head = HeadPhantom(seed: seed).render(on: .canonical(size: 24))
    return TrainingCase(id: "phantom-\(seed)", isReal: false, ct: head.ct, labels: head.labels)
  }

  @Test func everyNumberOfViewsComesUp() throws {
    let maker = BatchMaker(Self.patients, Self.configuration)
    let counts = try (0..<60).map { try maker.batch(step: $0).views }
    #expect(Set(counts) == [1, 2, 3, 4])
    let two = counts.count { $0 == 2 }
    #expect((20...42).contains(two), "\(two) of 60 have two views")
    // The same step is the same batch.
    let (one, again) = (try maker.batch(step: 7), try maker.batch(step: 7))
    #expect(one.images.values == again.images.values)
  }

  /// Rays are unit vectors from where the pixels of the points say; X-rays come from all around and from 800 to 2000 mm.
  @Test func raysAndPixelsTellOfTheSameSource() throws {
    let maker = BatchMaker(Self.patients, Self.configuration)
    var octants = Set<Int>()
    var isTilted = false
    for step in 0..<30 {
      let batch = try maker.batch(step: step)
      let size = 32 * 32
      #expect(batch.images.shape == [2 * batch.views, 4, 32, 32])
      for image in 0..<2 * batch.views {
        let values = batch.images.entry(image).array
        let middle = 16 * 32 + 16
        let ray = (1...3).map { Double(values[$0 * size + middle]) }
        #expect(abs(ray.reduce(0) { $0 + $1 * $1 } - 1) < 1e-5)
        octants.insert(Int((atan2(ray[1], ray[0]) + .pi) / (.pi / 4)))
        isTilted = isTilted || abs(ray[2]) > 0.3
        // A point at the isocentre's height on the central ray is seen in the middle: the pixels of points on either
        // side of it lie on the sides to which the columns count.
        let (patient, view) = (image / batch.views, image % batch.views)
        let columns = SIMD3(-ray[1], ray[0], 0)
        let first = (patient * batch.views + view) * 600
        var product = 0.0
        for point in 0..<300 {
          let place = (0..<3).map { Double(batch.points.values[(patient * 300 + point) * 3 + $0]) }
          let across = place[0] * columns.x + place[1] * columns.y
          product += across * (Double(batch.pixels.values[first + 2 * point]) - 15.5)
        }
        #expect(product < 0, "columns count to the right as seen from the source")
      }
    }
    #expect(octants.count >= 8 && isTilted)
  }

  @Test func stepsOfAnyViewsLearn() throws {
    var configuration = Self.configuration
    configuration.augmentation = .none
    let maker = BatchMaker(Self.patients, configuration)
    var state = TrainingState(configuration)
    let engine = StepEngine(
      state.model.network, configuration.batchShapes(), loss: configuration.loss, gradientLimit: 1)
    let losses = try (0..<60).map {
      try engine.step(&state, maker.batch(step: $0), learningRate: 5e-3).loss.total
    }
    #expect(losses.allSatisfy { $0.isFinite })
    let (early, late) = (losses[..<10].reduce(0, +), losses[50...].reduce(0, +))
    #expect(late < 0.8 * early, "\(early / 10) at first, \(late / 10) at last")
  }

  /// Memory is planned for the most views; files say them, and others keep what they had.
  @Test func configurationsSayAnyViews() throws {
    var named = Self.configuration
    named.model.architecture.anyViews = nil
    #expect(Self.configuration.memory.steps > named.memory.steps)
    #expect(Self.configuration.batchShapes().map(\.views) == [1, 2, 3, 4])
    #expect(named.batchShapes().map(\.views) == [2] && named.batchShape.views == 2)
    let folder = try TemporaryFolder()
    let file = folder["config.yaml"]
    try Data(
      "model: {architecture: {pooling: mean, anyViews: {least: 2, most: 3}}}".utf8
    ).write(to: file)
    let read = try TrainingConfiguration.read(file)
    #expect(read.model.architecture.anyViews == ViewCounts(least: 2, most: 3))
    for extra in [
      "anyViews: {least: 1, most: 4, mean: 2}", "code: {fourier: {octaves: 3, phase: 1}}",
    ] {
      try Data("model: {architecture: {pooling: mean, \(extra)}}".utf8).write(to: file)
      let error = #expect(throws: FileError.self) { try TrainingConfiguration.read(file) }
      #expect(error.map { "\($0)".contains("means nothing") } == true, "\(extra)")
    }
    try Data("model: {architecture: {anyViews: null}}".utf8).write(to: file)
    #expect(try TrainingConfiguration.read(file) == TrainingConfiguration())
    try Data(named.yaml().utf8).write(to: file)
    #expect(try TrainingConfiguration.read(file) == named)
    #expect(try !named.yaml().contains("anyViews"))
    try Data(Self.configuration.yaml().utf8).write(to: file)
    #expect(try TrainingConfiguration.read(file) == Self.configuration)
  }
}
