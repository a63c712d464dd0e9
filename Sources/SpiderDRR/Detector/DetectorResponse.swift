import Foundation

/// How strongly a detector answers a photon, by its energy.
public enum DetectorResponse: Codable, Equatable, Sendable {
  /// Absorbs every photon and answers with its energy.
  case energyIntegrating
  /// A layer of caesium iodide: answers with the energy of the photons that it stops.
  /// A flat panel has about 0.6 mm of it.
  case caesiumIodide(millimetres: Double)

  /// The answer to a photon of an energy within ``AttenuatingMaterial/energies``, up to a factor.
  public func signal(keV: Double) -> Double {
    switch self {
    case .energyIntegrating: return keV
    case .caesiumIodide(let thickness):
      let attenuation = AttenuatingMaterial.caesiumIodide.linearAttenuation(keV: keV)
      return keV * (1 - exp(-attenuation * thickness))
    }
  }

  var knots: [Double] {
    self == .energyIntegrating ? [] : AttenuatingMaterial.caesiumIodide.knots
  }

  func check() throws(PhysicsError) {
    guard case .caesiumIodide(let thickness) = self else { return }
    try PhysicsError.check("the thickness of the scintillator", thickness, in: 0.01...10, "mm")
  }
}
