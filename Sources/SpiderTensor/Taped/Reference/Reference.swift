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
