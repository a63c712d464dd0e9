import Testing

/// Expects two lists of numbers to agree: |a - b| <= atol + rtol * |b| everywhere.
///
/// The one tolerance helper of the tests. It fails on NaN, on lists of different length, and names the
/// worst element, how many fall short, and where the first one is. Returns the worst absolute error.
@discardableResult
package func expectClose<A: BinaryFloatingPoint, B: BinaryFloatingPoint>(
  _ actual: [A], _ expected: [B], rtol: Double = 0, atol: Double, _ what: String = "values",
  sourceLocation: SourceLocation = #_sourceLocation
) -> Double {
  guard actual.count == expected.count else {
    Issue.record(
      "\(what): \(actual.count) numbers, expected \(expected.count)",
      sourceLocation: sourceLocation)
    return .infinity
  }
  var worst = (excess: -Double.infinity, index: 0)
  var failures = 0
  var first: Int?
  var largest = 0.0
  for index in actual.indices {
    let (a, b) = (Double(actual[index]), Double(expected[index]))
    let error = abs(a - b)
    let allowed = atol + rtol * abs(b)
    // Written so that NaN fails.
    let fails = !(error <= allowed) && !(a == b)
    let excess = error.isNaN ? Double.infinity : error - allowed
    if excess > worst.excess { worst = (excess, index) }
    if !error.isNaN { largest = max(largest, error) } else { largest = .infinity }
    if fails {
      failures += 1
      first = first ?? index
    }
  }
  if failures > 0, let first {
    Issue.record(
      """
      \(what): \(failures) of \(actual.count) differ by more than \(atol) + \(rtol) |b|; worst at \
      \(worst.index): \(actual[worst.index]), expected \(expected[worst.index]); first at \(first)
      """, sourceLocation: sourceLocation)
  }
  return largest
}

/// Expects two numbers to agree within `atol + rtol * |expected|`. Fails on NaN.
package func expectClose<A: BinaryFloatingPoint, B: BinaryFloatingPoint>(
  _ actual: A, _ expected: B, rtol: Double = 0, atol: Double, _ what: String = "value",
  sourceLocation: SourceLocation = #_sourceLocation
) {
  expectClose([actual], [expected], rtol: rtol, atol: atol, what, sourceLocation: sourceLocation)
}

/// Whether two lists hold the same numbers, NaN for NaN.
package func same(_ a: [Float], _ b: [Float]) -> Bool {
  a.count == b.count && zip(a, b).allSatisfy { $0 == $1 || ($0.isNaN && $1.isNaN) }
}
