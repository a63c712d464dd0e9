import Foundation

/// A material whose attenuation of X-rays is tabulated from 10 to 150 keV.
///
/// The coefficients are those of J. H. Hubbell and S. M. Seltzer, Tables of X-Ray Mass Attenuation
/// Coefficients (NISTIR 5632, NIST Standard Reference Database 126, version 1.4), tables 3 and 4:
/// coherent scattering included, as befits a narrow beam.
package struct AttenuatingMaterial: Sendable {
  /// Photon energies for which there are coefficients, keV.
  package static let energies = 10.0...150.0

  /// Its name.
  package let name: String
  /// Density in g/cm^3.
  package let density: Double
  /// Its constituents: shares of the mass, and their tables.
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
  package func massAttenuation(keV: Double) -> Double {
    precondition(Self.energies.contains(keV), "no coefficients of \(name) at \(keV) keV")
    // One constituent is the rule, and its coefficient then passes through unchanged.
    return constituents.dropFirst().reduce(
      constituents[0].share * constituents[0].table.massAttenuation(at: keV)
    ) { $0 + $1.share * $1.table.massAttenuation(at: keV) }
  }

  /// The linear attenuation coefficient, 1/mm, at an energy within ``energies``.
  package func linearAttenuation(keV: Double) -> Double {
    massAttenuation(keV: keV) * density / 10
  }

  /// The energies (keV) of its entries, between which the coefficients are smooth.
  var knots: [Double] { constituents.flatMap(\.table.keV) }
}

/// Mass attenuation coefficients by photon energy, absorption edges included.
struct AttenuationTable: Sendable {
  /// Photon energies in keV, ascending. An absorption edge is two entries of the same energy: below
  /// and above it.
  let keV: [Double]
  /// Total mass attenuation coefficients in cm^2/g.
  let massAttenuation: [Double]
  /// The end of each stretch without an edge; the next one begins there.
  private let ends: [Int]

  /// A table from its entries.
  init(_ entries: [(keV: Double, massAttenuation: Double)]) {
    keV = entries.map(\.keV)
    massAttenuation = entries.map(\.massAttenuation)
    ends =
      entries.indices.dropFirst().filter { entries[$0].keV == entries[$0 - 1].keV }
      + [entries.count]
  }

  /// The coefficient at an energy within the table; on an edge, that above it.
  ///
  /// Cubic Lagrange interpolation of log mu over log E through the four nearest entries on the same
  /// side of every edge: straight lines between entries would lie 0.4 % too high for water at 70 keV.
  func massAttenuation(at energy: Double) -> Double {
    let end = ends.first { $0 == keV.count || energy < keV[$0] } ?? keV.count
    let start = ends.last { $0 < end } ?? 0
    let above = keV[start..<end].firstIndex { $0 >= energy } ?? end - 1
    let count = min(4, end - start)
    let first = min(max(above - 2, start), end - count)
    let x = log(energy)
    let nodes = (first..<first + count).map { (x: log(keV[$0]), y: log(massAttenuation[$0])) }
    var sum = 0.0
    for (i, node) in nodes.enumerated() {
      var weight = 1.0
      for (j, other) in nodes.enumerated() where j != i {
        weight *= (x - other.x) / (node.x - other.x)
      }
      sum += weight * node.y
    }
    return exp(sum)
  }
}
