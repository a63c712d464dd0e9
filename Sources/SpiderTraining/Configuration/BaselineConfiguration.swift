import Foundation
import SpiderBaselines
import SpiderCore
import SpiderDataSet
import SpiderIO
import Yams

/// Everything about a training run of a published network that is not data: what `config.yaml` holds.
///
/// Patients and X-rays are varied as for SPIDER; the optimizers and the order of things are as
/// published.
public struct BaselineConfiguration: Codable, Equatable, Sendable {
  /// The network and what it is fed.
  public var model: BaselineDescription
  /// Patients a step.
  public var patientsPerStep = 4
  /// Slices of each patient a step; of PerX2CT, which learns slice by slice.
  public var slicesPerPatient = 1
  /// Whether PerX2CT's first convolution and normalisation stay as they are. As published, where they
  /// come from ImageNet; nothing is gained by keeping random numbers.
  public var freezesFirstLayer = false
  /// LPIPS beside PerX2CT's mean absolute difference, as published; nil without a file of its weights.
  public var perceptual: PerceptualSettings?
  /// How patients and X-rays are varied.
  public var augmentation = Augmentation()
  /// The learning rate.
  public var learningRate: LinearDecay
  /// The optimizer.
  public var adam: Adam.Settings
  /// The share of real patients in what a step sees, when there are phantoms as well.
  public var realShare = 0.6
  /// Steps of the run; with `minutes`, only a record.
  public var steps = 5000
  /// Minutes of training instead of steps, over all sessions of the run; 0 counts steps.
  public var minutes = 0.0
  /// Steps between validations.
  public var validationInterval = 500
  /// Voxels along a side of the validation volumes.
  public var validationSize = 64
  /// Steps between checkpoints.
  public var checkpointInterval = 200
  /// Steps between lines of the log.
  public var logInterval = 20
  /// Where all randomness starts.
  public var seed: UInt64 = 1

  /// The published settings of a network.
  public init(model: BaselineDescription) {
    self.model = model
    adam = Adam.Settings()
    adam.weightDecay = 0
    adam.beta1 = 0.5
    switch model.architecture {
    case .x2ctGAN:
      adam.beta2 = 0.99
      learningRate = LinearDecay(peak: 2e-4, start: 0.49)
    case .perX2CT:
      adam.beta2 = 0.9
      learningRate = LinearDecay(peak: 9e-5, start: 1)
      patientsPerStep = 20
    }
  }

  /// Length and intervals of the run.
  public var plan: RunPlan {
    RunPlan(
      steps: steps, minutes: minutes, validationInterval: validationInterval,
      validationSize: validationSize, checkpointInterval: checkpointInterval,
      logInterval: logInterval)
  }

  /// This configuration for a data set: its field of view, window and views, its distances and
  /// variation; the detector is the one that suits the network.
  public func adopting(_ index: DataSetIndex) -> BaselineConfiguration {
    let geometry = index.geometry
    var result = self
    result.model.fieldOfView = index.fieldOfView
    result.model.window = index.window
    result.model.views = geometry.views
    result.model.setup = result.model.fittingDetector(
      sourceToAxis: geometry.sourceToAxis, sourceToDetector: geometry.sourceToDetector)
    result.augmentation.shift = geometry.patientShift
    result.augmentation.turnDegrees = geometry.patientTurnDegrees
    result.augmentation.viewTurnDegrees = geometry.viewTurnDegrees
    result.augmentation.sourceDistance = geometry.sourceDistance
    return result
  }

  /// Why this configuration cannot be trained on a data set, or nil.
  public func contradiction(with index: DataSetIndex) -> String? {
    guard model.fieldOfView == index.fieldOfView else {
      return "model.fieldOfView is \(model.fieldOfView) mm, the data set's \(index.fieldOfView) mm"
    }
    return nil
  }

  /// Why a run of this configuration cannot be, or nil.
  public var fault: String? {
    if let fault = model.fault { return fault }
    let counts: [(name: String, value: Int, limit: Int)] = [
      ("patientsPerStep", patientsPerStep, 1024), ("slicesPerPatient", slicesPerPatient, 1024),
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
    guard (0...1).contains(realShare) else {
      return "realShare is \(realShare); it must be 0 to 1"
    }
    if let perceptual {
      guard case .perX2CT = model.architecture else { return "perceptual belongs to PerX2CT" }
      if let fault = perceptual.fault { return fault }
    }
    return augmentation.fault ?? learningRate.fault ?? adam.fault
  }

  /// A text that two configurations share exactly when they train the same way. How long a run is, how
  /// often it reports and how fast it learns may change when it is resumed.
  func fingerprint() throws -> String {
    var essence = self
    essence.steps = 0
    essence.minutes = 0
    essence.learningRate = LinearDecay(peak: 1, start: 1)
    essence.logInterval = 0
    essence.checkpointInterval = 0
    essence.validationInterval = 0
    return try Checksum.of(encoding: essence)
  }
}

extension BaselineConfiguration {
  /// The configuration as YAML, as `config.yaml` holds it.
  public func yaml() throws -> String {
    "# A training run of \(model.architecture.name). Sizes in mm, angles in degrees, shares of one.\n"
      + (try YAMLEncoder().encode(self))
  }

  /// Reads a configuration file. Keys that are not there keep the value of the network's published
  /// settings; keys that mean nothing are refused, since they are most likely misspelt.
  ///
  /// - Throws: ``SpiderIO/FileError`` naming file, key and fault.
  public static func read(
    _ url: URL, defaults preset: BaselinePreset
  ) throws -> BaselineConfiguration {
    // So that the key is known; without a file of weights it means nothing.
    var defaults = preset.configuration
    defaults.perceptual = PerceptualSettings()
    func cleared(_ configuration: BaselineConfiguration) -> BaselineConfiguration {
      var result = configuration
      if result.perceptual?.weights.isEmpty == true { result.perceptual = nil }
      return result
    }
    return cleared(
      try ConfigurationFile.read(url, defaults: defaults, wholeKeys: ["model.training"]) {
        cleared($0).fault
      })
  }
}

/// LPIPS as a term of PerX2CT's loss.
public struct PerceptualSettings: Codable, Equatable, Sendable {
  /// The file of its weights (safetensors), VGG16's and LPIPS's own: Docs/Baselines.md.
  public var weights = ""
  /// What it is multiplied by; 1 as published.
  public var factor = 1.0

  /// Why it cannot be, or nil.
  var fault: String? {
    factor > 0 && factor.isFinite ? nil : "perceptual.factor is \(factor); it must be positive"
  }
}
