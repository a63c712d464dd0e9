import SpiderCore
import SpiderPhantom
import SpiderTestSupport
import SpiderTraining
import Testing

/// A small network learns one phantom by heart in seconds. With any gradient wrong it does not get
/// there: the bounds lie well below what such a run reaches, and far above what a constant or a
/// network without its X-rays does.
@Suite struct OverfitTests {
  @Test func learnsOnePhantomByHeart() throws {
    let phantom = HeadPhantom(seed: 3).render(on: HeadPhantom.canonicalGrid(size: 32))
    let patient = TrainingCase(
      id: "phantom", isReal: false, ct: phantom.ct, labels: phantom.labels)
    var configuration = Preset.quick.configuration
    configuration.model.architecture.encoderWidths = [8, 12]
    configuration.model.architecture.hiddenWidths = [48, 48]
    configuration.model.setup = ViewSetup(
      pixelSize: SIMD2(14.4, 14.4), columns: 32, rows: 32)
    configuration.augmentation = .none
    configuration.learningRate = LearningRateSchedule(peak: 1e-2, warmupSteps: 10)

    var state = TrainingState(configuration)
    let engine = StepEngine(
      state.model.network, loss: configuration.loss, gradientLimit: configuration.gradientLimit)
    let batches = BatchMaker([patient], configuration)
    var losses: [LossTerms] = []
    let steps = 600
    for step in 0..<steps {
      let rate = configuration.learningRate.rate(
        step: step, progress: Double(step) / Double(steps))
      losses.append(
        try engine.step(&state, batches.batch(step: step), learningRate: rate).loss)
    }
    let last = losses.suffix(10).reduce(0) { $0 + $1.intensity } / 10
    let dice = losses.suffix(10).reduce(0) { $0 + $1.dice } / 10
    print("overfit: intensity \(losses[0].intensity) -> \(last), dice loss -> \(dice)")
    #expect(last < 0.05, "mean absolute error \(last) of the window")
    #expect(dice < 0.3, "Dice loss \(dice)")
  }
}
