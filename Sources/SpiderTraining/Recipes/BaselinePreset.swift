import SpiderBaselines
import SpiderCore

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
