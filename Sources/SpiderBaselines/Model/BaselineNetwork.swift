import SpiderCore
import SpiderTensor

/// The plan of a published network.
public enum BaselineNetwork: Sendable {
  /// X2CT-GAN's generator.
  case x2ctGAN(X2CTGenerator)
  /// PerX2CT.
  case perX2CT(PerX2CT)

  /// Plans a network; its description must have no fault.
  public init(_ architecture: BaselineArchitecture) {
    switch architecture {
    case .x2ctGAN(let architecture):
      self = .x2ctGAN(X2CTGenerator(architecture.generator, architecture.variant))
    case .perX2CT(let configuration): self = .perX2CT(PerX2CT(configuration))
    }
  }

  /// Names and places of the parameters.
  package var layout: ParameterLayout {
    switch self {
    case .x2ctGAN(let generator): generator.layout
    case .perX2CT(let network): network.layout
    }
  }
}

/// A trained published network: description, plan and numbers.
public struct BaselineModel: Sendable {
  /// What it is fed and what it answers.
  public var description: BaselineDescription
  /// The plan of the network.
  public let network: BaselineNetwork
  /// Its numbers.
  package var parameters: ParameterArena

  /// A model with numbers drawn from a seed, ready to be trained.
  public init(_ description: BaselineDescription, seed: UInt64) {
    self.description = description
    network = BaselineNetwork(description.architecture)
    parameters = ParameterArena(network.layout, seed: seed)
  }

  /// A model with given numbers, in the layout of its network.
  package init(
    _ description: BaselineDescription, network: BaselineNetwork, parameters: ParameterArena
  ) {
    self.description = description
    self.network = network
    precondition(
      parameters.layout.count == network.layout.count, "parameters of another network")
    self.parameters = parameters
  }
}

extension BaselineModel {
  /// About how many bytes a reconstruction holds at most, the numbers of the network included: from
  /// measurements at published widths.
  public var memoryForUse: Int {
    let voxels =
      description.architecture.size * description.architecture.size
      * description.architecture.size
    let activations: Int
    switch description.architecture {
    case .x2ctGAN(let architecture):
      // Nine volumes of the finest levels' channels.
      activations = 9 * voxels * architecture.generator.decoderChannels.prefix(2).reduce(0, max)
    case .perX2CT(let configuration):
      // Four slices at a time.
      activations = 48 * configuration.size * configuration.size * configuration.width
    }
    return (network.layout.count + activations) * MemoryLayout<Float>.stride
  }
}
