internal import CSpiderKernels
import SpiderSupport

/// The counts that Winograd convolution in the plane and in space have in common: F(4x4, 3x3) in the
/// planes, in panels of 32 tiles of 4x4 outputs. The layouts are told in `winograd_tile.h`.
enum Winograd {
  /// Tiles of a panel.
  static let panel = 32
  /// Output channels of a block.
  static let outputBlock = 8
  /// Input channels of a block, in the gradient of the weights.
  static let inputBlock = 32
  /// Numbers of a transformed tile.
  static let elements = 36
  /// Blocks of output channels whose products are made and transformed back at once in the gradient of
  /// the weights, so that their sums stay in the L2 cache.
  static let blocksAtOnce = 2

  /// Blocks of output channels.
  static func outputBlocks(_ s: ConvolutionShape) -> Int {
    (s.outputChannels + outputBlock - 1) / outputBlock
  }
  /// Blocks of input channels.
  static func inputBlocks(_ s: ConvolutionShape) -> Int {
    (s.inputChannels + inputBlock - 1) / inputBlock
  }
  /// Numbers of the transformed weights: taps along z are not transformed.
  static func weightCount(_ s: ConvolutionShape) -> Int {
    elements * outputBlocks(s) * outputBlock * s.kernel.depth * s.inputChannels
  }
  /// Numbers of a panel's transformed input, turned for the gradient of the weights.
  static func turnedInputCount(_ s: ConvolutionShape) -> Int {
    elements * (inputBlocks(s) * inputBlock + 1) * panel
  }
  /// Numbers of a panel's transformed output gradient.
  static func gradientCount(_ s: ConvolutionShape) -> Int {
    elements * (outputBlocks(s) * outputBlock + 1) * panel
  }
}

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

/// The wrappers of the C kernels of Winograd convolution of a batch of volumes: 3x3x3 kernels, stride 1,
/// padding 1 (`winograd3d.h`).
enum VolumeWinogradKernels {
  /// Panels that cover one plane of `images` volumes.
  static func panels(_ s: ConvolutionShape, images: Int) -> Int {
    Int(spider_winograd3d_panels(sizes(s, images)))
  }
  /// Numbers of scratch memory that a march along z needs.
  static func planesCount(_ s: ConvolutionShape) -> Int {
    Int(spider_winograd3d_scratch(sizes(s, 1)))
  }
  /// Numbers of the products of so many blocks of output channels.
  static func sumCount(_ s: ConvolutionShape, blocks: Int) -> Int {
    Int(spider_winograd3d_sums(sizes(s, 1), Int32(blocks)))
  }

  private static func sizes(_ s: ConvolutionShape, _ images: Int) -> spider_winograd3d_shape {
    precondition(
      s.kernel == Extent3D(3) && s.stride == Extent3D(1) && s.padding == Extent3D(1),
      "kernel \(s.kernel), stride \(s.stride), padding \(s.padding) in place of 3, 1, 1")
    return spider_winograd3d_shape(
      images: Int32(images), Cin: Int32(s.inputChannels), Cout: Int32(s.outputChannels),
      D: Int32(s.input.depth), H: Int32(s.input.height), W: Int32(s.input.width))
  }

  /// Transforms the weights of some blocks of output channels. `turned`: the weights are those of the
  /// convolution whose adjoint is wanted, so their two channel axes are swapped.
  static func transformWeights(
    _ weights: FloatSlice, _ s: ConvolutionShape, turned: Bool, blocks: Range<Int>,
    into transformed: FloatSlice, _ level: InstructionSet
  ) {
    unsafe spider_winograd3d_weights(
      weights.address(s.weightCount), Int32(s.outputChannels), Int32(s.inputChannels),
      turned ? 1 : 0, Int32(blocks.lowerBound), Int32(blocks.upperBound),
      transformed.mutableAddress(Winograd.weightCount(s)), level.rawValue)
  }

  /// Makes some planes of one panel of the output, or adds to them.
  static func makePlanes(
    _ input: FloatSlice, weights: FloatSlice, bias: FloatSlice?, _ s: ConvolutionShape,
    images: Int, panel: Int, planes: Range<Int>, scratch: FloatSlice, into output: FloatSlice,
    adding: Bool, _ level: InstructionSet
  ) {
    unsafe spider_winograd3d_planes(
      sizes(s, images), input.address(images * s.inputCount),
      weights.address(Winograd.weightCount(s)), bias?.address(s.outputChannels), Int64(panel),
      Int32(planes.lowerBound), Int32(planes.upperBound),
      scratch.mutableAddress(planesCount(s)), output.mutableAddress(images * s.outputCount),
      adding ? 1 : 0, level.rawValue)
  }

  /// Transforms and turns a plane of one panel of the input, for the gradient of the weights: zeros
  /// where the plane lies outside.
  static func turnInput(
    _ input: FloatSlice, _ s: ConvolutionShape, images: Int, panel: Int, plane: Int,
    into turned: FloatSlice, _ level: InstructionSet
  ) {
    unsafe spider_winograd3d_turned_input(
      sizes(s, images), input.address(images * s.inputCount), Int64(panel),
      Int32(plane), 0, Int32(Winograd.inputBlocks(s)),
      turned.mutableAddress(Winograd.turnedInputCount(s)), level.rawValue)
  }

  /// Transforms a plane of one panel of the output's gradient.
  static func transformGradient(
    _ gradient: FloatSlice, _ s: ConvolutionShape, images: Int, panel: Int, plane: Int,
    into transformed: FloatSlice, _ level: InstructionSet
  ) {
    unsafe spider_winograd3d_gradient(
      sizes(s, images), gradient.address(images * s.outputCount), Int64(panel),
      Int32(plane), 0, Int32(Winograd.outputBlocks(s)),
      transformed.mutableAddress(Winograd.gradientCount(s)), level.rawValue)
  }

  /// Adds to the gradient of the weights of some blocks of output channels what a chunk of `planes`
  /// planes gives: `input` begins a plane before the gradient and ends a plane behind it.
  static func addWeightGradient(
    input: FloatSlice, gradient: FloatSlice, planes: Int, _ s: ConvolutionShape,
    blocks: Range<Int>, scratch: FloatSlice, addingTo weightGradient: FloatSlice,
    _ level: InstructionSet
  ) {
    unsafe spider_winograd3d_weight_gradient(
      sizes(s, 1), input.address((planes + 2) * Winograd.turnedInputCount(s)),
      gradient.address(planes * Winograd.gradientCount(s)), Int32(planes),
      Int32(blocks.lowerBound), Int32(blocks.upperBound),
      scratch.mutableAddress(sumCount(s, blocks: blocks.count)),
      weightGradient.mutableAddress(s.weightCount), level.rawValue)
  }
}
