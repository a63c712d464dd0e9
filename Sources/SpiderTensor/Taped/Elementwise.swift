import SpiderCore
import SpiderTensor

/// A function of each number.
enum Elementwise {
  /// The positive part.
  static func relu(_ x: Activation, _ pass: Pass) -> Activation {
    if pass.isReference { return Reference.leakyReLU(x, slope: 0, pass) }
    var y = Tensor(uninitialized: x.shape)
    Elements.scaleShift(x.value.slice, scale: 1, shift: 0, relu: true, into: y.mutableSlice())
    let output = Activation(y)
    pass.record(output) { gradient, _ in
      var masked = gradient
      Elements.reluBackward(masked.mutableSlice(), output: output.value.slice)
      x.add(masked)
    }
    return output
  }

  /// x where it is positive, `slope` x elsewhere; the slope is positive.
  static func leakyReLU(_ x: Activation, slope: Float, _ pass: Pass) -> Activation {
    // The published slope is 0.2 in double precision too.
    if pass.isReference { return Reference.leakyReLU(x, slope: Double("\(slope)") ?? 0, pass) }
    var y = x.value
    Elements.leakyReLU(y.mutableSlice(), slope: slope)
    let output = Activation(y)
    pass.record(output) { gradient, _ in
      var turned = gradient
      Elements.leakyReLUBackward(turned.mutableSlice(), output: output.value.slice, slope: slope)
      x.add(turned)
    }
    return output
  }

  /// The sum of two of one shape.
  static func sum(_ a: Activation, _ b: Activation, _ pass: Pass) -> Activation {
    precondition(a.shape == b.shape, "adding \(a.shape) and \(b.shape)")
    precondition(!pass.isReference, "PerX2CT has no reference pass")
    var y = a.value
    Elements.add(b.value.slice, to: y.mutableSlice())
    let output = Activation(y)
    pass.record(output) { gradient, _ in
      a.add(gradient)
      b.add(gradient)
    }
    return output
  }

  /// The same numbers in another shape.
  static func reshaped(_ x: Activation, _ shape: [Int], _ pass: Pass) -> Activation {
    if pass.isReference {
      let output = Activation(shape, exact: x.exact)
      pass.recordExact(output) { gradient, _ in x.add(exact: gradient) }
      return output
    }
    let output = Activation(Tensor(shape, x.value.values))
    pass.record(output) { gradient, _ in x.add(Tensor(x.shape, gradient.values)) }
    return output
  }
}
