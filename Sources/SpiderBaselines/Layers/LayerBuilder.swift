import SpiderCore

/// Gives out the places of a published network's parameters, under their published names.
struct LayerBuilder {
  /// The parameters so far: weights, and the running averages of normalisations, whose gradient is
  /// always zero.
  var layout = ParameterLayout()
  /// The names that a file of weights holds, where one is being read.
  let published: Set<String>?
  /// How weights are drawn.
  let initializer: Initializer

  init(published: Set<String>? = nil, initializer: Initializer) {
    self.published = published
    self.initializer = initializer
  }

  /// Whether there is a parameter of this name: as the file says, else by the rule.
  func has(_ name: String, otherwise rule: Bool) -> Bool {
    published?.contains(name) ?? rule
  }
}
