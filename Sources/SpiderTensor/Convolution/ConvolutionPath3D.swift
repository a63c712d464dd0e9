/// The ways a 3D convolution can be computed. The choice is made here, from the shape alone, so that
/// results do not depend on the number of workers or on timing.
package enum ConvolutionPath3D: Sendable, CaseIterable {
  /// Tiles of 4x4 outputs of a plane with a quarter of the multiplications:
  /// ``WinogradConvolution3D``. Kernels of 3x3x3, stride 1, padding 1.
  case winograd
  /// The gradient of a convolution with the channels exchanged: ``TurnedConvolution3D``. Stride 1.
  case turned
  /// A matrix product along the rows, sums across them: ``SplitConvolution3D``. Stride 1.
  case split
  /// Windows copied into columns, then matrix products: ``ColumnConvolution3D``. Any shape.
  case columns

  /// The fastest way for a batch of volumes.
  package static func choose(_ s: ConvolutionShape3D, images: Int) -> ConvolutionPath3D {
    guard s.stride == Extent3D(1), s.kernel.count > 1 else { return .columns }
    if s.kernel == Extent3D(3), s.padding == Extent3D(1) {
      // A panel of 32 tiles takes the same time however few of its 512 pixels are there. Winograd is
      // six times as fast as columns when all are.
      let tiles = images * ((s.input.height + 3) / 4) * ((s.input.width + 3) / 4)
      let panels = (tiles + 31) / 32
      let pixels = images * s.input.height * s.input.width
      if 6 * pixels >= panels * 512 { return .winograd }
    }
    // Copying columns costs as much as sixteen output channels' products.
    let fewOutputs = s.outputChannels <= min(16, s.inputChannels / 2)
    guard fewOutputs && suits(turned: s) else { return .columns }
    let moves = SplitConvolution3D.moves(s)
    return moves.split < moves.turned ? .split : .turned
  }

  /// Whether the padding leaves a convolution to exchange with.
  private static func suits(turned s: ConvolutionShape3D) -> Bool {
    s.padding.depth < s.kernel.depth && s.padding.height < s.kernel.height
      && s.padding.width < s.kernel.width
  }
}
