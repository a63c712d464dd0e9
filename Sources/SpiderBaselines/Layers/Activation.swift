import SpiderCore

/// The numbers between two layers in one pass and, on the way back, their gradient.
final class Activation {
  /// The numbers.
  let value: Tensor
  /// Whether a gradient is wanted: not of what comes from outside.
  let isConstant: Bool
  private var gradient: Tensor?

  init(_ value: Tensor, isConstant: Bool = false) {
    self.value = value
    self.isConstant = isConstant
  }

  /// The extent of each axis.
  var shape: [Int] { value.shape }

  /// Adds what one reader says the gradient is.
  func add(_ part: Tensor) {
    guard !isConstant else { return }
    precondition(part.shape == shape, "a gradient of shape \(part.shape) for numbers of \(shape)")
    guard var sum = gradient else {
      gradient = part
      return
    }
    gradient = nil  // so that the sum has its memory to itself
    Kernels.add(part.slice, to: sum.mutableSlice())
    gradient = sum
  }

  /// The gradient, which is then forgotten; nil when no reader passed one on.
  func takeGradient() -> Tensor? {
    defer { gradient = nil }
    return gradient
  }
}
