/// One 3D convolution of a batch by the path that its shape asks for: what the layers share.
///
/// A transposed convolution is the same with forward and `backwardData` exchanged.
struct BatchConvolution3D {
  let images: Int
  private let algorithm: any ConvolutionAlgorithm3D

  init(_ shape: ConvolutionShape3D, images: Int) {
    self.images = images
    algorithm = ConvolutionPath3D(shape).algorithm(shape)
  }

  private var shape: ConvolutionShape3D { algorithm.shape }

  /// output = weights * input + bias.
  func forward(
    _ input: FloatSlice, weights: FloatSlice, bias: FloatSlice?, into output: FloatSlice
  ) {
    check(input, shape.inputCount, output, shape.outputCount)
    algorithm.forward(
      images: images, input, weights: weights, bias: bias, into: output,
      scratch: .scratch(algorithm.scratchCount * Parallel.workerCount))
  }

  /// inputGradient = weights^T * gradient + bias.
  func backwardData(
    _ gradient: FloatSlice, weights: FloatSlice, bias: FloatSlice? = nil,
    into inputGradient: FloatSlice
  ) {
    check(gradient, shape.outputCount, inputGradient, shape.inputCount)
    algorithm.backwardData(
      images: images, gradient, weights: weights, bias: bias, into: inputGradient,
      scratch: .scratch(algorithm.scratchCount * Parallel.workerCount))
  }

  /// Adds the gradient of the weights.
  func backwardWeights(
    _ gradient: FloatSlice, input: FloatSlice, addingTo weightGradient: FloatSlice
  ) {
    check(gradient, shape.outputCount, input, shape.inputCount)
    algorithm.backwardWeights(
      images: images, gradient, input: input, addingTo: weightGradient,
      scratch: .scratch(algorithm.weightScratchCount * Parallel.workerCount))
  }

  /// Adds the sum of a gradient (N, C, plane) over all but the channels.
  static func addBiasGradient(
    _ gradient: FloatSlice, images: Int, plane: Int, to biasGradient: FloatSlice
  ) {
    let channels = biasGradient.count
    Parallel.forEach(channels) { channel in
      for image in 0..<images {
        Kernels.addRowSums(
          gradient.part((image * channels + channel) * plane, plane), count: plane, stride: plane,
          to: biasGradient.part(channel, 1))
      }
    }
  }

  private func check(_ a: FloatSlice, _ aCount: Int, _ b: FloatSlice, _ bCount: Int) {
    precondition(
      a.count == images * aCount && b.count == images * bCount,
      "\(a.count) and \(b.count) numbers for \(images) volumes of \(aCount) and \(bCount)")
  }
}
