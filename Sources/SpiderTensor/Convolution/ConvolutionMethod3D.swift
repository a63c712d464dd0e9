/// A way to compute a 3D convolution of a batch of volumes and its two backward passes.
///
/// It is planned once, for a shape, a number of volumes and a number of workers; passes allocate
/// nothing and take their scratch memory from the caller. Volumes are (N, C, D, H, W) one behind the
/// other, weights (C out, C in, K, K, K).
///
/// `forward` and `backwardData` do not depend on the number of workers to the last bit;
/// `backwardWeights` is the same from run to run with the same number.
protocol ConvolutionMethod3D: Sendable {
  /// Numbers of scratch memory that `forward` needs.
  var forwardScratchCount: Int { get }
  /// Numbers of scratch memory that `backwardData` needs.
  var dataScratchCount: Int { get }
  /// Numbers of scratch memory that `backwardWeights` needs.
  var weightScratchCount: Int { get }

  /// y = bias + weights * x; overwrites the output, or adds to it.
  func forward(
    _ input: FloatSlice, weights: FloatSlice, bias: FloatSlice?, into output: FloatSlice,
    adding: Bool, scratch: FloatSlice)

  /// The gradient of the input from that of the output; overwrites it. A bias (C in) is added where
  /// this is the forward pass of a transposed convolution.
  func backwardData(
    _ gradient: FloatSlice, weights: FloatSlice, bias: FloatSlice?,
    into inputGradient: FloatSlice, scratch: FloatSlice)

  /// The gradient of the weights from that of the output and the input; adds to it.
  func backwardWeights(
    _ gradient: FloatSlice, input: FloatSlice, addingTo weightGradient: FloatSlice,
    scratch: FloatSlice)
}
