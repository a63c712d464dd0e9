import Foundation

/// The settings of an X-ray tube with a tungsten anode: what decides its spectrum.
public struct XRayTube: Codable, Equatable, Sendable {
  /// The tube voltage, kV, constant.
  public var kilovolts: Double
  /// Total filtration by aluminium, that of tube and housing included, mm.
  public var aluminium: Double
  /// Added filtration by copper, mm.
  public var copper: Double
  /// The angle between the anode's surface and the central ray, degrees.
  public var anodeAngle: Double

  /// By default 80 kV and 2.5 mm of aluminium, the least that is allowed for diagnostic tubes.
  public init(
    kilovolts: Double = 80, aluminium: Double = 2.5, copper: Double = 0, anodeAngle: Double = 12
  ) {
    self.kilovolts = kilovolts
    self.aluminium = aluminium
    self.copper = copper
    self.anodeAngle = anodeAngle
  }

  /// Voltages for which the model holds, kV.
  package static let voltages = 40.0...150.0

  /// - Throws: ``PhysicsError`` for settings that the model does not cover. A tube without any filter
  ///   is one: its softest rays would rule everything.
  func check() throws(PhysicsError) {
    try PhysicsError.check("the tube voltage", kilovolts, in: Self.voltages, "kV")
    try PhysicsError.check("the filtration by aluminium", aluminium, in: 0.5...50, "mm")
    try PhysicsError.check("the filtration by copper", copper, in: 0...5, "mm")
    try PhysicsError.check("the anode's angle", anodeAngle, in: 5...45, "degrees")
  }
}

/// The photons that leave a filtered X-ray tube with a tungsten anode, by their energy.
///
/// The semi-empirical model of D. M. Tucker, G. T. Barnes and D. P. Chakraborty, Med. Phys. 18 (1991)
/// 402-409. Bremsstrahlung of photon energy E from electrons that have slowed to T, T0 = e kVp:
///
///     n(E) ~ 1/E * integral from E to T0 of B(E/T) (T + mc^2)/T / S(T) * F(E, T) dT
///     B(u) ~ 1 - 5.049 u + 10.847 u^2 - 10.516 u^3 + 3.842 u^4
///     S(T) = 2024.1 + 10361 exp(-0.04695 T)              stopping power, keV cm^2/g
///     F(E, T) = exp(-mu_W(E)/rho (T0^2 - T^2) / (C sin a))   the way out of the anode
///
/// with Thomson and Whiddington's law T0^2 - T^2 = C x for the depth x. The K lines are excited down to
/// the depth R at which T falls to the K edge E_K, with density 3/2 (1 - (x/R)^2) and yield
/// 1.349e-3 (T0/E_K - 1)^1.648. The filters follow as exp(-mu d).
///
/// Below ``AttenuatingMaterial/energies`` nothing is counted: 0.5 mm of aluminium passes 3 % of what
/// there is at 10 keV, and a head none of it. Half-value layers lie 1 to 6.5 % below those of SpekPy
/// 2.5 (G. Poludniowski et al., Med. Phys. 48 (2021) 3630) for 2.5 mm of aluminium, 40 to 150 kV, and
/// mean energies 0.6 to 3.2 %: most at the highest voltages.
package struct TubeSpectrum: Sendable {
  /// The tube.
  package let tube: XRayTube
  /// The K lines that are excited: energy in keV and photons, in the unit of ``fluence(keV:)`` times
  /// keV.
  package let lines: [(keV: Double, photons: Double)]

  private static let edge = 69.525
  /// Tungsten's K lines and their shares: K-alpha 2 and 1, K-beta 1 (with 3) and 2.
  private static let lineShares: [(keV: Double, share: Double)] = [
    (57.984, 0.291), (59.321, 0.505), (67.244, 0.162), (69.1, 0.042),
  ]
  private static let electronRest = 511.0
  /// Legendre nodes over the depth and over electron energies.
  private static let nodes = GaussLegendre(count: 24)

  /// The spectrum of a tube.
  ///
  /// - Throws: ``PhysicsError`` for settings that the model does not cover.
  package init(_ tube: XRayTube) throws(PhysicsError) {
    try tube.check()
    self.tube = tube
    let yield = 1.349e-3 * pow(max(0, tube.kilovolts / Self.edge - 1), 1.648)
    let range =
      (tube.kilovolts * tube.kilovolts - Self.edge * Self.edge) / Self.slowing(tube.kilovolts)
    lines =
      yield == 0
      ? []
      : Self.lineShares.map { line in
        let absorption =
          AttenuatingMaterial.tungsten.massAttenuation(keV: line.keV) * range
          / sin(tube.anodeAngle * .pi / 180)
        let escaped = Self.nodes.integral(from: 0, to: 1) { x in
          1.5 * (1 - x * x) * exp(-absorption * x)
        }
        return (line.keV, yield * line.share * escaped * Self.passed(tube, line.keV))
      }
  }

  /// Photons of the continuous part per keV, up to a factor that all spectra share; 0 outside
  /// 10 keV to the tube voltage.
  package func fluence(keV: Double) -> Double {
    let top = tube.kilovolts
    guard keV >= AttenuatingMaterial.energies.lowerBound, keV < top else { return 0 }
    let absorption =
      AttenuatingMaterial.tungsten.massAttenuation(keV: keV)
      / (Self.slowing(top) * sin(tube.anodeAngle * .pi / 180))
    let integral = Self.nodes.integral(from: keV, to: top) { electron in
      let u = keV / electron
      let shape = 1 + u * (-5.049 + u * (10.847 + u * (-10.516 + u * 3.842)))
      let stopping = 2024.1 + 10361 * exp(-0.04695 * electron)
      return shape * (electron + Self.electronRest) / electron / stopping
        * exp(-absorption * (top * top - electron * electron))
    }
    // alpha r_e^2 Z^2 / (A u), cm^2/g. The paper's 3.685e-2 + 2.9e-5 T0 stands a thousandfold, the
    // ratio at which K lines and continuum have the proportion of its measured spectra and of SpekPy.
    let factor = 1.0402e-2 * (36.85 + 0.029 * top)
    return factor * integral / keV * Self.passed(tube, keV)
  }

  /// Thomson and Whiddington's constant C of tungsten, keV^2 cm^2/g.
  private static func slowing(_ kilovolts: Double) -> Double {
    let table = [(50.0, 5.4e5), (75, 6.25e5), (100, 7e5), (150, 8.4e5)]
    let above = max(1, table.firstIndex { $0.0 >= kilovolts } ?? table.count - 1)
    let (a, b) = (table[above - 1], table[above])
    // Below 50 kV the first stretch goes on.
    return a.1 + (b.1 - a.1) * (kilovolts - a.0) / (b.0 - a.0)
  }

  /// The share of photons that the filters let pass.
  private static func passed(_ tube: XRayTube, _ keV: Double) -> Double {
    exp(
      -AttenuatingMaterial.aluminium.linearAttenuation(keV: keV) * tube.aluminium
        - AttenuatingMaterial.copper.linearAttenuation(keV: keV) * tube.copper)
  }
}
