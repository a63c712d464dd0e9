import SpiderSupport

/// The three maps of a convolution of a batch as their definitions say, in double precision: the
/// reference of the tests, and of the reference passes of a ``Tape``. Slow.
///
/// w[o][i][k] are the weights, x[i] and y[o] channels of input and output, k, v, u places in the kernel,
/// the output and the input: u = v stride + k - padding.
package struct ConvolutionReference: Sendable {
  let shape: ConvolutionShape
  let images: Int

  /// A convolution of so many volumes.
  package init(_ shape: ConvolutionShape, images: Int = 1) {
    self.shape = shape
    self.images = images
  }

  // MARK: Of numbers in single precision

  /// (N, C in, D, H, W) to (N, C out, D', H', W').
  package func forward(_ input: [Float], weights: [Float], bias: [Float]? = nil) -> [Double] {
    var y = forward(input.map(Double.init), weights.map(Double.init))
    if let bias { ReferenceBias.add(bias.map(Double.init), to: &y, images: images) }
    return y
  }

  /// The gradient of the input from that of the output.
  package func backwardData(_ gradient: [Float], weights: [Float]) -> [Double] {
    backwardData(gradient.map(Double.init), weights.map(Double.init))
  }

  /// The gradient of the weights from that of the output.
  package func backwardWeights(_ gradient: [Float], input: [Float]) -> [Double] {
    backwardWeights(gradient.map(Double.init), input.map(Double.init))
  }

  // MARK: Of numbers in double precision

  /// y[o][v] = sum over i, k of w[o][i][k] x[i][u].
  func forward(_ x: [Double], _ w: [Double]) -> [Double] {
    let s = shape
    return Parallel.map(images * s.outputChannels) { item -> [Double] in
      let (n, o) = (item / s.outputChannels, item % s.outputChannels)
      var y = [Double](repeating: 0, count: s.output.count)
      for i in 0..<s.inputChannels {
        let (start, weights) = (
          (n * s.inputChannels + i) * s.input.count, (o * s.inputChannels + i) * s.kernel.count
        )
        forEachRow { k, v, u, count, step in
          let weight = w[weights + k]
          for c in 0..<count { y[v + c] += weight * x[start + u + c * step] }
        }
      }
      return y
    }.flatMap { $0 }
  }

  /// x'[i][u] = sum over o, k of w[o][i][k] y'[o][v]: the gradient of the input, and the transposed
  /// convolution.
  func backwardData(_ up: [Double], _ w: [Double]) -> [Double] {
    let s = shape
    return Parallel.map(images * s.inputChannels) { item -> [Double] in
      let (n, i) = (item / s.inputChannels, item % s.inputChannels)
      var x = [Double](repeating: 0, count: s.input.count)
      for o in 0..<s.outputChannels {
        let (start, weights) = (
          (n * s.outputChannels + o) * s.output.count, (o * s.inputChannels + i) * s.kernel.count
        )
        forEachRow { k, v, u, count, step in
          let weight = w[weights + k]
          for c in 0..<count { x[u + c * step] += weight * up[start + v + c] }
        }
      }
      return x
    }.flatMap { $0 }
  }

  /// w'[o][i][k] = sum over the batch and v of y'[o][v] x[i][u].
  func backwardWeights(_ up: [Double], _ x: [Double]) -> [Double] {
    let s = shape
    return Parallel.map(s.outputChannels * s.inputChannels) { item -> [Double] in
      let (o, i) = (item / s.inputChannels, item % s.inputChannels)
      var w = [Double](repeating: 0, count: s.kernel.count)
      for n in 0..<images {
        let from = (n * s.inputChannels + i) * s.input.count
        let start = (n * s.outputChannels + o) * s.output.count
        forEachRow { k, v, u, count, step in
          var sum = 0.0
          for c in 0..<count { sum += up[start + v + c] * x[from + u + c * step] }
          w[k] += sum
        }
      }
      return w
    }.flatMap { $0 }
  }

  /// Visits, for every place of the kernel, the rows of the output under which there is input: the
  /// place, where the row's first pixel that counts lies in output and input, how many count, and the
  /// step between them in the input.
  @inline(__always)
  private func forEachRow(_ body: (_ k: Int, _ v: Int, _ u: Int, _ count: Int, _ step: Int) -> Void)
  {
    let (kernel, input, output) = (shape.kernel, shape.input, shape.output)
    let (stride, padding) = (shape.stride, shape.padding)
    for kd in 0..<kernel.depth {
      for kh in 0..<kernel.height {
        for kw in 0..<kernel.width {
          let k = (kd * kernel.height + kh) * kernel.width + kw
          let first = max(0, (padding.width - kw + stride.width - 1) / stride.width)
          let end = min(
            output.width,
            (input.width - 1 + padding.width - kw + stride.width) / stride.width)
          guard first < end else { continue }
          for d in 0..<output.depth {
            let ud = d * stride.depth + kd - padding.depth
            guard ud >= 0, ud < input.depth else { continue }
            for h in 0..<output.height {
              let uh = h * stride.height + kh - padding.height
              guard uh >= 0, uh < input.height else { continue }
              let u = (ud * input.height + uh) * input.width
              body(
                k, (d * output.height + h) * output.width + first,
                u + first * stride.width + kw - padding.width, end - first, stride.width)
            }
          }
        }
      }
    }
  }
}

/// A bias, one number a channel, in double precision.
enum ReferenceBias {
  /// Adds it to numbers (N, C, ...).
  static func add(_ bias: [Double], to x: inout [Double], images: Int) {
    let size = x.count / (images * bias.count)
    for index in x.indices { x[index] += bias[index / size % bias.count] }
  }

  /// Its gradient: the sums of each channel.
  static func gradient(_ up: [Double], channels: Int, images: Int) -> [Double] {
    let size = up.count / (images * channels)
    var sums = [Double](repeating: 0, count: channels)
    for (index, value) in up.enumerated() { sums[index / size % channels] += value }
    return sums
  }
}
