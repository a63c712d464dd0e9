// The three maps of a convolution as their definitions say, in double: the references of the tests,
// slow. w[o][i][k] are the weights, x[i] and y[o] the channels of one input and one output volume, and
// k, v, u the places in the kernel, the output and the input.

extension ConvolutionShape3D {
  /// y[o][v] = sum over i, k of w[o][i][k] x[i][v stride + k - padding].
  package func referenceForward(_ input: [Float], weights: [Float]) -> [Double] {
    var result = [Double](repeating: 0, count: outputCount)
    for o in 0..<outputChannels {
      for i in 0..<inputChannels {
        forEachTap { k, v, u in
          result[o * output.count + v] +=
            Double(weights[(o * inputChannels + i) * kernel.count + k])
            * Double(input[i * self.input.count + u])
        }
      }
    }
    return result
  }

  /// x'[i][u] = sum over o, k, and the v with u = v stride + k - padding, of w[o][i][k] y'[o][v]: the
  /// gradient of the input, and the transposed convolution.
  package func referenceBackwardData(_ gradient: [Float], weights: [Float]) -> [Double] {
    var result = [Double](repeating: 0, count: inputCount)
    for o in 0..<outputChannels {
      for i in 0..<inputChannels {
        forEachTap { k, v, u in
          result[i * input.count + u] +=
            Double(weights[(o * inputChannels + i) * kernel.count + k])
            * Double(gradient[o * output.count + v])
        }
      }
    }
    return result
  }

  /// w'[o][i][k] = sum over v of y'[o][v] x[i][v stride + k - padding].
  package func referenceBackwardWeights(_ gradient: [Float], input: [Float]) -> [Double] {
    var result = [Double](repeating: 0, count: weightCount)
    for o in 0..<outputChannels {
      for i in 0..<inputChannels {
        forEachTap { k, v, u in
          result[(o * inputChannels + i) * kernel.count + k] +=
            Double(gradient[o * output.count + v]) * Double(input[i * self.input.count + u])
        }
      }
    }
    return result
  }

  /// Every place k of the kernel over every output place v, with the input place u under it, where
  /// that lies inside.
  private func forEachTap(_ body: (_ k: Int, _ v: Int, _ u: Int) -> Void) {
    for (k, tap) in kernel.places.enumerated() {
      for (v, place) in output.places.enumerated() {
        let under = place.combined(with: stride, tap, padding) { v, stride, k, padding in
          v * stride + k - padding
        }
        guard under.isInside(input) else { continue }
        body(k, v, (under.depth * input.height + under.height) * input.width + under.width)
      }
    }
  }
}

extension Extent3D {
  /// Every place, in the order of memory.
  fileprivate var places: [Extent3D] {
    (0..<count).map {
      Extent3D(depth: $0 / (height * width), height: $0 / width % height, width: $0 % width)
    }
  }

  fileprivate func isInside(_ size: Extent3D) -> Bool {
    depth >= 0 && depth < size.depth && height >= 0 && height < size.height && width >= 0
      && width < size.width
  }
}
