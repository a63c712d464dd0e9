/// A material whose attenuation of X-rays is tabulated from 10 to 150 keV.
///
/// The coefficients are those of J. H. Hubbell and S. M. Seltzer, Tables of X-Ray Mass Attenuation
/// Coefficients (NISTIR 5632, NIST Standard Reference Database 126, version 1.4), tables 3 and 4:
/// coherent scattering included, as befits a narrow beam.
public struct AttenuatingMaterial: Sendable {
  /// Photon energies for which there are coefficients, keV.
  public static let energies = 10.0...150.0

  /// Its name.
  public let name: String
  /// Density in g/cm^3.
  public let density: Double
  /// What it is made of: shares of the mass, and their tables.
  private let constituents: [(share: Double, table: AttenuationTable)]

  /// A material with a table of its own.
  init(
    _ name: String, density: Double, table: [(keV: Double, massAttenuation: Double)]
  ) {
    self.name = name
    self.density = density
    constituents = [(1, AttenuationTable(table))]
  }

  /// A mixture of materials by shares of its mass.
  init(_ name: String, density: Double, mixing parts: [(share: Double, AttenuatingMaterial)]) {
    self.name = name
    self.density = density
    constituents = parts.flatMap { part in
      part.1.constituents.map { (part.share * $0.share, $0.table) }
    }
  }

  /// The mass attenuation coefficient, cm^2/g, at an energy within ``energies``; on an absorption
  /// edge, that above it.
  public func massAttenuation(keV: Double) -> Double {
    precondition(Self.energies.contains(keV), "no coefficients of \(name) at \(keV) keV")
    // One constituent is the rule, and its coefficient then passes through unchanged.
    return constituents.dropFirst().reduce(
      constituents[0].share * constituents[0].table.massAttenuation(at: keV)
    ) { $0 + $1.share * $1.table.massAttenuation(at: keV) }
  }

  /// The linear attenuation coefficient, 1/mm, at an energy within ``energies``.
  public func linearAttenuation(keV: Double) -> Double {
    massAttenuation(keV: keV) * density / 10
  }

  /// The energies (keV) of its entries, between which the coefficients are smooth.
  var knots: [Double] { constituents.flatMap(\.table.keV) }
}
