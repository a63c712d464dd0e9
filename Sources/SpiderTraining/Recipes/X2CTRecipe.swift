import Foundation
import SpiderBaselines
import SpiderCore
import SpiderEvaluation
import SpiderIO
import SpiderSupport
import SpiderTensor

/// The training of X2CT-GAN: whole volumes, generator and discriminator in turns.
public struct X2CTRecipe: TrainingRecipe {
  /// The state of a run.
  public typealias State = X2CTRunState
  /// The terms of both networks' losses.
  public typealias Loss = X2CTLosses
  /// Their weights.
  public typealias Weights = X2CTLossWeights

  /// Some patients' X-rays and CTs, as the network stores them.
  public struct Batch: Sendable {
    /// (N, 1, S, S), frontal and lateral.
    let images: [Tensor]
    /// (N, 1, S, S, S) in window units.
    let ct: Tensor
    /// 1 where it is known.
    let known: Tensor
    /// What the patients are called.
    let names: [String]

    /// The same with a number in every place of which nothing is known, for tests.
    package func withUnknown(_ value: Float) -> Batch {
      Batch(
        images: images, ct: BaselineSampler.filled(ct, where: known, with: value), known: known,
        names: names)
    }
  }

  private let configuration: BaselineConfiguration
  private let architecture: X2CTArchitecture
  private let sampler: BaselineSampler

  /// Plans to learn from patients; the configuration must be of X2CT-GAN.
  ///
  /// - Throws: ``TrainingError/badConfiguration(_:)``.
  public init(_ configuration: BaselineConfiguration, training: CaseLibrary) throws {
    guard case .x2ctGAN(let architecture) = configuration.model.architecture else {
      throw TrainingError.badConfiguration("it is not one of X2CT-GAN")
    }
    self.configuration = configuration
    self.architecture = architecture
    sampler = try BaselineSampler(training, configuration)
  }

  /// Length and intervals of the run.
  public var plan: RunPlan { configuration.plan }
  /// The patients that are learned from.
  public var cases: CaseLibrary { sampler.cases }

  /// The weights of the loss's terms, as published.
  public func weights(_ state: X2CTRunState) -> X2CTLossWeights { X2CTLossWeights() }

  /// The start of a run.
  public func start() -> X2CTRunState {
    let model = BaselineModel(configuration.model, seed: configuration.seed)
    let discriminator = PatchDiscriminator(architecture.discriminator)
    return X2CTRunState(
      model: model,
      discriminator: ParameterArena(discriminator.layout, seed: configuration.seed &+ 1),
      generatorAdam: Adam(model.network.layout, settings: configuration.adam),
      discriminatorAdam: Adam(discriminator.layout, settings: configuration.adam))
  }

  /// The learning rate of a step.
  public func learningRate(step: Int, progress: Double) -> Double {
    configuration.learningRate.rate(progress: progress)
  }

  /// The batch of a step.
  public func batch(step: Int) throws -> Batch {
    let size = architecture.generator.inputSize
    let points = (0..<size).flatMap {
      SliceLattice(.axial, $0).points(size: size, count: size)
    }
    let samples = try sampler.samples(
      step: step, shape: [configuration.patientsPerStep, 1, size, size, size]
    ) { _ in points }
    return Batch(
      images: [samples.frontal, samples.lateral], ct: samples.truth, known: samples.known,
      names: samples.names)
  }

  /// The names of its patients.
  public func patients(of batch: Batch) -> [String] { batch.names }

  /// The function that makes steps: both gradients, then both optimizers. That is the published order, since the
  /// discriminator judges what was made before the generator's step. Loss and gradient of the generator say whether a
  /// step is a spike: those of the discriminator come and go with who is ahead.
  public func stepper(for state: X2CTRunState) -> Step {
    let generator = X2CTGenerator(architecture.generator, architecture.variant)
    let discriminator = PatchDiscriminator(architecture.discriminator)
    let step = X2CTTrainingStep(generator, discriminator, weights: weights(state))
    let (made, judged) = (GradientPool(generator.layout), GradientPool(discriminator.layout))
    let random = SeededGenerator(seed: configuration.seed &+ 2)
    let spikeLimit = configuration.spikeLimit
    return { (state, batch, rate) throws(TrainingError) in
      made.zero()
      let pass = Tape(
        state.model.parameters, pool: made, dropout: random.fork(UInt64(state.step)))
      let result = step.generatorGradient(
        batch.images, ct: batch.ct, known: batch.known, pass,
        judging: Tape(state.discriminator, pool: judged, isTraining: false))
      judged.zero()
      let judging = Tape(state.discriminator, pool: judged)
      let verdict = step.discriminatorGradient(
        made: result.volume, ct: result.truth, condition: result.condition, judging)
      let losses = X2CTLosses(
        adversarial: result.adversarial, voxels: result.voxels, projections: result.projections,
        discriminator: verdict, total: result.total)
      let (gradient, judgement) = (made.sum(), judged.sum())
      let norm = GradientClipping.norm(of: gradient)
      guard losses.termsNotFinite.isEmpty, norm.isFinite,
        GradientClipping.norm(of: judgement).isFinite
      else {
        throw .diverged(
          .found(
            step: state.step + 1, loss: losses,
            [
              .init(
                prefix: "generator.", parameters: state.model.parameters, gradient: gradient),
              .init(
                prefix: "discriminator.", parameters: state.discriminator, gradient: judgement),
            ], patients: batch.names))
      }
      let spike = try state.skips(
        loss: losses.total, gradientNorm: norm, limit: spikeLimit, patients: batch.names)
      if let spike {
        state.samples += batch.ct.shape[0]
        return StepReport(loss: losses, gradientNorm: norm, spike: spike)
      }
      state.generatorAdam.update(
        &state.model.parameters, gradient: gradient, learningRate: rate)
      pass.updateAverages(of: &state.model.parameters)
      state.discriminatorAdam.update(
        &state.discriminator, gradient: judgement, learningRate: rate)
      judging.updateAverages(of: &state.discriminator)
      state.step += 1
      state.samples += batch.ct.shape[0]
      return StepReport(loss: losses, gradientNorm: norm)
    }
  }

  /// The model as it is now.
  public func method(_ state: X2CTRunState) -> any ReconstructionModel { state.model }

  /// Writes the generator as it is now.
  public func write(
    _ state: X2CTRunState, record: [String: String], to url: URL
  ) throws(FileError) {
    try state.model.write(record: record, to: url)
  }

  /// The configuration as `config.yaml` holds it.
  public func configurationText() throws -> String { try configuration.yaml() }

  /// A text that two configurations share exactly when they train the same way.
  public func fingerprint() throws -> String { try configuration.fingerprint() }
}

/// All that a run of X2CT-GAN changes: both networks and their optimizers.
public struct X2CTRunState: RunState {
  /// The generator.
  public var model: BaselineModel
  /// The numbers of the discriminator.
  package var discriminator: ParameterArena
  /// The generator's optimizer.
  public var generatorAdam: Adam
  /// The discriminator's.
  public var discriminatorAdam: Adam
  /// Steps made.
  public var step = 0
  /// Patients seen.
  public var samples = 0
  /// Seconds spent training.
  public var seconds = 0.0
  /// The best validation score so far.
  public var bestScore: Double?
  /// The guard against steps whose loss jumps.
  public var spikes = SpikeGuard()

  /// Both networks.
  public static var parts: [StatePart<X2CTRunState>] {
    [
      StatePart(prefix: "generator.", parameters: \.model.parameters, adam: \.generatorAdam),
      StatePart(prefix: "discriminator.", parameters: \.discriminator, adam: \.discriminatorAdam),
    ]
  }
}

/// The terms of X2CT-GAN's losses, weighted.
public struct X2CTLosses: LossReport {
  /// The adversarial term: low where the discriminator takes the made volume for real.
  public var adversarial = 0.0
  /// Mean squared difference of the volumes.
  public var voxels = 0.0
  /// Mean absolute difference of parallel projections.
  public var projections = 0.0
  /// The discriminator's own loss, which is not part of the generator's.
  public var discriminator = 0.0
  /// The generator's loss.
  public var total = 0.0

  /// Nothing added up yet.
  public static var zero: X2CTLosses { X2CTLosses() }

  /// Its terms.
  public var terms: [(name: String, value: Double)] {
    [
      ("adversarial", adversarial), ("voxels", voxels), ("projections", projections),
      ("discriminator", discriminator),
    ]
  }

  /// Adds another step's terms.
  public mutating func add(_ other: X2CTLosses) {
    adversarial += other.adversarial
    voxels += other.voxels
    projections += other.projections
    discriminator += other.discriminator
    total += other.total
  }

  /// Multiplies every term.
  public mutating func scale(by factor: Double) {
    adversarial *= factor
    voxels *= factor
    projections *= factor
    discriminator *= factor
    total *= factor
  }
}
