extension Convolution2D {
  /// The convolution as its definition says, in double: the reference of the tests, slow.
  package func referenceForward(_ input: Tensor, _ parameters: ParameterArena) -> [Double] {
    ConvolutionReference2D(
      shape(height: input.shape[2], width: input.shape[3]), images: input.shape[0]
    ).forward(
      input.values, weights: parameters[weight].array, bias: bias.map { parameters[$0].array })
  }
}
