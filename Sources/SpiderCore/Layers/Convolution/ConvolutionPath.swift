/// The ways a 2D convolution can be computed. The choice is made here, from the shape alone, so that
/// results do not depend on the number of workers or on timing.
public enum ConvolutionPath: Sendable, CaseIterable {
  /// One matrix product an image: ``PointwiseConvolution2D``.
  case pointwise
  /// Tiles of 4x4 outputs with a quarter of the multiplications: ``WinogradConvolution2D``.
  case winograd
  /// Windows copied into columns, then matrix products: ``ColumnConvolution2D``. Any shape.
  case columns

  /// The fastest way for a shape.
  public static func choose(_ s: ConvolutionShape) -> ConvolutionPath {
    if s.kernel == 1 && s.stride == 1 && s.padding == 0 { return .pointwise }
    guard s.kernel == 3 && s.stride == 1 && s.padding == 1 else { return .columns }
    return min(s.inputChannels, s.outputChannels) >= 8 ? .winograd : .columns
  }
}
