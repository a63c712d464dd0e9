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
