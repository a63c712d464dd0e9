/// A function of each number.
package enum Elementwise {
  /// ReLU.
  package static func relu(_ x: Activation, _ tape: Tape) -> Activation {
    if tape.isReference { return Reference.leakyReLU(x, slope: 0, tape) }
    var y = Tensor(uninitialized: x.shape)
    Elements.scaleShift(x.value.slice, scale: 1, shift: 0, relu: true, into: y.mutableSlice())
    let output = Activation(y)
    tape.record(output) { gradient, _ in
      var masked = gradient
      Elements.reluBackward(masked.mutableSlice(), output: output.value.slice)
      x.add(masked)
    }
    return output
  }

  /// x where it is positive, `slope` x elsewhere; the slope is positive.
  package static func leakyReLU(_ x: Activation, slope: Float, _ tape: Tape) -> Activation {
    // The published slope is 0.2 in double precision too.
    if tape.isReference { return Reference.leakyReLU(x, slope: Double("\(slope)") ?? 0, tape) }
    var y = x.value
    Elements.leakyReLU(y.mutableSlice(), slope: slope)
    let output = Activation(y)
    tape.record(output) { gradient, _ in
      var turned = gradient
      Elements.leakyReLUBackward(turned.mutableSlice(), output: output.value.slice, slope: slope)
      x.add(turned)
    }
    return output
  }

  /// The sum of two of one shape.
  package static func sum(_ a: Activation, _ b: Activation, _ tape: Tape) -> Activation {
    precondition(a.shape == b.shape, "adding \(a.shape) and \(b.shape)")
    precondition(!tape.isReference, "PerX2CT has no reference tape")
    var y = a.value
    Elements.add(b.value.slice, to: y.mutableSlice())
    let output = Activation(y)
    tape.record(output) { gradient, _ in
      a.add(gradient)
      b.add(gradient)
    }
    return output
  }

  /// The same numbers in another shape.
  package static func reshaped(_ x: Activation, _ shape: [Int], _ tape: Tape) -> Activation {
    if tape.isReference {
      let output = Activation(shape, exact: x.exact)
      tape.recordExact(output) { gradient, _ in x.add(exact: gradient) }
      return output
    }
    let output = Activation(Tensor(shape, x.value.values))
    tape.record(output) { gradient, _ in x.add(Tensor(x.shape, gradient.values)) }
    return output
  }
}

/// Joins activations of one size along their channels.
package enum Channels {
  /// (N, C1, ...) and (N, C2, ...) to (N, C1 + C2 + ..., ...), in the order given.
  package static func joined(_ parts: [Activation], _ tape: Tape) -> Activation {
    if tape.isReference { return reference(parts, tape) }
    let first = parts[0].shape
    let size = first[2...].reduce(1, *)
    let widths = parts.map { $0.shape[1] * size }
    let total = widths.reduce(0, +)
    precondition(
      parts.allSatisfy { $0.shape[0] == first[0] && $0.shape[2...] == first[2...] },
      "joining \(parts.map(\.shape))")
    var y = Tensor(uninitialized: [first[0], total / size] + first[2...])
    let to = y.mutableSlice()
    for n in 0..<first[0] {
      var start = n * total
      for (part, width) in zip(parts, widths) {
        to.part(start, width).copy(from: part.value.entry(n))
        start += width
      }
    }
    let output = Activation(y, isConstant: parts.allSatisfy(\.isConstant))
    tape.record(output) { gradient, _ in
      var start = 0
      for (part, width) in zip(parts, widths) {
        var share = Tensor(uninitialized: part.shape)
        let memory = share.mutableSlice()
        for n in 0..<first[0] {
          memory.part(n * width, width).copy(from: gradient.entry(n).part(start, width))
        }
        part.add(share)
        start += width
      }
    }
    return output
  }
}
