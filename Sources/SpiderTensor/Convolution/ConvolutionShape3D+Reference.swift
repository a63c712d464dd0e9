// The three maps of a convolution as their definitions say, in double: the references of the tests,
// slow. w[o][i][k] are the weights, x[i] and y[o] the channels of one input and one output volume, and
// k, v, u the places in the kernel, the output and the input.

extension ConvolutionShape3D {
  /// y[o][v] = sum over i, k of w[o][i][k] x[i][v stride + k - padding].
  package func referenceForward(_ input: [Float], weights: [Float]) -> [Double] {
    var result = [Double](repeating: 0, count: outputCount)
    forEachProduct { y, x, w in result[y] += Double(weights[w]) * Double(input[x]) }
    return result
  }

  /// x'[i][u] = sum over o, k, and the v with u = v stride + k - padding, of w[o][i][k] y'[o][v]: the
  /// gradient of the input, and the transposed convolution.
  package func referenceBackwardData(_ gradient: [Float], weights: [Float]) -> [Double] {
    var result = [Double](repeating: 0, count: inputCount)
    forEachProduct { y, x, w in result[x] += Double(weights[w]) * Double(gradient[y]) }
    return result
  }

  /// w'[o][i][k] = sum over v of y'[o][v] x[i][v stride + k - padding].
  package func referenceBackwardWeights(_ gradient: [Float], input: [Float]) -> [Double] {
    var result = [Double](repeating: 0, count: weightCount)
    forEachProduct { y, x, w in result[w] += Double(gradient[y]) * Double(input[x]) }
    return result
  }

  /// Every product of an input and a weight that enters an output: where the three lie in memory.
  private func forEachProduct(_ body: (_ y: Int, _ x: Int, _ w: Int) -> Void) {
    let places = places
    for o in 0..<outputChannels {
      for i in 0..<inputChannels {
        let (y, x) = (o * output.count, i * input.count)
        let w = (o * inputChannels + i) * kernel.count
        for place in places { body(y + place.v, x + place.u, w + place.k) }
      }
    }
  }

  /// Every place k of the kernel over every place v of the output, with the place u of the input under
  /// it, where that lies inside.
  private var places: [(k: Int, v: Int, u: Int)] {
    var taps: [(k: Int, v: Int, u: Int)] = []
    for (k, tap) in kernel.places.enumerated() {
      for (v, place) in output.places.enumerated() {
        let under = place.combined(with: stride, tap, padding) { v, stride, k, padding in
          v * stride + k - padding
        }
        guard under.isInside(input) else { continue }
        taps.append(
          (k, v, (under.depth * input.height + under.height) * input.width + under.width))
      }
    }
    return taps
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
