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
