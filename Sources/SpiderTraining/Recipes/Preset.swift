import SpiderCore

/// The configurations of SPIDER that ship with the package, by name.
public enum Preset: String, CaseIterable, RunPreset {
  /// The default: good quality in under an hour on two cores.
  case standard
  /// The network as far as the SPIDER paper is known; the widths of its layers are ours.
  case paper = "spider-paper"
  /// A small network that learns something in a minute: to try things out.
  case quick

  /// Its purpose in a few words.
  public var summary: String {
    switch self {
    case .standard: return "light encoder, Fourier code; good quality in under an hour on two cores"
    case .paper:
      return "the parts of the SPIDER paper, in widths of ours: hash code 11x8, loss weights 1"
    case .quick: return "small network and few points; learns something in a minute"
    }
  }

  /// The configuration.
  public var configuration: TrainingConfiguration {
    switch self {
    case .standard: return TrainingConfiguration()
    case .paper:
      var configuration = TrainingConfiguration(model: ModelDescription(architecture: .paper))
      configuration.loss = LossWeights(intensity: 1, crossEntropy: 1, dice: 1)
      return configuration
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
