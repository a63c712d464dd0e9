import SpiderSupport
internal import CSpiderKernels

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
