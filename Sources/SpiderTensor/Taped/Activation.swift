/// The numbers between two layers in one pass and, on the backward pass, their gradient: in single
/// precision, or in double in a reference pass.
package final class Activation {
  private enum Numbers {
    case single(Tensor)
    case double([Double])
  }

  /// The extent of each axis.
  package let shape: [Int]
  /// Whether a gradient is wanted: not of what comes from outside.
  package let isConstant: Bool
  private let numbers: Numbers
  private var gradient: Numbers?

  package init(_ value: Tensor, isConstant: Bool = false) {
    shape = value.shape
    numbers = .single(value)
    self.isConstant = isConstant
  }

  /// The numbers of a reference pass.
  package init(_ shape: [Int], exact: [Double], isConstant: Bool = false) {
    precondition(exact.count == shape.reduce(1, *), "\(exact.count) numbers for \(shape)")
    self.shape = shape
    numbers = .double(exact)
    self.isConstant = isConstant
  }

  /// The numbers.
  package var value: Tensor {
    switch numbers {
    case .single(let value): value
    case .double(let exact): Tensor(shape, exact.map { Float($0) })
    }
  }

  /// The numbers in double precision.
  package var exact: [Double] {
    switch numbers {
    case .single(let value): value.values.map(Double.init)
    case .double(let exact): exact
    }
  }

  /// Adds what one reader says the gradient is.
  package func add(_ part: Tensor) {
    guard !isConstant else { return }
    precondition(part.shape == shape, "a gradient of shape \(part.shape) for numbers of \(shape)")
    if case .double = numbers { return add(exact: part.values.map(Double.init)) }
    guard case .single(var sum) = gradient else {
      gradient = .single(part)
      return
    }
    gradient = nil  // so that the sum has its memory to itself
    Elements.add(part.slice, to: sum.mutableSlice())
    gradient = .single(sum)
  }

  /// The same in a reference pass.
  package func add(exact part: [Double]) {
    guard !isConstant else { return }
    precondition(part.count == shape.reduce(1, *), "\(part.count) numbers for \(shape)")
    guard case .double(let sum) = gradient else {
      gradient = .double(part)
      return
    }
    gradient = .double(zip(sum, part).map { $0 + $1 })
  }

  /// The gradient, which is then forgotten; nil when no reader passed one on.
  package func takeGradient() -> Tensor? {
    defer { gradient = nil }
    switch gradient {
    case .single(let gradient): return gradient
    case .double(let exact): return Tensor(shape, exact.map { Float($0) })
    case nil: return nil
    }
  }

  /// The same in a reference pass.
  package func takeExactGradient() -> [Double]? {
    defer { gradient = nil }
    guard case .double(let exact) = gradient else { return nil }
    return exact
  }
}
