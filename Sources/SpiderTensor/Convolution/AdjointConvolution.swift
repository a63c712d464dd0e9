/// A convolution of stride 1 with few output channels, computed as the gradient of another: that with
/// input and output exchanged and each kernel turned about its centre.
///
/// The columns then belong to the few output channels, not to the many input channels: a kernel of
/// 7x7x7 from 16 channels to one moves a sixteenth of the numbers.
package struct AdjointConvolution: ConvolutionAlgorithm {
  private let shape: ConvolutionShape
  private let turned: ColumnConvolution

  package init(_ shape: ConvolutionShape, images: Int, workers: Int) {
    self.shape = shape
    turned = ColumnConvolution(shape.adjoint, images: images, workers: workers)
  }

  package var forwardScratchCount: Int { shape.weightCount + turned.dataScratchCount }
  package var dataScratchCount: Int { shape.weightCount + turned.forwardScratchCount }
  package var weightScratchCount: Int { shape.weightCount + turned.weightScratchCount }

  /// The scratch memory of the turned weights and that of the other convolution.
  private func parts(_ scratch: FloatSlice) -> (weights: FloatSlice, rest: FloatSlice) {
    (
      scratch.part(0, shape.weightCount),
      scratch.part(shape.weightCount, scratch.count - shape.weightCount)
    )
  }

  /// Pairs every weight w[o][i][k] with its place in t[i][o][K - 1 - k].
  private func forEachWeight(_ body: (_ weight: Int, _ turned: Int) -> Void) {
    let taps = shape.kernel.count
    for o in 0..<shape.outputChannels {
      for i in 0..<shape.inputChannels {
        let from = (o * shape.inputChannels + i) * taps
        let to = (i * shape.outputChannels + o) * taps + taps - 1
        for k in 0..<taps { body(from + k, to - k) }
      }
    }
  }

  package func forward(
    _ input: FloatSlice, weights: FloatSlice, bias: FloatSlice?, into output: FloatSlice,
    adding: Bool, scratch: FloatSlice
  ) {
    let (own, rest) = parts(scratch)
    forEachWeight { own[$1] = weights[$0] }
    turned.backwardData(
      input, weights: own, bias: bias, into: output, adding: adding, scratch: rest)
  }

  package func backwardData(
    _ gradient: FloatSlice, weights: FloatSlice, bias: FloatSlice?,
    into inputGradient: FloatSlice, scratch: FloatSlice
  ) {
    let (own, rest) = parts(scratch)
    forEachWeight { own[$1] = weights[$0] }
    turned.forward(
      gradient, weights: own, bias: bias, into: inputGradient, adding: false, scratch: rest)
  }

  package func backwardWeights(
    _ gradient: FloatSlice, input: FloatSlice, addingTo weightGradient: FloatSlice,
    scratch: FloatSlice
  ) {
    let (own, rest) = parts(scratch)
    own.fill(0)
    turned.backwardWeights(input, input: gradient, addingTo: own, scratch: rest)
    forEachWeight { weightGradient[$0] += own[$1] }
  }
}
