import Foundation
import SpiderSupport

extension SeededGenerator {
  /// Draws from the Poisson distribution of a mean; 0 for a mean that is not positive, NaN for NaN.
  ///
  /// Up to a mean of 10 by inversion, above by W. Hormann's transformed
  /// rejection (Insurance: Mathematics and Economics 12 (1993) 39-45, algorithm PTRS): both follow the
  /// distribution itself, without a normal approximation. From 10^9 on the normal distribution
  /// serves: the two differ by less than 1e-5 deviations there.
  package mutating func poisson(_ mean: Double) -> Double {
    guard mean > 0 else { return mean.isNaN ? mean : 0 }
    if mean < 10 { return poissonByTerms(mean) }
    guard mean < 1e9 else { return (mean + mean.squareRoot() * normal()).rounded() }
    return poissonByRejection(mean)
  }

  private mutating func poissonByTerms(_ mean: Double) -> Double {
    var left = uniform()
    var term = exp(-mean)
    var count = 0.0
    // The sum of all terms may stay a rounding error below 1.
    while left > term, count < 200 {
      left -= term
      count += 1
      term *= mean / count
    }
    return count
  }

  private mutating func poissonByRejection(_ mean: Double) -> Double {
    let logarithm = log(mean)
    let b = 0.931 + 2.53 * mean.squareRoot()
    let a = -0.059 + 0.02483 * b
    let inverseAlpha = 1.1239 + 1.1328 / (b - 3.4)
    let quick = 0.9277 - 3.6224 / (b - 2)
    while true {
      let u = uniform() - 0.5
      // In (0, 1]: its logarithm is needed.
      let v = 1 - uniform()
      let us = 0.5 - abs(u)
      let k = ((2 * a / us + b) * u + mean + 0.43).rounded(.down)
      if us >= 0.07, v <= quick { return k }
      guard k >= 0, us >= 0.013 || v <= us else { continue }
      if log(v * inverseAlpha / (a / (us * us) + b))
        <= k * logarithm - mean - Self.logFactorial(k)
      {
        return k
      }
    }
  }

  /// ln k!, by Stirling's series (exact to 1e-10 from 10 on; `lgamma` shares a variable between
  /// threads).
  private static func logFactorial(_ k: Double) -> Double {
    guard k >= 10 else {
      return log((1...10).prefix { Double($0) <= k }.reduce(1.0) { $0 * Double($1) })
    }
    let n = k + 1
    let square = 1 / (n * n)
    return (n - 0.5) * log(n) - n + 0.918938533204673
      + (1 / 12.0 - square * (1 / 360.0 - square / 1260)) / n
  }
}
