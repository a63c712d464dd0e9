/// Which way a 3D convolution is computed: chosen from its shape, here and nowhere else.
enum ConvolutionPath3D {
  /// Columns and `sgemm`: any kernel, stride, padding and size.
  case columns

  /// The choice for a shape.
  init(_ shape: ConvolutionShape3D) {
    self = .columns
  }

  /// The algorithm of this path.
  func algorithm(_ shape: ConvolutionShape3D) -> any ConvolutionAlgorithm3D {
    switch self {
    case .columns: ColumnConvolution(shape)
    }
  }
}
