/// The ways a 2D convolution can be computed, and the choice between them.
///
/// The choice depends on the sizes alone, never on the number of workers or on timing, so results do
/// not either.
package enum ConvolutionPath: Sendable, CaseIterable {
  /// One matrix product an image. 1x1 kernels, stride 1.
  case pointwise
  /// Tiles of 4x4 outputs with a quarter of the multiplications. 3x3 kernels, stride 1, padding 1.
  case winograd
  /// Windows copied into columns, then matrix products. Any kernel, stride and padding.
  case columns

  /// The fastest way for so many images of a shape.
  ///
  /// The limits come from measurements on one core of an AMD EPYC (Zen 4), time by columns over time
  /// by Winograd, forward / by the input / by the weights:
  ///
  ///     64 -> 64, 128 x 128        3.9 / 4.5 / 4.2
  ///     16 -> 16, 128 x 128        3.7 / 4.1 / 2.0
  ///      8 -> 32, 128 x 128        3.1 / 3.3 / 1.1
  ///      4 -> 32, 128 x 128        2.5 / 2.0 / 0.7
  ///      1 -> 32, 128 x 128        1.3 / 0.7 / 0.3    a matrix product with 9 columns is no work
  ///     32 ->  1, 128 x 128        1.8 / 5.0 / 1.2
  ///     64 -> 64, 30 x 30 (odd)    3.0 / 3.2 / 3.0
  ///     64 -> 64, 8 x 8            0.6 / 0.5 / 0.6    4 tiles, of the 32 that a panel computes
  package static func choose(_ s: ConvolutionShape, images: Int) -> ConvolutionPath {
    if s.kernel == 1 && s.stride == 1 && s.padding == 0 { return .pointwise }
    guard s.kernel == 3 && s.stride == 1 && s.padding == 1 else { return .columns }
    let tiles = images * ((s.height + 3) / 4) * ((s.width + 3) / 4)
    return s.inputChannels >= 8 && tiles >= 16 ? .winograd : .columns
  }
}
