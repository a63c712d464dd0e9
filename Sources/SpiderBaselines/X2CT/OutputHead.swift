import SpiderCore
import SpiderTensor

/// The last convolution of a decoder, of kernel 7, and the positive part.
struct OutputHead {
  let convolution: TapedConvolution

  init(_ name: String, inputChannels: Int, _ builder: inout LayerBuilder) {
    convolution = TapedConvolution(
      volume: "\(name).0", inputChannels: inputChannels, outputChannels: 1, kernel: 7, &builder)
  }

  /// (N, C, S, S, S) to (N, 1, S, S, S).
  func callAsFunction(_ x: Activation, _ tape: Tape) -> Activation {
    Elementwise.relu(convolution(x, tape), tape)
  }
}
