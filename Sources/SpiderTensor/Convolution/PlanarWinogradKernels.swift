import SpiderSupport
internal import CSpiderKernels

/// The wrappers of the C kernels of Winograd convolution of a batch of images: 3x3 kernels, stride 1,
/// padding 1 (`winograd.h`).
enum PlanarWinogradKernels {
  /// Numbers of the products of the output channels that are made and transformed back at once.
  static let productCount = Winograd.elements * (4 * Winograd.outputBlock + 1) * Winograd.panel

  /// Panels that cover `images` images.
  static func panels(_ s: ConvolutionShape, images: Int) -> Int {
    Int(spider_winograd_panels(sizes(s, images)))
  }
  /// Numbers of a panel's transformed input.
  static func inputCount(_ s: ConvolutionShape) -> Int {
    Winograd.elements * (s.inputChannels + 1) * Winograd.panel
  }
  /// Numbers of the sums of so many blocks of output channels.
  static func sumCount(_ s: ConvolutionShape, blocks: Int) -> Int {
    Winograd.elements * blocks * Winograd.inputBlocks(s) * Winograd.outputBlock
      * Winograd.inputBlock
  }

  private static func sizes(_ s: ConvolutionShape, _ images: Int) -> spider_winograd_shape {
    precondition(
      s.isPlanar && s.kernel.height == 3 && s.kernel.width == 3 && s.stride == Extent3D(1)
        && s.padding == Extent3D(image: 1, depth: 0),
      "kernel \(s.kernel), stride \(s.stride), padding \(s.padding) in place of 3, 1, 1")
    return spider_winograd_shape(
      images: Int32(images), Cin: Int32(s.inputChannels), Cout: Int32(s.outputChannels),
      H: Int32(s.input.height), W: Int32(s.input.width))
  }

  /// Transforms the weights of some blocks of output channels. `turned`: the weights are those of the
  /// convolution whose adjoint is wanted, so their two channel axes are swapped.
  static func transformWeights(
    _ weights: FloatSlice, _ s: ConvolutionShape, turned: Bool, blocks: Range<Int>,
    into transformed: FloatSlice, _ level: InstructionSet
  ) {
    unsafe spider_winograd_weights(
      weights.address(s.weightCount), Int32(s.outputChannels), Int32(s.inputChannels),
      turned ? 1 : 0, Int32(blocks.lowerBound), Int32(blocks.upperBound),
      transformed.mutableAddress(Winograd.weightCount(s)), level.rawValue)
  }

  /// Transforms all channels of one panel of the input.
  static func transformInput(
    _ input: FloatSlice, _ s: ConvolutionShape, images: Int, panel: Int,
    into transformed: FloatSlice, _ level: InstructionSet
  ) {
    unsafe spider_winograd_input(
      sizes(s, images), input.address(images * s.inputCount), Int64(panel),
      transformed.mutableAddress(inputCount(s)), level.rawValue)
  }

  /// Multiplies, transforms back, adds the bias: some blocks of output channels of one panel, which
  /// overwrite what was there or are added to it.
  static func makeOutput(
    weights: FloatSlice, input: FloatSlice, bias: FloatSlice?, _ s: ConvolutionShape, images: Int,
    panel: Int, blocks: Range<Int>, products: FloatSlice, into output: FloatSlice, adding: Bool,
    _ level: InstructionSet
  ) {
    unsafe spider_winograd_output(
      sizes(s, images), weights.address(Winograd.weightCount(s)), input.address(inputCount(s)),
      bias?.address(s.outputChannels), Int64(panel), Int32(blocks.lowerBound),
      Int32(blocks.upperBound), products.mutableAddress(productCount),
      output.mutableAddress(images * s.outputCount), adding ? 1 : 0, level.rawValue)
  }

  /// Transforms and turns some blocks of input channels of one panel, for the gradient of the weights.
  static func turnInput(
    _ input: FloatSlice, _ s: ConvolutionShape, images: Int, panel: Int, blocks: Range<Int>,
    into turned: FloatSlice, _ level: InstructionSet
  ) {
    unsafe spider_winograd_turned_input(
      sizes(s, images), input.address(images * s.inputCount), Int64(panel),
      Int32(blocks.lowerBound), Int32(blocks.upperBound),
      turned.mutableAddress(Winograd.turnedInputCount(s)), level.rawValue)
  }

  /// Transforms some blocks of channels of one panel of the output's gradient.
  static func transformGradient(
    _ gradient: FloatSlice, _ s: ConvolutionShape, images: Int, panel: Int, blocks: Range<Int>,
    into transformed: FloatSlice, _ level: InstructionSet
  ) {
    unsafe spider_winograd_gradient(
      sizes(s, images), gradient.address(images * s.outputCount), Int64(panel),
      Int32(blocks.lowerBound), Int32(blocks.upperBound),
      transformed.mutableAddress(Winograd.gradientCount(s)), level.rawValue)
  }

  /// The gradient of the weights of some blocks of output channels from so many transformed panels:
  /// products over tiles, transformed back, and added. `sums` is scratch.
  static func addWeightGradient(
    input: FloatSlice, gradient: FloatSlice, panels: Int, _ s: ConvolutionShape,
    blocks: Range<Int>, sums: FloatSlice, addingTo weightGradient: FloatSlice,
    _ level: InstructionSet
  ) {
    unsafe spider_winograd_weight_gradient(
      sizes(s, 1), input.address(panels * Winograd.turnedInputCount(s)),
      gradient.address(panels * Winograd.gradientCount(s)), Int32(panels),
      Int32(blocks.lowerBound), Int32(blocks.upperBound),
      sums.mutableAddress(sumCount(s, blocks: blocks.count)),
      weightGradient.mutableAddress(s.weightCount), level.rawValue)
  }
}
