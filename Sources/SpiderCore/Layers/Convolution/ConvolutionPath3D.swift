/// The ways a 3D convolution can be computed. The choice is made here, from the shape alone, so that
/// results do not depend on the number of workers or on timing.
public enum ConvolutionPath3D: Sendable, CaseIterable {
  /// Tiles of 4x4 outputs of a plane with a quarter of the multiplications:
  /// ``WinogradConvolution3D``.
  case winograd
  /// Windows copied into columns, then matrix products: ``ColumnConvolution3D``. Any shape.
  case columns

  /// The fastest way for a batch of volumes.
  public static func choose(_ s: ConvolutionShape3D, images: Int) -> ConvolutionPath3D {
    guard s.kernel == Extent3D(3), s.stride == Extent3D(1), s.padding == Extent3D(1) else {
      return .columns
    }
    // A panel of 32 tiles takes the same time however few of its 512 pixels are there.
    let tiles = images * ((s.input.height + 3) / 4) * ((s.input.width + 3) / 4)
    let panels = (tiles + 31) / 32
    let pixels = images * s.input.height * s.input.width
    return 4 * pixels >= panels * 512 ? .winograd : .columns
  }
}
