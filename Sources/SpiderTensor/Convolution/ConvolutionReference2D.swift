/// A 2D convolution of a batch of images and its backward passes as their definitions say, in double:
/// the reference of the tests, slow.
///
/// y[n][o][r][c] = bias[o] + sum over i, ky, kx of
/// weight[o][i][ky][kx] x[n][i][r stride + ky - padding][c stride + kx - padding].
package struct ConvolutionReference2D: Sendable {
  private let shape: ConvolutionShape
  private let images: Int

  /// A convolution of so many images.
  package init(_ shape: ConvolutionShape, images: Int) {
    self.shape = shape
    self.images = images
  }

  /// (N, C in, H, W) to (N, C out, H', W').
  package func forward(_ input: [Float], weights: [Float], bias: [Float]?) -> [Double] {
    let plane = shape.outputPlane
    var output: [Double] = []
    for _ in 0..<images {
      for o in 0..<shape.outputChannels {
        output += [Double](repeating: Double(bias?[o] ?? 0), count: plane)
      }
    }
    forEachProduct { x, w, y in output[y] += Double(weights[w]) * Double(input[x]) }
    return output
  }

  /// The gradient of the input from that of the output.
  package func backwardData(_ gradient: [Float], weights: [Float]) -> [Double] {
    var result = [Double](repeating: 0, count: images * shape.inputCount)
    forEachProduct { x, w, y in result[x] += Double(weights[w]) * Double(gradient[y]) }
    return result
  }

  /// The gradient of the weights from that of the output.
  package func backwardWeights(_ gradient: [Float], input: [Float]) -> [Double] {
    var result = [Double](repeating: 0, count: shape.outputChannels * shape.taps)
    forEachProduct { x, w, y in result[w] += Double(input[x]) * Double(gradient[y]) }
    return result
  }

  /// Visits every product of an input and a weight, with the places of both and of its output.
  @inline(__always)
  private func forEachProduct(_ visit: (_ input: Int, _ weight: Int, _ output: Int) -> Void) {
    let s = shape
    for n in 0..<images {
      for o in 0..<s.outputChannels {
        for i in 0..<s.inputChannels {
          for ky in 0..<s.kernel {
            for kx in 0..<s.kernel {
              let weight = ((o * s.inputChannels + i) * s.kernel + ky) * s.kernel + kx
              for r in 0..<s.outputHeight {
                let y = r * s.stride + ky - s.padding
                guard y >= 0, y < s.height else { continue }
                let source = ((n * s.inputChannels + i) * s.height + y) * s.width
                let target = ((n * s.outputChannels + o) * s.outputHeight + r) * s.outputWidth
                for c in 0..<s.outputWidth {
                  let x = c * s.stride + kx - s.padding
                  if x >= 0, x < s.width { visit(source + x, weight, target + c) }
                }
              }
            }
          }
        }
      }
    }
  }
}
