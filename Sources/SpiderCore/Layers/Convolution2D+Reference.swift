extension Convolution2D {
  /// The convolution as its definition says, in double: the reference of the tests, slow.
  ///
  /// y[n][o][r][c] = bias[o] + sum over i, ky, kx of
  /// weight[o][i][ky][kx] x[n][i][r stride + ky - padding][c stride + kx - padding].
  public func referenceForward(_ input: Tensor, _ parameters: ParameterArena) -> [Double] {
    let s = shape(height: input.shape[2], width: input.shape[3])
    let x = input.values
    let w = parameters[weight].array
    let b = bias.map { parameters[$0].array }
    var output: [Double] = []
    for n in 0..<input.shape[0] {
      for o in 0..<outputChannels {
        for r in 0..<s.outputHeight {
          for c in 0..<s.outputWidth {
            var sum = Double(b?[o] ?? 0)
            for i in 0..<inputChannels {
              for ky in 0..<kernel {
                for kx in 0..<kernel {
                  let (y, z) = (r * stride + ky - padding, c * stride + kx - padding)
                  guard y >= 0, y < s.height, z >= 0, z < s.width else { continue }
                  let pixel = x[((n * inputChannels + i) * s.height + y) * s.width + z]
                  sum +=
                    Double(w[((o * inputChannels + i) * kernel + ky) * kernel + kx])
                    * Double(pixel)
                }
              }
            }
            output.append(sum)
          }
        }
      }
    }
    return output
  }
}
