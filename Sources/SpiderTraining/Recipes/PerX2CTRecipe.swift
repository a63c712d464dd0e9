import Foundation
import SpiderBaselines
import SpiderCore
import SpiderEvaluation
import SpiderIO
import SpiderPhantom
import SpiderSupport
import SpiderTensor

/// The training of PerX2CT: slices of all three axes, the mean absolute difference and, where asked for, LPIPS.
public struct PerX2CTRecipe: TrainingRecipe {
  /// The state of a run.
  public typealias State = PerX2CTRunState
  /// The terms of the loss.
  public typealias Loss = PerX2CTLosses
  /// Their weights.
  public typealias Weights = PerX2CTLossWeights

  /// Some patients' X-rays, and equally many slices of each.
  public struct Batch: Sendable {
    /// (N, 1, S, S), turned as PerX2CT has them.
    let frontal: Tensor
    let lateral: Tensor
    let cameras: [SliceCameras]
    /// The slices, patient by patient.
    let planes: [SliceLattice]
    /// (n, 1, S, S) in window units.
    let truth: Tensor
    /// 1 where it is known.
    let known: Tensor
    /// What the patients are called.
    let names: [String]

    /// The same with a number in every place of which nothing is known, for tests.
    package func withUnknown(_ value: Float) -> Batch {
      Batch(
        frontal: frontal, lateral: lateral, cameras: cameras, planes: planes,
        truth: BaselineSampler.filled(truth, where: known, with: value), known: known,
        names: names)
    }
  }

  private let configuration: BaselineConfiguration
  private let network: PerX2CTConfiguration
  private let sampler: BaselineSampler
  private let perceptual: PerceptualLoss?

  /// Plans to learn from patients; the configuration must be of PerX2CT.
  ///
  /// - Throws: ``TrainingError/badConfiguration(_:)``, or ``/SpiderIO/FileError`` about the weights of LPIPS.
  public init(_ configuration: BaselineConfiguration, training: CaseLibrary) throws {
    guard case .perX2CT(let network) = configuration.model.architecture else {
      throw TrainingError.badConfiguration("it is not one of PerX2CT")
    }
    self.configuration = configuration
    self.network = network
    perceptual = try configuration.perceptual.map {
      try PerceptualLoss(reading: URL(fileURLWithPath: $0.weights))
    }
    sampler = try BaselineSampler(training, configuration)
  }

  /// Length and intervals of the run.
  public var plan: RunPlan { configuration.plan }
  /// The patients that are learned from.
  public var cases: CaseLibrary { sampler.cases }

  /// The weights of the loss's terms.
  public func weights(_ state: PerX2CTRunState) -> PerX2CTLossWeights {
    PerX2CTLossWeights(perceptual: configuration.perceptual?.factor ?? 0)
  }

  /// The start of a run.
  public func start() -> PerX2CTRunState {
    let model = BaselineModel(configuration.model, seed: configuration.seed)
    return PerX2CTRunState(
      model: model, adam: Adam(model.network.layout, settings: configuration.adam))
  }

  /// The learning rate of a step.
  public func learningRate(step: Int, progress: Double) -> Double {
    configuration.learningRate.rate(progress: progress)
  }

  /// The batch of a step.
  public func batch(step: Int) throws -> Batch {
    let size = network.size
    let planes = (0..<configuration.patientsPerStep).map { self.planes(step: step, slot: $0) }
    let slices = planes.reduce(0) { $0 + $1.count }
    let samples = try sampler.samples(step: step, shape: [slices, 1, size, size]) { slot in
      planes[slot].flatMap { $0.points(size: size, count: size) }
    }
    return Batch(
      frontal: samples.frontal, lateral: samples.lateral, cameras: samples.cameras,
      planes: planes.flatMap { $0 }, truth: samples.truth, known: samples.known,
      names: samples.names)
  }

  /// The names of its patients.
  public func patients(of batch: Batch) -> [String] { batch.names }

  /// The slices of one patient of a step: any axis, any place; in the variant "global" half of them
  /// parts of a slice, as published.
  private func planes(step: Int, slot: Int) -> [SliceLattice] {
    var random = SeededGenerator(seed: configuration.seed &+ 3).fork(UInt64(step))
      .fork(UInt64(slot))
    let axes = SliceLattice.Axis.allCases
    return (0..<configuration.slicesPerPatient).map { _ in
      let axis = axes[random.index(below: axes.count)]
      let index = random.index(below: network.size)
      guard network.isGlobal, random.uniform() < 0.5 else { return SliceLattice(axis, index) }
      // Sizes and places in voxels of 128.
      let unit = Double(network.size) / 128
      let side = random.uniform(in: 32...128)
      func place() -> Double { random.uniform(in: -8...max(-8, 136 - side)) }
      return SliceLattice(
        axis, index,
        zoom: SliceLattice.Zoom(size: unit * side, row: unit * place(), column: unit * place()))
    }
  }

  /// The function that makes steps.
  public func stepper(for state: PerX2CTRunState) -> Step {
    let (factor, spikeLimit) = (weights(state).perceptual, configuration.spikeLimit)
    let step = PerX2CTTrainingStep(PerX2CT(network), perceptual: perceptual, factor: factor)
    let pool = GradientPool(step.network.layout)
    let frozen = configuration.freezesFirstLayer ? step.network.firstLayer : []
    return { (state, batch, rate) throws(TrainingError) in
      pool.zero()
      let (loss, pass) = step.gradient(
        pa: batch.frontal, lateral: batch.lateral, batch.planes, cameras: batch.cameras,
        truth: batch.truth, known: batch.known, state.model.parameters, pool)
      let gradient = pool.sum()
      for parameter in frozen { pool.slice(parameter).fill(0) }
      let norm = GradientClipping.norm(of: gradient)
      let losses = PerX2CTLosses(
        intensity: loss.intensity, perceptual: loss.perceptual,
        total: loss.intensity + factor * loss.perceptual)
      guard losses.termsNotFinite.isEmpty, norm.isFinite else {
        throw .diverged(
          .found(
            step: state.step + 1, loss: losses,
            [.init(parameters: state.model.parameters, gradient: gradient)],
            patients: batch.names))
      }
      let spike = try state.skips(
        loss: losses.total, gradientNorm: norm, limit: spikeLimit, patients: batch.names)
      if let spike {
        state.samples += batch.frontal.shape[0]
        return StepReport(loss: losses, gradientNorm: norm, spike: spike)
      }
      state.adam.update(&state.model.parameters, gradient: gradient, learningRate: rate)
      pass.updateAverages(of: &state.model.parameters)
      state.step += 1
      state.samples += batch.frontal.shape[0]
      return StepReport(loss: losses, gradientNorm: norm)
    }
  }

  /// The model as it is now.
  public func method(_ state: PerX2CTRunState) -> any ReconstructionModel { state.model }

  /// Writes the model as it is now.
  public func write(
    _ state: PerX2CTRunState, record: [String: String], to url: URL
  ) throws(FileError) {
    try state.model.write(record: record, to: url)
  }

  /// The configuration as `config.yaml` holds it.
  public func configurationText() throws -> String { try configuration.yaml() }

  /// A text that two configurations share exactly when they train the same way.
  public func fingerprint() throws -> String { try configuration.fingerprint() }
}

/// All that a run of PerX2CT changes.
public struct PerX2CTRunState: RunState {
  /// The model as it is now.
  public var model: BaselineModel
  /// The optimizer.
  public var adam: Adam
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

  /// The one network.
  public static var parts: [StatePart<PerX2CTRunState>] {
    [StatePart(prefix: "", parameters: \.model.parameters, adam: \.adam)]
  }
}

/// The terms of PerX2CT's loss.
public struct PerX2CTLosses: LossReport {
  /// Mean absolute difference of the slices, window units.
  public var intensity = 0.0
  /// LPIPS, before its factor.
  public var perceptual = 0.0
  /// The loss.
  public var total = 0.0

  /// Nothing added up yet.
  public static var zero: PerX2CTLosses { PerX2CTLosses() }

  /// Its terms.
  public var terms: [(name: String, value: Double)] {
    [("intensity", intensity), ("perceptual", perceptual)]
  }

  /// Adds another step's terms.
  public mutating func add(_ other: PerX2CTLosses) {
    intensity += other.intensity
    perceptual += other.perceptual
    total += other.total
  }

  /// Multiplies every term.
  public mutating func scale(by factor: Double) {
    intensity *= factor
    perceptual *= factor
    total *= factor
  }
}

/// The weights of the terms of PerX2CT's loss.
public struct PerX2CTLossWeights: Codable, Sendable {
  /// Of the mean absolute difference.
  public var intensity = 1.0
  /// Of LPIPS.
  public var perceptual = 0.0
}
