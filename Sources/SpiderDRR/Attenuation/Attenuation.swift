import SpiderImaging

/// The map between CT numbers (HU) and linear attenuation (1/mm) for photons of one energy.
///
/// Bilinear: from air to water the voxel is water of some density, mu = mu_w (1 + HU/1000); above water
/// it is a mixture of water and cortical bone, on the line from (0, mu_w) to (HU_b, mu_b). The CT number
/// of cortical bone is HU_b = 1000 (mu_b/mu_w - 1) at the scanner's own effective energy, taken as 70 keV
/// (a 120 kVp head protocol). At 70 keV the map is therefore the definition of the CT number itself,
/// one straight line; at lower energies bone weighs more, at higher ones less.
public struct Attenuation: Sendable, Equatable {
  /// Photon energies for which there are coefficients, keV.
  public static let energies = 20.0...150.0

  /// The effective energy of the CT scanner whose numbers are read, keV.
  static let scannerEnergy = 70.0

  /// The map at 70 keV, the default everywhere.
  public static let standard = Attenuation(tabulated: 70)

  /// The photon energy, keV.
  public let keV: Double
  /// The attenuation of water, 1/mm.
  public let water: Double
  /// The rise of attenuation per HU above water, 1/mm.
  public let boneSlope: Double

  /// The map for photons of an energy within ``energies``.
  public init(keV: Double) throws(AttenuationError) {
    guard Self.energies.contains(keV) else { throw .energyOutOfRange(keV: keV) }
    self.init(tabulated: keV)
  }

  private init(tabulated keV: Double) {
    let (waterTable, boneTable) = (AttenuatingMaterial.water, AttenuatingMaterial.corticalBone)
    let ratio =
      boneTable.linearAttenuation(keV: Self.scannerEnergy)
      / waterTable.linearAttenuation(keV: Self.scannerEnergy)
    self.keV = keV
    water = waterTable.linearAttenuation(keV: keV)
    boneSlope = (boneTable.linearAttenuation(keV: keV) - water) / (1000 * (ratio - 1))
  }

  /// The attenuation, 1/mm, of a CT number. Air and below, and whatever is not finite, give 0.
  public func attenuation(hu: Float) -> Float {
    guard hu > -1000, hu < .infinity else { return 0 }
    // Below water from -1000 on: near air the sum of two large numbers would keep few digits.
    return hu < 0 ? (hu + 1000) * Float(water / 1000) : Float(water) + hu * Float(boneSlope)
  }

  /// The CT number of an attenuation in 1/mm: the inverse of ``attenuation(hu:)``. Nothing lies below
  /// -1000 HU.
  public func hu(attenuation: Float) -> Float {
    guard attenuation > 0 else { return -1000 }
    let excess = Double(attenuation) - water
    return Float(excess / (excess < 0 ? water / 1000 : boneSlope))
  }

  /// The attenuation, 1/mm, of a CT volume.
  public func attenuation(of ct: Volume) -> Volume {
    ct.withValues(ct.values.map(attenuation(hu:)))
  }

  /// The CT volume, HU, of attenuation in 1/mm.
  public func ct(of attenuation: Volume) -> Volume {
    attenuation.withValues(attenuation.values.map(hu(attenuation:)))
  }
}

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
