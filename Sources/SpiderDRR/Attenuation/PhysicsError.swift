/// Why X-rays cannot be made with the physics that were asked for.
public enum PhysicsError: Error, Equatable, CustomStringConvertible {
  /// A setting lies outside of what is modelled.
  case outOfRange(setting: String, value: Double, range: ClosedRange<Double>, unit: String)
  /// Electronic noise is stated in photons, but their number is not.
  case noiseWithoutPhotons

  /// The fault and its remedy.
  public var description: String {
    switch self {
    case .outOfRange(let setting, let value, let range, let unit):
      let unit = unit.isEmpty ? "" : " \(unit)"
      return "\(setting) is \(value)\(unit); it must be \(range.lowerBound) to "
        + "\(range.upperBound)\(unit)"
    case .noiseWithoutPhotons:
      return "electronic noise counts in photons; state the number of photons in the open field"
    }
  }

  /// Throws unless a setting lies in its range; what is not a number lies in none.
  static func check(
    _ setting: String, _ value: Double, in range: ClosedRange<Double>, _ unit: String = ""
  ) throws(PhysicsError) {
    guard range.contains(value) else {
      throw .outOfRange(setting: setting, value: value, range: range, unit: unit)
    }
  }
}

/// Why CT numbers cannot be turned into attenuation as asked.
public enum AttenuationError: Error, Equatable, CustomStringConvertible {
  /// No coefficients at this photon energy.
  case energyOutOfRange(keV: Double)

  /// The fault and its remedy.
  public var description: String {
    switch self {
    case .energyOutOfRange(let keV):
      return
        "no attenuation coefficients for photons of \(keV) keV; give an energy from "
        + "\(Attenuation.energies.lowerBound) to \(Attenuation.energies.upperBound) keV"
    }
  }
}
