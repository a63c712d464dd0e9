internal import CSpiderKernels
import SpiderSupport

/// Winograd convolution of a batch: forward, and backward by the input, which is the same pass over the
/// adjoint's shape with turned weights.
package protocol WinogradConvolution: ConvolutionAlgorithm {
  /// Sizes of one image or volume.
  var shape: ConvolutionShape { get }
  /// Numbers of scratch memory that a pass over volumes of a shape needs.
  func passScratchCount(_ s: ConvolutionShape) -> Int
  /// y = bias + weights * x over volumes of a shape. `turned`: the weights are those of the convolution
  /// whose adjoint this is, so their two channel axes are swapped.
  func pass(
    _ input: FloatSlice, _ s: ConvolutionShape, weights: FloatSlice, turned: Bool,
    bias: FloatSlice?, into output: FloatSlice, adding: Bool, scratch: FloatSlice)
}

extension WinogradConvolution {
  package var forwardScratchCount: Int { passScratchCount(shape) }
  package var dataScratchCount: Int { passScratchCount(shape.adjoint) }

  package func forward(
    _ input: FloatSlice, weights: FloatSlice, bias: FloatSlice?, into output: FloatSlice,
    adding: Bool, scratch: FloatSlice
  ) {
    pass(
      input, shape, weights: weights, turned: false, bias: bias, into: output, adding: adding,
      scratch: scratch)
  }

  package func backwardData(
    _ gradient: FloatSlice, weights: FloatSlice, bias: FloatSlice?,
    into inputGradient: FloatSlice, scratch: FloatSlice
  ) {
    pass(
      gradient, shape.adjoint, weights: weights, turned: true, bias: bias, into: inputGradient,
      adding: false, scratch: scratch)
  }
}

/// The wrappers of the C kernels of Winograd convolution (`winograd.h`): F(4x4, 3x3) in the planes, in
/// panels of 32 tiles of 4x4 outputs, with any taps along z summed. An image is a volume of one plane.
/// The layouts are told in `winograd_tile.h`.
enum Winograd {
  /// Tiles of a panel.
  private static let panel = 32
  /// Output channels of a block.
  private static let outputBlock = 8
  /// Input channels of a block, in the gradient of the weights.
  private static let inputBlock = 32
  /// Numbers of a transformed tile.
  private static let elements = 36
  /// Blocks of output channels whose products are made and transformed back at once in the gradient of
  /// the weights, so that their sums stay in the L2 cache.
  static let blocksAtOnce = 2

  // MARK: Sizes

  /// Panels that cover one plane of every image or volume.
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
  /// Numbers of the transformed weights: taps along z are not transformed.
  static func weightCount(_ s: ConvolutionShape) -> Int {
    elements * outputBlocks(s) * outputBlock * s.kernel.depth * s.inputChannels
  }
  /// Numbers of a panel's transformed input.
  static func inputCount(_ s: ConvolutionShape) -> Int { elements * (s.inputChannels + 1) * panel }
  /// Numbers of the products of the output channels that are made and transformed back at once.
  static let productCount = elements * (4 * outputBlock + 1) * panel
  /// Numbers of scratch memory that a march along z needs.
  static func planesCount(_ s: ConvolutionShape) -> Int {
    Int(spider_winograd_planes_scratch(sizes(s, 1)))
  }
  /// Numbers of a panel's transformed input, turned for the gradient of the weights.
  static func turnedInputCount(_ s: ConvolutionShape) -> Int {
    elements * (inputBlocks(s) * inputBlock + 1) * panel
  }
  /// Numbers of a panel's transformed output gradient.
  static func gradientCount(_ s: ConvolutionShape) -> Int {
    elements * (outputBlocks(s) * outputBlock + 1) * panel
  }
  /// Numbers of the sums of so many blocks of output channels, in the gradient of the weights.
  static func sumCount(_ s: ConvolutionShape, blocks: Int) -> Int {
    elements * blocks * inputBlocks(s) * s.kernel.depth * outputBlock * inputBlock
  }

  private static func sizes(_ s: ConvolutionShape, _ images: Int) -> spider_winograd_shape {
    precondition(
      s.kernel.height == 3 && s.kernel.width == 3 && s.stride == Extent3D(1)
        && (s.isPlanar && s.padding == Extent3D(image: 1, depth: 0)
          || s.kernel.depth == 3 && s.padding == Extent3D(1)),
      "kernel \(s.kernel), stride \(s.stride), padding \(s.padding) in place of 3, 1, 1")
    return spider_winograd_shape(
      images: Int32(images), Cin: Int32(s.inputChannels), Cout: Int32(s.outputChannels),
      D: Int32(s.input.depth), H: Int32(s.input.height), W: Int32(s.input.width))
  }

  // MARK: Forward, and backward by the input

  /// Transforms the weights; the workers share the blocks of output channels. `turned`: the weights are
  /// those of the convolution whose adjoint is wanted, so their two channel axes are swapped.
  static func transformWeights(
    _ weights: FloatSlice, _ s: ConvolutionShape, turned: Bool, into transformed: FloatSlice,
    workers: Int, _ level: InstructionSet
  ) {
    Parallel.forEachWorker(splitting: outputBlocks(s), limit: workers) { _, blocks in
      unsafe spider_winograd_weights(
        weights.address(s.weightCount), Int32(s.outputChannels), Int32(s.inputChannels),
        Int32(s.kernel.depth), turned ? 1 : 0, Int32(blocks.lowerBound), Int32(blocks.upperBound),
        transformed.mutableAddress(weightCount(s)), level.rawValue)
    }
  }

  /// Images: transforms all channels of one panel of the input.
  static func transformInput(
    _ input: FloatSlice, _ s: ConvolutionShape, images: Int, panel: Int,
    into transformed: FloatSlice, _ level: InstructionSet
  ) {
    unsafe spider_winograd_input(
      sizes(s, images), input.address(images * s.inputCount), Int64(panel),
      transformed.mutableAddress(inputCount(s)), level.rawValue)
  }

  /// Images: multiplies, transforms back, adds the bias: some blocks of output channels of one panel,
  /// which overwrite what was there or are added to it.
  static func makeOutput(
    weights: FloatSlice, input: FloatSlice, bias: FloatSlice?, _ s: ConvolutionShape, images: Int,
    panel: Int, blocks: Range<Int>, products: FloatSlice, into output: FloatSlice, adding: Bool,
    _ level: InstructionSet
  ) {
    unsafe spider_winograd_output(
      sizes(s, images), weights.address(weightCount(s)), input.address(inputCount(s)),
      bias?.address(s.outputChannels), Int64(panel), Int32(blocks.lowerBound),
      Int32(blocks.upperBound), products.mutableAddress(productCount),
      output.mutableAddress(images * s.outputCount), adding ? 1 : 0, level.rawValue)
  }

  /// Volumes: makes some planes of one panel of the output, or adds to them.
  static func makePlanes(
    _ input: FloatSlice, weights: FloatSlice, bias: FloatSlice?, _ s: ConvolutionShape,
    images: Int, panel: Int, planes: Range<Int>, scratch: FloatSlice, into output: FloatSlice,
    adding: Bool, _ level: InstructionSet
  ) {
    unsafe spider_winograd_planes(
      sizes(s, images), input.address(images * s.inputCount), weights.address(weightCount(s)),
      bias?.address(s.outputChannels), Int64(panel), Int32(planes.lowerBound),
      Int32(planes.upperBound), scratch.mutableAddress(planesCount(s)),
      output.mutableAddress(images * s.outputCount), adding ? 1 : 0, level.rawValue)
  }

  // MARK: Backward by the weights

  /// Transforms and turns some blocks of input channels of a plane of one panel: zeros where the plane
  /// lies outside.
  static func turnInput(
    _ input: FloatSlice, _ s: ConvolutionShape, images: Int, panel: Int, plane: Int = 0,
    blocks: Range<Int>, into turned: FloatSlice, _ level: InstructionSet
  ) {
    unsafe spider_winograd_turned_input(
      sizes(s, images), input.address(images * s.inputCount), Int64(panel), Int32(plane),
      Int32(blocks.lowerBound), Int32(blocks.upperBound),
      turned.mutableAddress(turnedInputCount(s)), level.rawValue)
  }

  /// Transforms some blocks of channels of a plane of one panel of the output's gradient.
  static func transformGradient(
    _ gradient: FloatSlice, _ s: ConvolutionShape, images: Int, panel: Int, plane: Int = 0,
    blocks: Range<Int>, into transformed: FloatSlice, _ level: InstructionSet
  ) {
    unsafe spider_winograd_gradient(
      sizes(s, images), gradient.address(images * s.outputCount), Int64(panel), Int32(plane),
      Int32(blocks.lowerBound), Int32(blocks.upperBound),
      transformed.mutableAddress(gradientCount(s)), level.rawValue)
  }

  /// The gradient of the weights of some blocks of output channels, from so many transformed panels of
  /// images, or from a chunk of so many planes of volumes, whose input begins a plane before the
  /// gradient and ends a plane behind it: products over tiles, transformed back, and added.
  static func addWeightGradient(
    input: FloatSlice, gradient: FloatSlice, count: Int, _ s: ConvolutionShape,
    blocks: Range<Int>, sums: FloatSlice, addingTo weightGradient: FloatSlice,
    _ level: InstructionSet
  ) {
    let add =
      unsafe s.isPlanar ? spider_winograd_weight_gradient : spider_winograd_volume_weight_gradient
    unsafe add(
      sizes(s, 1), input.address((count + s.kernel.depth - 1) * turnedInputCount(s)),
      gradient.address(count * gradientCount(s)), Int32(count), Int32(blocks.lowerBound),
      Int32(blocks.upperBound), sums.mutableAddress(sumCount(s, blocks: blocks.count)),
      weightGradient.mutableAddress(s.weightCount), level.rawValue)
  }
}
