import SpiderSupport
internal import CSpiderKernels

/// Winograd convolution F(4x4, 3x3) of a batch of images: 3x3 kernels, stride 1, padding 1.
///
/// Panels are 32 tiles of 4x4 outputs; a block is 8 output channels or, in the gradient of the
/// weights, 32 input channels. The layouts are told in `winograd_tile.h`.
/// The wrappers of the C kernels of Winograd convolution.
package enum WinogradKernels {
  /// The two blocks' and one tile's extents.
  enum Winograd {
    static let panel = 32
    static let outputBlock = 8
    static let inputBlock = 32
    static let elements = 36
    /// Numbers of the products of the output channels that are made and transformed back at once.
    static let productCount = elements * (4 * outputBlock + 1) * panel

    /// Panels that cover `images` images.
    static func panels(_ s: ConvolutionShape, images: Int) -> Int {
      Int(spider_winograd_panels(sizes(s, images)))
    }
    /// Blocks of output channels.
    static func outputBlocks(_ s: ConvolutionShape) -> Int {
      (s.outputChannels + outputBlock - 1) / outputBlock
    }
    /// Blocks of input channels.
    static func inputBlocks(_ s: ConvolutionShape) -> Int {
      (s.inputChannels + inputBlock - 1) / inputBlock
    }
    /// Numbers of the transformed weights.
    static func weightCount(_ s: ConvolutionShape) -> Int {
      elements * outputBlocks(s) * outputBlock * s.inputChannels
    }
    /// Numbers of a panel's transformed input.
    static func inputCount(_ s: ConvolutionShape) -> Int {
      elements * (s.inputChannels + 1) * panel
    }
    /// Numbers of a panel's transformed input, turned for the gradient of the weights.
    static func turnedInputCount(_ s: ConvolutionShape) -> Int {
      elements * (inputBlocks(s) * inputBlock + 1) * panel
    }
    /// Numbers of a panel's transformed output gradient.
    static func gradientCount(_ s: ConvolutionShape) -> Int {
      elements * (outputBlocks(s) * outputBlock + 1) * panel
    }
    /// Numbers of the sums of so many blocks of output channels.
    static func sumCount(_ s: ConvolutionShape, blocks: Int) -> Int {
      elements * blocks * inputBlocks(s) * outputBlock * inputBlock
    }

    fileprivate static func sizes(_ s: ConvolutionShape, _ images: Int) -> spider_winograd_shape {
      precondition(
        s.kernel == 3 && s.stride == 1 && s.padding == 1,
        "kernel \(s.kernel), stride \(s.stride), padding \(s.padding) in place of 3, 1, 1")
      return spider_winograd_shape(
        images: Int32(images), Cin: Int32(s.inputChannels), Cout: Int32(s.outputChannels),
        H: Int32(s.height), W: Int32(s.width))
    }
  }

  /// Transforms the weights of some blocks of output channels. `turned`: the weights are those of the
  /// convolution whose adjoint is wanted, so their two channel axes are swapped.
  static func winogradWeights(
    _ weights: FloatSlice, _ s: ConvolutionShape, turned: Bool, blocks: Range<Int>,
    into transformed: FloatSlice, _ level: InstructionSet
  ) {
    unsafe spider_winograd_weights(
      weights.address(s.outputChannels * s.taps), Int32(s.outputChannels), Int32(s.inputChannels),
      turned ? 1 : 0, Int32(blocks.lowerBound), Int32(blocks.upperBound),
      transformed.address(Winograd.weightCount(s)), level.rawValue)
  }

  /// Transforms all channels of one panel of the input.
  static func winogradInput(
    _ input: FloatSlice, _ s: ConvolutionShape, images: Int, panel: Int,
    into transformed: FloatSlice, _ level: InstructionSet
  ) {
    unsafe spider_winograd_input(
      Winograd.sizes(s, images), input.address(images * s.inputCount), Int64(panel),
      transformed.address(Winograd.inputCount(s)), level.rawValue)
  }

  /// Multiplies, transforms back, adds the bias: some blocks of output channels of one panel.
  static func winogradOutput(
    weights: FloatSlice, input: FloatSlice, bias: FloatSlice?, _ s: ConvolutionShape, images: Int,
    panel: Int, blocks: Range<Int>, products: FloatSlice, into output: FloatSlice,
    _ level: InstructionSet
  ) {
    unsafe spider_winograd_output(
      Winograd.sizes(s, images), weights.address(Winograd.weightCount(s)),
      input.address(Winograd.inputCount(s)), bias?.address(s.outputChannels), Int64(panel),
      Int32(blocks.lowerBound), Int32(blocks.upperBound),
      products.address(Winograd.productCount), output.address(images * s.outputCount),
      level.rawValue)
  }

  /// Transforms and turns some blocks of input channels of one panel, for the gradient of the weights.
  static func winogradTurnedInput(
    _ input: FloatSlice, _ s: ConvolutionShape, images: Int, panel: Int, blocks: Range<Int>,
    into turned: FloatSlice, _ level: InstructionSet
  ) {
    unsafe spider_winograd_turned_input(
      Winograd.sizes(s, images), input.address(images * s.inputCount), Int64(panel),
      Int32(blocks.lowerBound), Int32(blocks.upperBound),
      turned.address(Winograd.turnedInputCount(s)), level.rawValue)
  }

  /// Transforms some blocks of channels of one panel of the output's gradient.
  static func winogradGradient(
    _ gradient: FloatSlice, _ s: ConvolutionShape, images: Int, panel: Int, blocks: Range<Int>,
    into transformed: FloatSlice, _ level: InstructionSet
  ) {
    unsafe spider_winograd_gradient(
      Winograd.sizes(s, images), gradient.address(images * s.outputCount), Int64(panel),
      Int32(blocks.lowerBound), Int32(blocks.upperBound),
      transformed.address(Winograd.gradientCount(s)), level.rawValue)
  }

  /// The gradient of the weights of some blocks of output channels from so many transformed panels:
  /// products over tiles, transformed back, and added. `sums` is scratch.
  static func winogradWeightGradient(
    input: FloatSlice, gradient: FloatSlice, panels: Int, _ s: ConvolutionShape,
    blocks: Range<Int>, sums: FloatSlice, addingTo weightGradient: FloatSlice,
    _ level: InstructionSet
  ) {
    unsafe spider_winograd_weight_gradient(
      Winograd.sizes(s, 1), input.address(panels * Winograd.turnedInputCount(s)),
      gradient.address(panels * Winograd.gradientCount(s)), Int32(panels),
      Int32(blocks.lowerBound), Int32(blocks.upperBound),
      sums.address(Winograd.sumCount(s, blocks: blocks.count)),
      weightGradient.address(s.outputChannels * s.taps), level.rawValue)
  }
}
