import SpiderCore

/// Everything about a training run that is not data: what `config.yaml` holds.
public struct TrainingConfiguration: Codable, Equatable, Sendable {
  /// The network and what it is fed.
  public var model: ModelDescription
  /// Patients a step.
  public var patientsPerStep = 4
  /// How their points are drawn.
  public var sampling = PointSampling()
  /// How patients and X-rays are varied.
  public var augmentation = Augmentation()
  /// How much each term of the loss counts.
  public var loss = LossWeights()
  /// Warm-up and decay of the learning rate.
  public var learningRate = LearningRateSchedule()
  /// The optimizer.
  public var adam = Adam.Settings()
  /// Gradients longer than this are shortened.
  public var gradientLimit = 1.0
  /// The share of real patients in what a step sees, when there are phantoms as well.
  public var realShare = 0.6
  /// Steps of the run; with `minutes`, only a record.
  public var steps = 2000
  /// Minutes of training instead of steps, over all sessions of the run; 0 counts steps.
  public var minutes = 0.0
  /// Steps between validations.
  public var validationInterval = 200
  /// Voxels along a side of the validation volumes.
  public var validationSize = 64
  /// Steps between checkpoints.
  public var checkpointInterval = 100
  /// Steps between lines of the log.
  public var logInterval = 10
  /// Where all randomness starts.
  public var seed: UInt64 = 1

  /// The defaults for a model.
  public init(model: ModelDescription = ModelDescription(architecture: SpiderArchitecture())) {
    self.model = model
  }

  /// The sizes of every batch of the run.
  package var batchShape: TrainingBatch.Shape {
    TrainingBatch.Shape(
      patients: patientsPerStep, views: model.views.count, pointsPerPatient: sampling.count,
      height: model.setup.rows, width: model.setup.columns)
  }

  /// Why a run of this configuration cannot be, or nil.
  public var fault: String? {
    if let fault = model.fault { return fault }
    let counts: [(name: String, value: Int, limit: Int)] = [
      ("patientsPerStep", patientsPerStep, 1024), ("sampling.count", sampling.count, 1 << 20),
      ("steps", steps, 1 << 30), ("validationInterval", validationInterval, 1 << 30),
      ("validationSize", validationSize, 512), ("checkpointInterval", checkpointInterval, 1 << 30),
      ("logInterval", logInterval, 1 << 30),
    ]
    for count in counts where !(1...count.limit).contains(count.value) {
      return "\(count.name) is \(count.value); it must be 1 to \(count.limit)"
    }
    guard minutes >= 0, minutes.isFinite else {
      return "minutes is \(minutes); it must be positive, or 0 to count steps"
    }
    let shares = sampling.tissueShare + sampling.boneShare
    guard sampling.tissueShare >= 0, sampling.boneShare >= 0, shares <= 1 else {
      return "sampling.tissueShare and sampling.boneShare must be shares of one whole"
    }
    guard (0...1).contains(realShare) else {
      return "realShare is \(realShare); it must be 0 to 1"
    }
    guard gradientLimit > 0 else { return "gradientLimit is \(gradientLimit); it must be positive" }
    return augmentation.fault ?? loss.fault ?? learningRate.fault ?? adam.fault
  }
}
