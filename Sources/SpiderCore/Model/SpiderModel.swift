import SpiderTensor

/// A trained SPIDER model: its description, its network and its numbers.
public struct SpiderModel: Sendable {
  /// What it is fed and what it answers.
  public var description: ModelDescription
  /// The plan of the network.
  package let network: SpiderNetwork
  /// Its numbers.
  package var parameters: ParameterArena

  /// How far its CT numbers may be off; nil where nobody fitted that.
  public var uncertainty: UncertaintyHead?

  /// A model with numbers drawn from a seed, ready to be trained.
  public init(_ description: ModelDescription, seed: UInt64) {
    self.description = description
    network = SpiderNetwork(description.architecture)
    parameters = ParameterArena(network.layout, seed: seed)
  }

  /// A model with given numbers, in the layout of its network.
  package init(_ description: ModelDescription, parameters: ParameterArena) {
    self.description = description
    network = SpiderNetwork(description.architecture)
    precondition(
      parameters.layout.count == network.layout.count, "parameters of another network")
    self.parameters = parameters
  }
}
