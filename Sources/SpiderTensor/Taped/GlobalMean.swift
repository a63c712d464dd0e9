import SpiderCore
import SpiderTensor

/// The mean of each channel over its pixels: (N, C, H, W) to (N, C, 1, 1).
enum GlobalMean {
  static func of(_ x: Activation, _ pass: Pass) -> Activation {
    let s = x.shape
    let size = s[2] * s[3]
    if pass.isReference { return reference(x, pass) }
    var y = Tensor([s[0], s[1], 1, 1])
    let (from, means) = (x.value.slice, y.mutableSlice())
    for plane in 0..<s[0] * s[1] {
      let sum = (0..<size).reduce(0.0) { $0 + Double(from[plane * size + $1]) }
      means[plane] = Float(sum / Double(size))
    }
    let output = Activation(y)
    pass.record(output) { gradient, _ in
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
