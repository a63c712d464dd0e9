import Foundation

/// Undoes beam hardening as far as water goes: the line integrals of a beam of many energies become
/// those of photons of one energy, exactly behind water, nearly so behind soft tissue; bone and metal
/// keep theirs.
///
/// It is the first-order correction of every CT scanner: the measured law p(L) of water is inverted.
/// L is found to 1e-5 of p by straight lines between lengths 2 mm apart; beyond 1 m and below 0 (noise)
/// the last and first lines go on.
public struct WaterCorrection: Sendable {
  private static let step = 2.0
  private let integrals: [Double]
  private let target: Double

  /// The correction of a beam onto photons of an energy.
  public init(_ beam: BeamSignal, to attenuation: Attenuation = .standard) {
    integrals = (0...500).map { beam.referenceLineIntegral([Double($0) * Self.step]) }
    target = attenuation.water
  }

  /// The line integral that photons of one energy would have given.
  public func corrected(_ value: Float) -> Float {
    let p = Double(value)
    guard p.isFinite else { return value }
    // The first length whose line integral is not below p.
    var (low, high) = (1, integrals.count - 1)
    while low < high {
      let middle = (low + high) / 2
      if integrals[middle] < p { low = middle + 1 } else { high = middle }
    }
    let (a, b) = (integrals[low - 1], integrals[low])
    return Float(target * Self.step * (Double(low - 1) + (p - a) / (b - a)))
  }
}
