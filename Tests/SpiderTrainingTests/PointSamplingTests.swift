import SpiderCore
import SpiderPhantom
import SpiderTestSupport
import SpiderTraining
import Testing

/// Points are drawn where they teach most, and count so much that the loss is that of points drawn evenly.
@Suite struct PointSamplingTests {
  private func configuration(
    _ compensation: Double, _ augmentation: Augmentation = .none
  ) -> TrainingConfiguration {
    var configuration = TrainingConfiguration()
    configuration.model.setup = ViewSetup(pixelSize: SIMD2(28.8, 28.8), columns: 16, rows: 16)
    configuration.patientsPerStep = 4
    configuration.sampling.count = 20_000
    configuration.sampling.compensation = compensation
    configuration.augmentation = augmentation
    return configuration
  }

  private func head() -> TrainingCase {
    let head = HeadPhantom(seed: 3).render(on: .canonical(size: 32))
    return TrainingCase(id: "phantom", isReal: false, ct: head.ct, labels: head.labels)
  }

  /// The share of each class, weighted, is that of its voxels; unweighted, bone has several times as much.
  @Test func weightsMakeUpForTheDensity() throws {
    let patient = head()
    let batch = try BatchMaker([patient], configuration(1)).batch(step: 0)
    #expect(batch.weights.count == batch.labels.count)
    let total = batch.weights.reduce(0, +)
    // With the inverse of a density they have a mean of one.
    expectClose(Double(total) / Double(batch.weights.count), 1, atol: 0.03)
    for label in LabelScheme.head.classes.indices.map(UInt8.init) {
      let voxels = patient.labels.values.count { $0 == label }
      let expected = Double(voxels) / Double(patient.labels.values.count)
      let weight = zip(batch.labels, batch.weights).reduce(0) { $1.0 == label ? $0 + $1.1 : $0 }
      // Points of a class are hundreds at least: a few percent of chance.
      expectClose(Double(weight / total), expected, rtol: 0.12, atol: 1e-4, "label \(label)")
    }
    let skull = batch.labels.count { $0 == HeadLabel.skull }
    let voxels = patient.labels.values.count { $0 == HeadLabel.skull }
    #expect(
      Double(skull) / Double(batch.labels.count)
        > 2 * Double(voxels) / Double(patient.labels.values.count))
  }

  /// Patients that are moved, made larger and deformed: what bone they have in the world, not in the voxels.
  @Test func aVariedPatientIsMadeUpForAsHeStands() throws {
    var augmentation = Augmentation.none
    (augmentation.shift, augmentation.scale, augmentation.deformation) = (10, 0.08, 2.5)
    let patient = head()
    func share(_ compensation: Double, _ even: Bool) throws -> Double {
      var configuration = configuration(compensation, augmentation)
      if even { (configuration.sampling.boneShare, configuration.sampling.tissueShare) = (0, 0) }
      let batch = try BatchMaker([patient], configuration).batch(step: 1)
      let weights =
        batch.weights.isEmpty
        ? [Float](repeating: 1, count: batch.labels.count) : batch.weights
      let bone = zip(batch.intensity.values, weights).reduce(0) { $1.0 > 0.5 ? $0 + $1.1 : $0 }
      return Double(bone / weights.reduce(0, +))
    }
    let even = try share(0, true)
    expectClose(try share(1, false), even, rtol: 0.08, atol: 0)
    let (alike, half) = (try share(0, false), try share(0.5, false))
    #expect(alike > 2 * even)
    #expect(half > 1.3 * even && half < 0.8 * alike)
  }

  /// Without compensation nothing is weighed, and the points are the same in any case.
  @Test func compensationMovesNoPoint() throws {
    let patient = head()
    let batches = try [0, 0.5, 1].map {
      try BatchMaker([patient], configuration($0)).batch(step: 2)
    }
    #expect(batches[0].weights.isEmpty)
    #expect(batches[1].weights != batches[2].weights)
    #expect(batches.allSatisfy { $0.points.values == batches[0].points.values })
  }

  @Test(arguments: [-0.1, 1.1, .nan]) func anImpossibleCompensationIsRefused(_ value: Double) {
    #expect(configuration(value).fault?.contains("sampling.compensation") == true)
  }

  @Test func nothingDrawnElsewhereCannotBeMadeUpFor() {
    var configuration = configuration(1)
    (configuration.sampling.boneShare, configuration.sampling.tissueShare) = (0.5, 0.5)
    #expect(configuration.fault?.contains("sampling.compensation") == true)
    configuration.sampling.compensation = 0
    #expect(configuration.fault == nil)
  }
}
