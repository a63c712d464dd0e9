/// A way to compute a 2D convolution of a batch of images and its two backward passes.
///
/// It is planned once, for a shape, a number of images and a number of workers; passes allocate
/// nothing and take their scratch memory from the caller. Images are (N, C, H, W) one behind the
/// other, weights (C out, C in, K, K).
package protocol ConvolutionMethod2D: Sendable {
  /// Numbers of scratch memory that `forward` needs.
  var forwardScratchCount: Int { get }
  /// Numbers of scratch memory that `backwardData` needs.
  var dataScratchCount: Int { get }
  /// Numbers of scratch memory that `backwardWeights` needs.
  var weightScratchCount: Int { get }

  /// y = bias + weights * x; overwrites the output.
  func forward(
    _ input: FloatSlice, weights: FloatSlice, bias: FloatSlice?, into output: FloatSlice,
    scratch: FloatSlice)

  /// The gradient of the input from that of the output; overwrites it.
  func backwardData(
    _ gradient: FloatSlice, weights: FloatSlice, into inputGradient: FloatSlice,
    scratch: FloatSlice)

  /// The gradient of the weights from that of the output and the input; adds to it.
  func backwardWeights(
    _ gradient: FloatSlice, input: FloatSlice, addingTo weightGradient: FloatSlice,
    scratch: FloatSlice)
}
