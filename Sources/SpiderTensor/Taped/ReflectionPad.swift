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
