import SpiderSupport

/// The largest of 3 x 3 or 2 x 2 pixels, at every second one: (N, C, H, W) to (N, C, H/2, W/2), H and W even.
package enum MaxPool {
  /// `above` pixels above and to the left of every second one, one below and to the right.
  package static func of(_ x: Activation, above: Int = 1, _ tape: Tape) -> Activation {
    let s = x.shape
    var y = Tensor(uninitialized: [s[0], s[1], (s[2] + 1) / 2, (s[3] + 1) / 2])
    let (from, to) = (x.value.slice, y.mutableSlice())
    forEachPlane(s) { plane, input, output in
      forEachWindow(from.part(input, s[2] * s[3]), s, above) { to[output + $0] = from[input + $1] }
    }
    let output = Activation(y)
    tape.record(output) { gradient, _ in
      var inputGradient = Tensor(s)
      let (up, sums) = (gradient.slice, inputGradient.mutableSlice())
      forEachPlane(s) { plane, input, output in
        forEachWindow(from.part(input, s[2] * s[3]), s, above) {
          sums[input + $1] += up[output + $0]
        }
      }
      x.add(inputGradient)
    }
    return output
  }

  /// Runs `body` for every plane: where it starts in the input and in the output.
  private static func forEachPlane(
    _ shape: [Int], _ body: @Sendable (_ plane: Int, _ input: Int, _ output: Int) -> Void
  ) {
    let size = ((shape[2] + 1) / 2) * ((shape[3] + 1) / 2)
    Parallel.forEachWorker(splitting: shape[0] * shape[1]) { _, range in
      for plane in range { body(plane, plane * shape[2] * shape[3], plane * size) }
    }
  }

  /// Runs `body` for every output pixel and the place of the largest input pixel under it.
  private static func forEachWindow(
    _ image: FloatSlice, _ shape: [Int], _ above: Int,
    _ body: (_ output: Int, _ largest: Int) -> Void
  ) {
    let (height, width) = (shape[2], shape[3])
    var output = 0
    for row in 0..<(height + 1) / 2 {
      for column in 0..<(width + 1) / 2 {
        var largest = 2 * row * width + 2 * column
        for i in max(0, 2 * row - above)...min(height - 1, 2 * row + 1) {
          for j in max(0, 2 * column - above)...min(width - 1, 2 * column + 1)
          where image[i * width + j] > image[largest] {
            largest = i * width + j
          }
        }
        body(output, largest)
        output += 1
      }
    }
  }
}

/// The mean of each channel over its pixels: (N, C, H, W) to (N, C, 1, 1).
package enum GlobalMean {
  package static func of(_ x: Activation, _ tape: Tape) -> Activation {
    let s = x.shape
    let size = s[2] * s[3]
    if tape.isReference { return reference(x, tape) }
    var y = Tensor([s[0], s[1], 1, 1])
    let (from, means) = (x.value.slice, y.mutableSlice())
    for plane in 0..<s[0] * s[1] {
      let sum = (0..<size).reduce(0.0) { $0 + Double(from[plane * size + $1]) }
      means[plane] = Float(sum / Double(size))
    }
    let output = Activation(y)
    tape.record(output) { gradient, _ in
      var inputGradient = Tensor(uninitialized: s)
      let (up, to) = (gradient.slice, inputGradient.mutableSlice())
      for plane in 0..<s[0] * s[1] {
        to.part(plane * size, size).fill(up[plane] / Float(size))
      }
      x.add(inputGradient)
    }
    return output
  }
}

/// Enlarges images by their mirror image about the edge pixels' centres: column -1 is column 1.
package struct ReflectionPad {
  /// Pixels added on each side; fewer than the image has.
  package let width: Int

  /// A border of so many pixels.
  package init(width: Int) { self.width = width }

  /// (N, C, H, W) to (N, C, H + 2 width, W + 2 width).
  package func callAsFunction(_ x: Activation, _ tape: Tape) -> Activation {
    let s = x.shape
    let (rows, columns) = (sources(s[2]), sources(s[3]))
    if tape.isReference {
      var places: [Int] = []
      forEachPixel(s, rows, columns) { input, _ in places.append(input) }
      return Reference.taken(places, of: x, [s[0], s[1], rows.count, columns.count], tape)
    }
    var y = Tensor(uninitialized: [s[0], s[1], rows.count, columns.count])
    let (from, to) = (x.value.slice, y.mutableSlice())
    forEachPixel(s, rows, columns) { to[$1] = from[$0] }
    let output = Activation(y)
    tape.record(output) { gradient, _ in
      guard !x.isConstant else { return }
      var inputGradient = Tensor(s)
      let (up, sums) = (gradient.slice, inputGradient.mutableSlice())
      forEachPixel(s, rows, columns) { sums[$0] += up[$1] }
      x.add(inputGradient)
    }
    return output
  }

  /// Which of n pixels each of the enlarged axis shows.
  private func sources(_ n: Int) -> [Int] {
    precondition(width < n, "a mirrored border of \(width) about \(n) pixels")
    return (-width..<n + width).map { $0 < 0 ? -$0 : $0 >= n ? 2 * (n - 1) - $0 : $0 }
  }

  private func forEachPixel(
    _ shape: [Int], _ rows: [Int], _ columns: [Int], _ body: (_ input: Int, _ output: Int) -> Void
  ) {
    var output = 0
    for plane in 0..<shape[0] * shape[1] {
      for row in rows {
        let start = (plane * shape[2] + row) * shape[3]
        for column in columns {
          body(start + column, output)
          output += 1
        }
      }
    }
  }
}
