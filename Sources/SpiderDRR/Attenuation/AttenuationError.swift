/// Why CT numbers cannot be turned into attenuation as asked.
public enum AttenuationError: Error, Equatable, CustomStringConvertible {
  /// No coefficients at this photon energy.
  case energyOutOfRange(keV: Double)

  /// What is wrong, and what would be right.
  public var description: String {
    switch self {
    case .energyOutOfRange(let keV):
      return
        "no attenuation coefficients for photons of \(keV) keV; give an energy from "
        + "\(Attenuation.energies.lowerBound) to \(Attenuation.energies.upperBound) keV"
    }
  }
}
