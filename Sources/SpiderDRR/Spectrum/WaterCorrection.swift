import Foundation
import SpiderImaging

/// Corrects beam hardening for water: the line integrals of a beam of many energies become
/// those of photons of one energy, exactly behind water, nearly so behind soft tissue; bone and metal
/// keep theirs.
///
/// It is the first-order correction of every CT scanner: the measured curve p(L) of water is inverted.
/// Between lengths 2 mm apart L is the cubic of p that has the curve's values and slopes at both ends
/// (Hermite's), good to 1e-6 of L; beyond 1 m and below 0 (noise) it is extrapolated linearly.
package struct WaterCorrection: Sendable {
  private static let step = 2.0
  /// The line integrals behind 0, 2, 4, ... mm of water, and their slopes, 1/mm.
  private let integrals: [Double]
  private let slopes: [Double]
  private let target: Double

  /// The correction of a beam onto photons of an energy.
  package init(_ beam: BeamSignal, to attenuation: Attenuation = .standard) {
    let law = (0...500).map { beam.water(Double($0) * Self.step) }
    integrals = law.map(\.lineIntegral)
    slopes = law.map(\.slope)
    target = attenuation.water
  }

  /// The line integral that photons of one energy would have given.
  package func corrected(_ value: Float) -> Float {
    let p = Double(value)
    return p.isFinite ? Float(target * length(p)) : value
  }

  /// The length of water, mm, behind which the beam's line integral is p.
  private func length(_ p: Double) -> Double {
    let last = integrals.count - 1
    if p <= 0 { return p / slopes[0] }
    if p >= integrals[last] {
      return Self.step * Double(last) + (p - integrals[last]) / slopes[last]
    }
    // The first length whose line integral is not below p.
    var (low, high) = (1, last)
    while low < high {
      let middle = (low + high) / 2
      if integrals[middle] < p { low = middle + 1 } else { high = middle }
    }
    let width = integrals[low] - integrals[low - 1]
    let t = (p - integrals[low - 1]) / width
    // With s = 1 - t: the chord, and the cubic that bends it to the slopes dL/dp at its ends.
    let (first, second) = (width / slopes[low - 1] - Self.step, width / slopes[low] - Self.step)
    let s = 1 - t
    return Self.step * (Double(low - 1) + t) + t * s * (s * first - t * second)
  }
}
