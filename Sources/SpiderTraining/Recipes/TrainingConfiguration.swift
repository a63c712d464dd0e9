import Foundation
import SpiderCore
import SpiderDataSet
import SpiderIO
import Yams

/// Everything about a training run of SPIDER that is not data: what `config.yaml` holds.
public struct TrainingConfiguration: RunConfiguration {
  /// The network and what it is fed.
  public var model: ModelDescription
  /// Patients a step.
  public var patientsPerStep = 4
  /// The distribution of their points.
  public var sampling = PointSampling()
  /// The variation of patients and X-rays.
  public var augmentation = Augmentation()
  /// The weights of the terms of the loss.
  public var loss = LossWeights()
  /// Whether those weights stay, or are where self-tuning begins.
  public var lossBalance = LossBalancing.uncertainty
  /// What points without a label teach about structure.
  public var unlabelled = UnlabelledPoints.ctNumber
  /// Warm-up and decay of the learning rate.
  public var learningRate = LearningRateSchedule()
  /// The optimizer.
  public var adam = Adam.Settings()
  /// Gradients longer than this are shortened.
  public var gradientLimit = 1.0
  /// Steps whose loss or gradient lies farther beyond the usual than this are skipped (``SpikeGuard``); 0: none is.
  public var spikeLimit = 10.0
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
  /// The seed of all randomness.
  public var seed: UInt64 = 1

  /// The defaults for a model.
  public init(model: ModelDescription = ModelDescription(architecture: SpiderArchitecture())) {
    self.model = model
  }

  /// The sizes of every batch of the run; of a model that reads any views those of the largest.
  package var batchShape: TrainingBatch.Shape { batchShape(views: model.architecture.mostViews) }

  /// The sizes of the batches, or of a part of their patients: one for each number of views, the fewest first.
  package func batchShapes(patients: Int? = nil) -> [TrainingBatch.Shape] {
    let counts = model.architecture.anyViews.map { $0.least...$0.most }
    return (counts ?? model.views.count...model.views.count).map {
      batchShape(views: $0, patients: patients)
    }
  }

  private func batchShape(views: Int, patients: Int? = nil) -> TrainingBatch.Shape {
    TrainingBatch.Shape(
      patients: patients ?? patientsPerStep, views: views, pointsPerPatient: sampling.count,
      height: model.setup.rows, width: model.setup.columns)
  }

  /// The reason why a run of this configuration cannot be, or nil.
  public var fault: String? {
    if let fault = model.fault ?? commonFault([("sampling.count", sampling.count, 1 << 20)]) {
      return fault
    }
    if let fault = sampling.fault { return fault }
    guard gradientLimit >= 1e-9 else {
      return "gradientLimit is \(gradientLimit); it must be positive"
    }
    let physics = augmentation.physics
    if model.intensity == .absolute, physics.share > 0, physics.pictureShare > 0 {
      return
        "model.intensity is absolute, and augmentation.physics.pictureShare of \(physics.pictureShare) makes "
        + "pictures of X-rays, which are no line integrals; it must be 0, or model.intensity relative"
    }
    return loss.fault ?? learningRate.fault
  }

  /// Before there were the settings, weights of the loss stayed, and points without a label were ignored.
  public mutating func complete(stated keys: Set<String>) {
    if !keys.contains("lossBalance") { lossBalance = .fixed }
    if !keys.contains("unlabelled") { unlabelled = .ignored }
  }

  /// The recipe of SPIDER.
  public func recipe(training: CaseLibrary, startingFrom model: URL?) throws -> any TrainingRecipe {
    try SpiderRecipe(self, training: training, from: model.map { try ModelFile.read($0) })
  }
}

extension TrainingConfiguration {
  /// This configuration for a data set: its field of view, window, classes and views, its distances
  /// and variation. The detector's pixel counts stay the configuration's own.
  public func adopting(_ index: DataSetIndex) -> TrainingConfiguration {
    let geometry = index.geometry
    var result = self
    result.model.fieldOfView = index.fieldOfView
    result.model.window = index.window
    result.model.scheme = index.scheme
    result.model.architecture.classes = index.scheme.count
    result.model.views = geometry.views
    result.model.architecture.viewCount = geometry.views.count
    result.model.setup.sourceToAxis = geometry.sourceToAxis
    result.model.setup.sourceToDetector = geometry.sourceToDetector
    // The detector sees as much of the field of view as before, whatever the magnification.
    let magnification = { (setup: ViewSetup) in setup.sourceToDetector / setup.sourceToAxis }
    let change =
      magnification(result.model.setup) / magnification(model.setup)
      * (index.fieldOfView / model.fieldOfView)
    result.model.setup.pixelSize = model.setup.pixelSize * change
    result.augmentation.adopt(geometry)
    return result
  }

  /// The reason why this configuration cannot be trained on a data set, or nil: both speak of the frame
  /// and the classes, and must say the same.
  public func contradiction(with index: DataSetIndex) -> String? {
    if model.fieldOfView != index.fieldOfView {
      return
        "model.fieldOfView is \(model.fieldOfView) mm, the data set's \(index.fieldOfView) mm; state the data set's, "
        + "or prepare one with a field of view of \(model.fieldOfView) mm"
    }
    if model.scheme != index.scheme {
      guard model.scheme.name == index.scheme.name else {
        return
          "model.scheme is '\(model.scheme.name)', the data set's '\(index.scheme.name)'; state the data set's, or "
          + "prepare one with the scheme '\(model.scheme.name)'"
      }
      return "model.scheme is '\(model.scheme.name)', as the data set's, with other classes: "
        + "\(model.scheme.classes.joined(separator: ", ")); the data set has "
        + index.scheme.classes.joined(separator: ", ")
        + "; state the data set's, or give the scheme another name and prepare a data set with it"
    }
    return nil
  }
}

extension TrainingConfiguration {
  /// The configuration as YAML, as `config.yaml` holds it.
  public func yaml() throws -> String {
    "# A training run of Spider. Sizes in mm, angles in degrees, shares of one.\n"
      + (try YAMLEncoder().encode(self))
  }

  /// Reads a configuration file. Keys that are not there keep the value of the default preset; keys
  /// that mean nothing are refused, since they are most likely misspelt.
  ///
  /// - Throws: ``/SpiderIO/FileError`` naming file, key and fault.
  public static func read(_ url: URL) throws(FileError) -> TrainingConfiguration {
    try ConfigurationFile.read(
      url, defaults: TrainingConfiguration(),
      wholeKeys: [
        "model.architecture.code", "model.architecture.anyViews", "model.scheme.ranges",
        "model.training",
      ]
    ) { $0.fault }
  }

  /// A text that two configurations share exactly when they train the same way. How long a run is, how
  /// often it reports, how fast it learns and what is a spike may change when it is resumed.
  package func fingerprint() throws -> String {
    var essence = withoutSchedule
    essence.learningRate = LearningRateSchedule()
    essence.gradientLimit = 0
    return try essence.checksum()
  }
}

/// The configurations of SPIDER that ship with the package, by name.
public enum Preset: String, CaseIterable, RunPreset {
  /// The default: good quality in under an hour on two cores.
  case standard
  /// The network as far as the SPIDER paper is known; the widths of its layers are ours.
  case paper = "spider-paper"
  /// For a model that reads one to four X-rays from any side, in any order.
  case anyViews = "any-views"
  /// A small network that learns something in a minute: to try things out.
  case quick

  /// Its purpose in a few words.
  public var summary: String {
    switch self {
    case .standard: return "light encoder, Fourier code; good quality in under an hour on two cores"
    case .paper:
      return "the parts of the SPIDER paper, in widths of ours: hash code 11x8, loss weights 1"
    case .anyViews: return "reads one to four X-rays from any side; learns more slowly"
    case .quick: return "small network and few points; learns something in a minute"
    }
  }

  /// The configuration.
  public var configuration: TrainingConfiguration {
    switch self {
    case .standard: return TrainingConfiguration()
    case .paper:
      var configuration = TrainingConfiguration(model: ModelDescription(architecture: .paper))
      configuration.lossBalance = .fixed
      configuration.loss = LossWeights(intensity: 1, crossEntropy: 1, dice: 1)
      return configuration
    case .anyViews:
      return TrainingConfiguration(
        model: ModelDescription(
          architecture: SpiderArchitecture(
            featuresPerView: 128, pooling: .mean, anyViews: ViewCounts())))
    case .quick:
      var configuration = TrainingConfiguration(
        model: ModelDescription(
          architecture: SpiderArchitecture(
            encoderWidths: [8, 16, 32], featuresPerView: 16, hiddenWidths: [48, 48]),
          setup: ViewSetup(pixelSize: SIMD2(7.2, 7.2), columns: 64, rows: 64)))
      configuration.patientsPerStep = 2
      configuration.sampling.count = 2048
      configuration.steps = 300
      configuration.validationInterval = 100
      configuration.validationSize = 32
      return configuration
    }
  }
}
