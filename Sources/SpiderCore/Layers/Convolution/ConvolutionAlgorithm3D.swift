/// A way to compute a 3D convolution and its two gradients for a batch, on memory that the caller owns.
///
/// Volumes are (N, C, D, H, W). Scratch memory is the caller's, so that it can be set aside once: each
/// call uses as many workers as it has room for. Forward and the gradient of the input do not depend on
/// the worker count to the last bit; the gradient of the weights is the same from run to run with the
/// same worker count.
protocol ConvolutionAlgorithm3D: Sendable {
  /// The sizes of one volume's convolution.
  var shape: ConvolutionShape3D { get }

  /// Scratch numbers a worker needs in `forward` and `backwardData`.
  var scratchCount: Int { get }

  /// output = weights * input + bias.
  func forward(
    images: Int, _ input: FloatSlice, weights: FloatSlice, bias: FloatSlice?,
    into output: FloatSlice, scratch: FloatSlice)

  /// The adjoint by the input: inputGradient = weights^T * gradient, plus a bias a channel of the input
  /// where this is the forward pass of a transposed convolution.
  func backwardData(
    images: Int, _ gradient: FloatSlice, weights: FloatSlice, bias: FloatSlice?,
    into inputGradient: FloatSlice, scratch: FloatSlice)

  /// Scratch numbers a worker needs in `backwardWeights`.
  var weightScratchCount: Int { get }

  /// Adds the gradient of the weights.
  func backwardWeights(
    images: Int, _ gradient: FloatSlice, input: FloatSlice, addingTo weightGradient: FloatSlice,
    scratch: FloatSlice)
}

extension ConvolutionAlgorithm3D {
  /// How many workers `scratch` has room for, among those there are.
  func workers(_ scratch: FloatSlice, each count: Int) -> Int {
    precondition(
      scratch.count >= count, "\(scratch.count) numbers of scratch where a worker needs \(count)")
    return count == 0 ? Parallel.workerCount : min(Parallel.workerCount, scratch.count / count)
  }
}
