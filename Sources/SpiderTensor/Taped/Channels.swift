import SpiderCore
import SpiderTensor

/// Joins activations of one size along their channels.
enum Channels {
  /// (N, C1, ...) and (N, C2, ...) to (N, C1 + C2 + ..., ...), in the order given.
  static func joined(_ parts: [Activation], _ pass: Pass) -> Activation {
    if pass.isReference { return reference(parts, pass) }
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
    pass.record(output) { gradient, _ in
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
