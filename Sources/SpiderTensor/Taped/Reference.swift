/// Layers without parameters as their definitions say, in double precision: references for tests, slow.
package enum Reference {
  /// Some numbers of x, by their places, in another shape; a number may be taken several times.
  package static func taken(
    _ places: [Int], of x: Activation, _ shape: [Int], _ tape: Tape
  ) -> Activation {
    let from = x.exact
    let output = Activation(shape, exact: places.map { from[$0] })
    tape.recordExact(output) { gradient, _ in
      guard !x.isConstant else { return }
      var sums = [Double](repeating: 0, count: from.count)
      for (value, place) in zip(gradient, places) { sums[place] += value }
      x.add(exact: sums)
    }
    return output
  }

  /// x where it is positive, slope x elsewhere.
  package static func leakyReLU(_ x: Activation, slope: Double, _ tape: Tape) -> Activation {
    let from = x.exact
    let output = Activation(x.shape, exact: from.map { $0 > 0 ? $0 : slope * $0 })
    tape.recordExact(output) { gradient, _ in
      x.add(exact: zip(gradient, from).map { $1 > 0 ? $0 : slope * $0 })
    }
    return output
  }

  /// The mean of several of one shape.
  package static func mean(_ parts: [Activation], _ tape: Tape) -> Activation {
    let share = 1 / Double(parts.count)
    var sum = [Double](repeating: 0, count: parts[0].shape.reduce(1, *))
    for part in parts {
      for (index, value) in part.exact.enumerated() { sum[index] += share * value }
    }
    let output = Activation(parts[0].shape, exact: sum)
    tape.recordExact(output) { gradient, _ in
      for part in parts { part.add(exact: gradient.map { share * $0 }) }
    }
    return output
  }
}

extension GlobalMean {
  /// The mean of each channel.
  package static func reference(_ x: Activation, _ tape: Tape) -> Activation {
    let (s, from) = (x.shape, x.exact)
    let size = s[2] * s[3]
    let means = (0..<s[0] * s[1]).map { plane in
      from[plane * size..<(plane + 1) * size].reduce(0, +) / Double(size)
    }
    let output = Activation([s[0], s[1], 1, 1], exact: means)
    tape.recordExact(output) { gradient, _ in
      x.add(exact: from.indices.map { gradient[$0 / size] / Double(size) })
    }
    return output
  }
}

extension Channels {
  /// Joined along the channels.
  package static func reference(_ parts: [Activation], _ tape: Tape) -> Activation {
    let first = parts[0].shape
    let widths = parts.map { $0.shape[1...].reduce(1, *) }
    let total = widths.reduce(0, +)
    let channels = parts.reduce(0) { $0 + $1.shape[1] }
    let numbers = parts.map(\.exact)
    let joined = (0..<first[0]).flatMap { n in
      zip(numbers, widths).flatMap { $0[n * $1..<(n + 1) * $1] }
    }
    let output = Activation(
      [first[0], channels] + first[2...], exact: joined,
      isConstant: parts.allSatisfy(\.isConstant))
    tape.recordExact(output) { gradient, _ in
      var start = 0
      for (part, width) in zip(parts, widths) {
        part.add(
          exact: (0..<first[0]).flatMap { n in
            gradient[n * total + start..<n * total + start + width]
          })
        start += width
      }
    }
    return output
  }
}

extension LinearLayer {
  /// y = relu(x W^T + b).
  package func reference(_ x: Activation, _ tape: Tape) -> Activation {
    let (rows, from) = (x.shape[0], x.exact)
    let (w, b) = (tape.exact(weight), tape.exact(bias))
    let y = (0..<rows * outputs).map { index in
      let (row, o) = (index / outputs, index % outputs)
      return max(
        0, (0..<inputs).reduce(b[o]) { $0 + w[o * inputs + $1] * from[row * inputs + $1] })
    }
    let output = Activation([rows, outputs], exact: y)
    tape.recordExact(output) { gradient, add in
      let up = zip(gradient, y).map { $1 > 0 ? $0 : 0 }
      var (dw, db) = (w.map { _ in 0.0 }, b.map { _ in 0.0 })
      var dx = from.map { _ in 0.0 }
      for (index, slope) in up.enumerated() {
        let (row, o) = (index / outputs, index % outputs)
        db[o] += slope
        for i in 0..<inputs {
          dw[o * inputs + i] += slope * from[row * inputs + i]
          dx[row * inputs + i] += slope * w[o * inputs + i]
        }
      }
      add(weight, dw)
      add(bias, db)
      x.add(exact: dx)
    }
    return output
  }
}

extension Normalization {
  /// The normalisation of training in double precision.
  package func reference(_ x: Activation, _ tape: Tape) -> Activation {
    let (s, from) = (x.shape, x.exact)
    let size = s[2...].reduce(1, *)
    // The numbers of a group, a channel of a sample or of all samples.
    let samples = kind == .batch ? s[0] : 1
    let (groups, count) = (s[0] / samples * channels, samples * size)
    func place(_ group: Int, _ index: Int) -> Int {
      (index / size * channels + group) * size + index % size
    }
    let (g, b) = (scale.map(tape.exact), shift.map(tape.exact))
    var (hat, y) = (from, from)
    var inverses: [Double] = []
    for group in 0..<groups {
      let channel = group % channels
      let mean = (0..<count).reduce(0.0) { $0 + from[place(group, $1)] } / Double(count)
      let variance =
        (0..<count).reduce(0.0) {
          $0 + (from[place(group, $1)] - mean) * (from[place(group, $1)] - mean)
        } / Double(count)
      // 1e-5 is a double in the published code.
      let inverse = 1 / (variance + 1e-5).squareRoot()
      inverses.append(inverse)
      for index in 0..<count {
        let at = place(group, index)
        hat[at] = (from[at] - mean) * inverse
        let value = (g?[channel] ?? 1) * hat[at] + (b?[channel] ?? 0)
        y[at] = relu ? max(0, value) : value
      }
    }
    let output = Activation(s, exact: y)
    let (normal, result) = (hat, y)
    tape.recordExact(output) { gradient, add in
      var dx = gradient
      var (dg, db) = (
        [Double](repeating: 0, count: channels), [Double](repeating: 0, count: channels)
      )
      for group in 0..<groups {
        let channel = group % channels
        var (sum, product) = (0.0, 0.0)
        for index in 0..<count {
          let at = place(group, index)
          let up = relu && !(result[at] > 0) ? 0 : gradient[at]
          dx[at] = up
          sum += up
          product += up * normal[at]
        }
        dg[channel] += product
        db[channel] += sum
        let slope = (g?[channel] ?? 1) * inverses[group]
        for index in 0..<count {
          let at = place(group, index)
          dx[at] = slope * (dx[at] - sum / Double(count) - normal[at] * product / Double(count))
        }
      }
      if let scale, let shift {
        add(scale, dg)
        add(shift, db)
      }
      x.add(exact: dx)
    }
    return output
  }
}

extension TapedConvolution {
  /// The convolution in double precision.
  func reference(_ x: Activation, _ tape: Tape) -> Activation {
    let size = Array(x.shape[2...])
    let flat = size.count == 2
    let extent = Extent3D(
      depth: flat ? 1 : size[0], height: size[size.count - 2], width: size[size.count - 1])
    func axes(_ extent: Extent3D) -> [Int] {
      (flat ? [] : [extent.depth]) + [extent.height, extent.width]
    }
    switch layer {
    case .plain(let layer):
      let shape = layer.shape(of: extent)
      return ConvolutionReference(shape, images: x.shape[0]).layer(
        x, layer.weight, layer.bias, to: [shape.outputChannels] + axes(shape.output), tape)
    case .transposed(let layer):
      let shape = layer.shape(of: extent)
      return ConvolutionReference(shape, images: x.shape[0]).transposedLayer(
        x, layer.weight, layer.bias, to: [shape.inputChannels] + axes(shape.input), tape)
    }
  }
}

extension ConvolutionReference {
  /// A convolution as a layer.
  fileprivate func layer(
    _ x: Activation, _ weight: Parameter, _ bias: Parameter?, to shape: [Int], _ tape: Tape
  ) -> Activation {
    let (from, w) = (x.exact, tape.exact(weight))
    var y = forward(from, w)
    if let bias { ReferenceBias.add(tape.exact(bias), to: &y, images: images) }
    let output = Activation([images] + shape, exact: y)
    tape.recordExact(output) { gradient, add in
      add(weight, backwardWeights(gradient, from))
      if let bias {
        add(bias, ReferenceBias.gradient(gradient, channels: bias.count, images: images))
      }
      if !x.isConstant { x.add(exact: backwardData(gradient, w)) }
    }
    return output
  }

  /// Its adjoint as a layer.
  fileprivate func transposedLayer(
    _ x: Activation, _ weight: Parameter, _ bias: Parameter?, to shape: [Int], _ tape: Tape
  ) -> Activation {
    let (from, w) = (x.exact, tape.exact(weight))
    var y = backwardData(from, w)
    if let bias { ReferenceBias.add(tape.exact(bias), to: &y, images: images) }
    let output = Activation([images] + shape, exact: y)
    tape.recordExact(output) { gradient, add in
      add(weight, backwardWeights(from, gradient))
      if let bias {
        add(bias, ReferenceBias.gradient(gradient, channels: bias.count, images: images))
      }
      x.add(exact: forward(gradient, w))
    }
    return output
  }
}
