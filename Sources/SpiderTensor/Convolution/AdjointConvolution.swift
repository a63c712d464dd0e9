/// A convolution of stride 1 with few output channels, computed as the gradient of another: that with
/// input and output exchanged and each kernel turned about its centre.
///
/// The columns then belong to the few output channels, not to the many input channels: a kernel of
/// 7x7x7 from 16 channels to one moves a sixteenth of the numbers.
struct TurnedConvolution3D: ConvolutionMethod3D {
  private let shape: ConvolutionShape3D
  private let turned: ColumnConvolution3D

  init(_ shape: ConvolutionShape3D, images: Int, workers: Int) {
    self.shape = shape
    turned = ColumnConvolution3D(shape.adjoint, images: images, workers: workers)
  }

  var forwardScratchCount: Int { shape.weightCount + turned.dataScratchCount }
  var dataScratchCount: Int { shape.weightCount + turned.forwardScratchCount }
  var weightScratchCount: Int { shape.weightCount + turned.weightScratchCount }

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

  func forward(
    _ input: FloatSlice, weights: FloatSlice, bias: FloatSlice?, into output: FloatSlice,
    adding: Bool, scratch: FloatSlice
  ) {
    let (own, rest) = parts(scratch)
    forEachWeight { own[$1] = weights[$0] }
    turned.backwardData(
      input, weights: own, bias: bias, into: output, adding: adding, scratch: rest)
  }

  func backwardData(
    _ gradient: FloatSlice, weights: FloatSlice, bias: FloatSlice?,
    into inputGradient: FloatSlice, scratch: FloatSlice
  ) {
    let (own, rest) = parts(scratch)
    forEachWeight { own[$1] = weights[$0] }
    turned.forward(
      gradient, weights: own, bias: bias, into: inputGradient, adding: false, scratch: rest)
  }

  func backwardWeights(
    _ gradient: FloatSlice, input: FloatSlice, addingTo weightGradient: FloatSlice,
    scratch: FloatSlice
  ) {
    let (own, rest) = parts(scratch)
    own.fill(0)
    turned.backwardWeights(input, input: gradient, addingTo: own, scratch: rest)
    forEachWeight { weightGradient[$0] += own[$1] }
  }
}
