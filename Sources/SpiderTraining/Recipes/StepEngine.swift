import SpiderCore
import SpiderTensor

/// The engine of SPIDER's training steps: forward pass, joint loss, backward pass, clipped step of the
/// optimizer.
package struct StepEngine: Sendable {
  /// The report of a step.
  package typealias Report = StepReport<LossTerms>

  private let loss: LossWeights
  private let gradientLimit: Double
  private let spikeLimit: Double
  private let passes: [StepWorkspace]
  private let pool: GradientPool
  private let communicator: (any Communicator)?
  /// Patients of a step, over all processes.
  private let patients: Int

  /// Plans the steps of a network on batches of these shapes, which differ in the number of views alone: all the
  /// memory they need is allocated here.
  ///
  /// - Parameters:
  ///   - loss: the weights of its terms, unless the run's state has some that tune themselves.
  ///   - gradientLimit: gradients longer than this are shortened.
  ///   - spikeLimit: steps farther beyond the usual than this are skipped (``SpikeGuard``); 0: none is.
  ///   - communicator: the processes that have the other parts of each batch; nil: there are none.
  package init(
    _ network: SpiderNetwork, _ shapes: [TrainingBatch.Shape], loss: LossWeights,
    gradientLimit: Double, spikeLimit: Double = 0, communicator: (any Communicator)? = nil
  ) {
    self.loss = loss
    self.gradientLimit = gradientLimit
    self.spikeLimit = spikeLimit
    passes = network.makeWorkspaces(shapes)
    pool = GradientPool(network.layout)
    self.communicator = communicator
    var patients = [Double(shapes[0].patients)]
    communicator?.sum(&patients)
    self.patients = Int(patients[0])
  }

  /// Makes one step, or skips it where its loss or gradient is a spike.
  ///
  /// - Throws: ``TrainingError/diverged(_:)`` when loss or gradient is not finite, and
  ///   ``TrainingError/spikes(_:)`` after too many spikes in a row; nothing has moved then.
  package func step(
    _ state: inout TrainingState, _ batch: TrainingBatch, learningRate: Double
  ) throws(TrainingError) -> Report {
    let network = state.model.network
    guard let pass = passes.first(where: { $0.shape == batch.shape }) else {
      preconditionFailure("a batch of \(batch.shape)")
    }
    network.forward(batch, pass, state.model.parameters)
    let joint = JointLoss(
      weights: state.balance?.weights ?? loss,
      candidates: CandidateClasses(state.model.description.scheme))
    let terms = joint(
      intensity: pass.intensity, logits: pass.logits, trueIntensity: batch.intensity.slice,
      labels: batch.labels, weights: batch.weights
    ) { communicator?.sum(&$0) }
    pool.zero()
    network.backward(batch, pass, state.model.parameters, pool)
    let gradient = pool.sum()
    communicator?.sum(gradient)
    let norm = GradientClipping.norm(of: gradient)
    guard terms.isFinite, norm.isFinite else {
      throw .diverged(divergence(state, batch, pass, terms, gradient))
    }
    let spike = try state.skips(
      loss: terms.total, gradientNorm: norm, limit: spikeLimit, patients: batch.names)
    if let spike {
      state.samples += patients
      return Report(loss: terms, gradientNorm: norm, spike: spike)
    }
    state.adam.update(
      &state.model.parameters, gradient: gradient, learningRate: learningRate,
      scale: GradientClipping.scale(norm: norm, limit: gradientLimit))
    state.balance?.follow(terms)
    state.step += 1
    state.samples += patients
    return Report(loss: terms, gradientNorm: norm)
  }

  /// What is not finite in a step, and of whom: of the patients whose X-rays, truth or answers are not, where there
  /// are any.
  private func divergence(
    _ state: TrainingState, _ batch: TrainingBatch, _ pass: StepWorkspace, _ terms: LossTerms,
    _ gradient: FloatSlice
  ) -> Divergence {
    var found = Divergence.found(
      step: state.step + 1, loss: terms,
      [.init(parameters: state.model.parameters, gradient: gradient)], patients: batch.names)
    guard !found.terms.isEmpty else { return found }
    // The gradients have taken the places of the answers.
    state.model.network.forward(batch, pass, state.model.parameters)
    let points = batch.pointsPerPatient
    let faulty = (0..<batch.patients).filter { patient in
      func share(_ slice: FloatSlice) -> FloatSlice { slice.share(patient, of: batch.patients) }
      let truth = share(batch.intensity.slice)
      let isTrue = (0..<points).allSatisfy {
        batch.labels[patient * points + $0] == LabelScheme.outsideScan || truth[$0].isFinite
      }
      return !isTrue
        || ![batch.images.slice, pass.intensity, pass.logits].allSatisfy { share($0).isFinite }
    }
    let isElsewhere = faulty.isEmpty && communicator != nil
    if isElsewhere || !faulty.isEmpty { found.patients = faulty.map { batch.names[$0] } }
    return found
  }
}

/// All that a training run changes as it goes on: what a checkpoint holds.
public struct TrainingState: RunState {
  /// The model as it is now.
  public var model: SpiderModel
  /// The optimizer's moments.
  public var adam: Adam
  /// Steps made.
  public var step = 0
  /// Patients seen.
  public var samples = 0
  /// Seconds spent training, over all sessions of the run.
  public var seconds = 0.0
  /// The best validation score so far; nil before the first validation.
  public var bestScore: Double?
  /// The guard against steps whose loss jumps.
  public var spikes = SpikeGuard()
  /// The weights of the loss where they tune themselves.
  var balance: LossBalance?

  /// The start of a run: new weights, or those of a trained model of the same architecture.
  public init(_ configuration: TrainingConfiguration, from trained: SpiderModel? = nil) {
    model = SpiderModel(configuration.model, seed: configuration.seed)
    if let trained { model.parameters = trained.parameters }
    adam = Adam(model.network.layout, settings: configuration.adam)
    if configuration.lossBalance == .uncertainty { balance = LossBalance(configuration.loss) }
  }

  /// The scales of the loss's terms.
  public var scalars: [String: Double] {
    get { balance?.scales ?? [:] }
    set { balance?.restore(newValue) }
  }

  /// The one network.
  public static var parts: [StatePart<TrainingState>] {
    [StatePart(prefix: "", parameters: \.model.parameters, adam: \.adam)]
  }
}
