import SpiderCore

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

  /// The start of a run: new weights, or those of a trained model of the same architecture.
  public init(_ configuration: TrainingConfiguration, from trained: SpiderModel? = nil) {
    model = SpiderModel(configuration.model, seed: configuration.seed)
    if let trained { model.parameters = trained.parameters }
    adam = Adam(model.network.layout, settings: configuration.adam)
  }

  /// The one network.
  public static var parts: [StatePart<TrainingState>] {
    [StatePart(prefix: "", parameters: \.model.parameters, adam: \.adam)]
  }
}
