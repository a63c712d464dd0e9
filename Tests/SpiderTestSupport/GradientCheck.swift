import SpiderCore
import SpiderSupport
import SpiderTensor
import Testing

/// Expects a gradient to agree with central differences of the function it belongs to.
///
/// Checks the derivative along random directions, in which every component takes part, and along
/// single axes, which say which component is wrong. `step` is small against the curvature and large
/// against the rounding of a float32 forward pass.
package func expectGradient(
  _ gradient: [Float], of function: ([Float]) -> Double, at point: [Float], step: Double = 1e-2,
  rtol: Double = 1e-2, axes: Int = 12, directions: Int = 4, _ what: String,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  guard gradient.count == point.count else {
    Issue.record(
      "\(what): gradient of \(gradient.count) numbers at a point of \(point.count)",
      sourceLocation: sourceLocation)
    return
  }
  var random = SeededGenerator(seed: 99)
  let norm = gradient.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
  #expect(
    norm > 0 && norm.isFinite, "\(what): the gradient has norm \(norm)",
    sourceLocation: sourceLocation)

  func check(_ direction: [Float], _ name: String, atol: Double) {
    let difference =
      (function(zip(point, direction).map { $0 + Float(step) * $1 })
        - function(zip(point, direction).map { $0 - Float(step) * $1 })) / (2 * step)
    let predicted = zip(gradient, direction).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
    expectClose(
      predicted, difference, rtol: rtol, atol: atol, "\(what), \(name)",
      sourceLocation: sourceLocation)
  }
  let typical = norm / Double(point.count).squareRoot()
  for index in 0..<directions {
    let direction = point.map { _ in Float(random.normal()) / Float(point.count).squareRoot() }
    check(direction, "direction \(index)", atol: rtol * typical)
  }
  for _ in 0..<min(axes, point.count) {
    let axis = random.index(below: point.count)
    var direction = [Float](repeating: 0, count: point.count)
    direction[axis] = 1
    check(direction, "component \(axis)", atol: 2 * rtol * typical)
  }
}

/// Expects one parameter's part of a gradient of all parameters to agree with central differences.
package func expectGradient(
  _ gradient: FloatSlice, of function: (ParameterArena) -> Double, _ parameter: Parameter,
  at parameters: ParameterArena, step: Double = 1e-2, rtol: Double = 1e-2, axes: Int = 12,
  directions: Int = 4, sourceLocation: SourceLocation = #_sourceLocation
) {
  expectGradient(
    gradient.part(parameter.offset, parameter.count).array,
    of: {
      var moved = parameters
      moved.set(parameter, $0)
      return function(moved)
    }, at: parameters[parameter].array, step: step, rtol: rtol, axes: axes,
    directions: directions, parameter.name, sourceLocation: sourceLocation)
}

/// Normal random numbers.
package func randomValues(_ count: Int, seed: UInt64, scale: Double = 1) -> [Float] {
  var random = SeededGenerator(seed: seed)
  return (0..<count).map { _ in Float(scale * random.normal()) }
}

/// The sum of products, in double.
package func innerProduct(_ a: [Float], _ b: [Float]) -> Double {
  precondition(a.count == b.count, "\(a.count) numbers against \(b.count)")
  return zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) }
}
