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
public struct BaselineConfiguration: RunConfiguration {
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
  /// The variation of patients and X-rays.
  public var augmentation = Augmentation()
  /// The learning rate.
  public var learningRate: LinearDecay
  /// The optimizer.
  public var adam: Adam.Settings
  /// Steps whose loss or gradient lies farther beyond the usual than this are skipped (``SpikeGuard``); 0: none is.
  public var spikeLimit = 10.0
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
  /// The seed of all randomness.
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
    result.augmentation.adopt(geometry)
    return result
  }

  /// The reason why this configuration cannot be trained on a data set, or nil.
  public func contradiction(with index: DataSetIndex) -> String? {
    guard model.fieldOfView == index.fieldOfView else {
      return
        "model.fieldOfView is \(model.fieldOfView) mm, the data set's \(index.fieldOfView) mm; state the data set's, "
        + "or prepare one with a field of view of \(model.fieldOfView) mm"
    }
    return nil
  }

  /// The reason why a run of this configuration cannot be, or nil.
  public var fault: String? {
    if let fault = model.fault ?? commonFault([("slicesPerPatient", slicesPerPatient, 1024)]) {
      return fault
    }
    if let perceptual {
      guard case .perX2CT = model.architecture else { return "perceptual belongs to PerX2CT" }
      if let fault = perceptual.fault { return fault }
    }
    return learningRate.fault
  }

  /// The recipe of the network that the architecture names.
  public func recipe(training: CaseLibrary, startingFrom model: URL?) throws -> any TrainingRecipe {
    let architecture = self.model.architecture
    guard model == nil else { throw TrainingError.alwaysNew(network: architecture.name) }
    return switch architecture {
    case .x2ctGAN: try X2CTRecipe(self, training: training)
    case .perX2CT: try PerX2CTRecipe(self, training: training)
    }
  }

  /// A text that two configurations share exactly when they train the same way. How long a run is, how
  /// often it reports, how fast it learns and what is a spike may change when it is resumed.
  func fingerprint() throws -> String {
    var essence = withoutSchedule
    essence.learningRate = LinearDecay(peak: 1, start: 1)
    return try essence.checksum()
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
  /// - Throws: ``/SpiderIO/FileError`` naming file, key and fault.
  public static func read(
    _ url: URL, defaults preset: BaselinePreset
  ) throws(FileError) -> BaselineConfiguration {
    // So that the key is known; without a file of weights it means nothing.
    var defaults = preset.configuration
    defaults.perceptual = PerceptualSettings()
    func cleared(_ configuration: BaselineConfiguration) -> BaselineConfiguration {
      var result = configuration
      if result.perceptual?.weights.isEmpty == true { result.perceptual = nil }
      return result
    }
    return cleared(
      try ConfigurationFile.read(
        url, defaults: defaults, wholeKeys: ["model.scheme.ranges", "model.training"]
      ) {
        cleared($0).fault
      })
  }
}

/// LPIPS as a term of PerX2CT's loss.
public struct PerceptualSettings: Codable, Equatable, Sendable {
  /// The file of its weights (safetensors), VGG16's and LPIPS's own: Docs/Baselines.md.
  public var weights = ""
  /// Its factor; 1 as published.
  public var factor = 1.0

  /// The reason why it cannot be, or nil.
  var fault: String? {
    factor > 0 && factor.isFinite ? nil : "perceptual.factor is \(factor); it must be positive"
  }
}

/// The configurations of published networks that ship with Spider, by name.
public enum BaselinePreset: String, CaseIterable, RunPreset {
  /// X2CT-GAN at its published widths, 128^3 voxels.
  case x2ctGAN = "x2ct-gan"
  /// X2CT-GAN's structure, 64^3 voxels, narrow: thousands of steps in half an hour on two cores.
  case x2ctGANSmall = "x2ct-gan-small"
  /// PerX2CT at its published widths, 128^3 voxels.
  case perX2CT = "perx2ct"
  /// PerX2CT's structure, 64^3 voxels, narrow.
  case perX2CTSmall = "perx2ct-small"

  /// Its purpose in a few words.
  public var summary: String {
    switch self {
    case .x2ctGAN, .perX2CT: "published widths, 128^3"
    case .x2ctGANSmall, .perX2CTSmall: "published structure, narrow, 64^3"
    }
  }

  /// The configuration.
  public var configuration: BaselineConfiguration {
    switch self {
    case .x2ctGAN: return Self.fitted(.x2ctGAN(X2CTArchitecture()))
    case .perX2CT: return Self.fitted(.perX2CT(PerX2CTConfiguration()))
    case .x2ctGANSmall:
      var architecture = X2CTArchitecture()
      architecture.generator.inputSize = 64
      architecture.generator.encoderFirst = 16
      architecture.generator.growthRate = 8
      architecture.generator.decoderChannels = [4, 4, 8, 16, 32, 64]
      // Half as wide as the rest: it takes as long as the generator otherwise.
      architecture.discriminator.width = 8
      var configuration = Self.fitted(.x2ctGAN(architecture))
      configuration.patientsPerStep = 1
      configuration.learningRate.peak = 5e-4
      return configuration
    case .perX2CTSmall:
      var network = PerX2CTConfiguration()
      network.size = 64
      network.width = 32
      network.encoderWidth = 16
      var configuration = Self.fitted(.perX2CT(network))
      configuration.patientsPerStep = 2
      configuration.slicesPerPatient = 2
      // The best of 3e-4, 1e-3 and 2e-3 in 600 steps on phantoms and real heads. Published: 9e-5 for
      // batches of 20 and an encoder trained on ImageNet.
      configuration.learningRate = LinearDecay(peak: 1e-3, start: 0.5)
      return configuration
    }
  }

  /// The published settings, the detector as suits the network.
  private static func fitted(_ architecture: BaselineArchitecture) -> BaselineConfiguration {
    var model = BaselineDescription(architecture: architecture)
    let setup = ViewSetup()
    model.setup = model.fittingDetector(
      sourceToAxis: setup.sourceToAxis, sourceToDetector: setup.sourceToDetector)
    return BaselineConfiguration(model: model)
  }
}
