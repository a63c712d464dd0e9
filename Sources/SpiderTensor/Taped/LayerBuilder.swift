/// Gives out the places of a published network's parameters, under their published names.
package struct LayerBuilder {
  /// The parameters so far: weights, and the running averages of normalisations, whose gradient is
  /// always zero.
  package var layout = ParameterLayout()
  /// The names that a file of weights holds, where one is being read.
  package let published: Set<String>?
  /// How weights are drawn.
  package let initializer: Initializer
  /// How convolutions of images up to 64 x 64 are computed; nil leaves it to their shape. Winograd's
  /// transforms multiply rounding a few times over. That matters where normalisations over very few
  /// values follow, which amplify it; on small images the plain way costs little.
  package let smallImages: ConvolutionPath?

  package init(
    published: Set<String>? = nil, initializer: Initializer, smallImages: ConvolutionPath? = nil
  ) {
    self.published = published
    self.initializer = initializer
    self.smallImages = smallImages
  }

  /// Whether there is a parameter of this name: as the file says, else by the rule.
  package func has(_ name: String, otherwise rule: Bool) -> Bool {
    published?.contains(name) ?? rule
  }
}
