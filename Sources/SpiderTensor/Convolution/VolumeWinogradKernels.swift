import SpiderSupport
internal import CSpiderKernels

/// Winograd convolution of a batch of volumes: 3x3x3 kernels, stride 1, padding 1.
///
/// Panels are 32 tiles of 4x4 outputs of a plane; a block is 8 output channels or, in the gradient of
/// the weights, 32 input channels. The layouts are told in `winograd_tile.h` and `winograd3d.h`.
extension WinogradKernels {
  /// Counts and sizes of scratch memory.
  enum Winograd3D {
    /// Panels that cover one plane of `images` volumes.
    static func panels(_ s: ConvolutionShape3D, images: Int) -> Int {
      Int(spider_winograd3d_panels(sizes(s, images)))
    }
    /// Blocks of output channels.
    static func outputBlocks(_ s: ConvolutionShape3D) -> Int {
      (s.outputChannels + Winograd.outputBlock - 1) / Winograd.outputBlock
    }
    /// Blocks of input channels.
    static func inputBlocks(_ s: ConvolutionShape3D) -> Int {
      (s.inputChannels + Winograd.inputBlock - 1) / Winograd.inputBlock
    }
    /// Numbers of the transformed weights.
    static func weightCount(_ s: ConvolutionShape3D) -> Int {
      Winograd.elements * outputBlocks(s) * Winograd.outputBlock * 3 * s.inputChannels
    }
    /// Numbers of scratch memory that a march along z needs.
    static func planesCount(_ s: ConvolutionShape3D) -> Int {
      Int(spider_winograd3d_scratch(sizes(s, 1)))
    }
    /// Numbers of a plane's transformed input, turned for the gradient of the weights.
    static func turnedInputCount(_ s: ConvolutionShape3D) -> Int {
      Winograd.elements * (inputBlocks(s) * Winograd.inputBlock + 1) * Winograd.panel
    }
    /// Numbers of a plane's transformed output gradient.
    static func gradientCount(_ s: ConvolutionShape3D) -> Int {
      Winograd.elements * (outputBlocks(s) * Winograd.outputBlock + 1) * Winograd.panel
    }
    /// Numbers of the products of so many blocks of output channels.
    static func sumCount(_ s: ConvolutionShape3D, blocks: Int) -> Int {
      Int(spider_winograd3d_sums(sizes(s, 1), Int32(blocks)))
    }

    fileprivate static func sizes(
      _ s: ConvolutionShape3D, _ images: Int
    ) -> spider_winograd3d_shape {
      precondition(
        s.kernel == Extent3D(3) && s.stride == Extent3D(1) && s.padding == Extent3D(1),
        "kernel \(s.kernel), stride \(s.stride), padding \(s.padding) in place of 3, 1, 1")
      return spider_winograd3d_shape(
        images: Int32(images), Cin: Int32(s.inputChannels), Cout: Int32(s.outputChannels),
        D: Int32(s.input.depth), H: Int32(s.input.height), W: Int32(s.input.width))
    }
  }

  /// Transforms the weights of some blocks of output channels. `turned`: the weights are those of the
  /// convolution whose adjoint is wanted, so their two channel axes are swapped.
  static func winogradWeights(
    _ weights: FloatSlice, _ s: ConvolutionShape3D, turned: Bool, blocks: Range<Int>,
    into transformed: FloatSlice, _ level: InstructionSet
  ) {
    unsafe spider_winograd3d_weights(
      weights.address(s.weightCount), Int32(s.outputChannels), Int32(s.inputChannels),
      turned ? 1 : 0, Int32(blocks.lowerBound), Int32(blocks.upperBound),
      transformed.address(Winograd3D.weightCount(s)), level.rawValue)
  }

  /// Makes some planes of one panel of the output, or adds to them.
  static func winogradPlanes(
    _ input: FloatSlice, weights: FloatSlice, bias: FloatSlice?, _ s: ConvolutionShape3D,
    images: Int, panel: Int, planes: Range<Int>, scratch: FloatSlice, into output: FloatSlice,
    adding: Bool, _ level: InstructionSet
  ) {
    unsafe spider_winograd3d_planes(
      Winograd3D.sizes(s, images), input.address(images * s.inputCount),
      weights.address(Winograd3D.weightCount(s)), bias?.address(s.outputChannels), Int64(panel),
      Int32(planes.lowerBound), Int32(planes.upperBound),
      scratch.address(Winograd3D.planesCount(s)), output.address(images * s.outputCount),
      adding ? 1 : 0, level.rawValue)
  }

  /// Transforms and turns a plane of one panel of the input, for the gradient of the weights: zeros
  /// where the plane lies outside.
  static func winogradTurnedInput(
    _ input: FloatSlice, _ s: ConvolutionShape3D, images: Int, panel: Int, plane: Int,
    into turned: FloatSlice, _ level: InstructionSet
  ) {
    unsafe spider_winograd3d_turned_input(
      Winograd3D.sizes(s, images), input.address(images * s.inputCount), Int64(panel),
      Int32(plane), 0, Int32(Winograd3D.inputBlocks(s)),
      turned.address(Winograd3D.turnedInputCount(s)), level.rawValue)
  }

  /// Transforms a plane of one panel of the output's gradient.
  static func winogradGradient(
    _ gradient: FloatSlice, _ s: ConvolutionShape3D, images: Int, panel: Int, plane: Int,
    into transformed: FloatSlice, _ level: InstructionSet
  ) {
    unsafe spider_winograd3d_gradient(
      Winograd3D.sizes(s, images), gradient.address(images * s.outputCount), Int64(panel),
      Int32(plane), 0, Int32(Winograd3D.outputBlocks(s)),
      transformed.address(Winograd3D.gradientCount(s)), level.rawValue)
  }

  /// Adds to the gradient of the weights of some blocks of output channels what a chunk of `planes`
  /// planes gives: `input` begins a plane before the gradient and ends a plane behind it.
  static func winogradWeightGradient(
    input: FloatSlice, gradient: FloatSlice, planes: Int, _ s: ConvolutionShape3D,
    blocks: Range<Int>, scratch: FloatSlice, addingTo weightGradient: FloatSlice,
    _ level: InstructionSet
  ) {
    unsafe spider_winograd3d_weight_gradient(
      Winograd3D.sizes(s, 1), input.address((planes + 2) * Winograd3D.turnedInputCount(s)),
      gradient.address(planes * Winograd3D.gradientCount(s)), Int32(planes),
      Int32(blocks.lowerBound), Int32(blocks.upperBound),
      scratch.address(Winograd3D.sumCount(s, blocks: blocks.count)),
      weightGradient.address(s.weightCount), level.rawValue)
  }
}
