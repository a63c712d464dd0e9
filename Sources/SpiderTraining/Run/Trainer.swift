/// Trains a SPIDER model.
public typealias Trainer = TrainingRun<SpiderRecipe>

extension TrainingRun where Recipe == SpiderRecipe {
  /// Plans a run of SPIDER on patients in memory.
  public init(
    _ configuration: TrainingConfiguration, training: [TrainingCase], validation: [TrainingCase],
    folder: RunFolder
  ) throws(TrainingError) {
    try self.init(
      configuration, training: CaseLibrary(training), validation: CaseLibrary(validation),
      folder: folder)
  }

  /// Plans a run of SPIDER.
  public init(
    _ configuration: TrainingConfiguration, training: CaseLibrary, validation: CaseLibrary,
    folder: RunFolder
  ) throws(TrainingError) {
    self.init(
      try SpiderRecipe(configuration, training: training), validation: validation,
      folder: folder)
  }
}
