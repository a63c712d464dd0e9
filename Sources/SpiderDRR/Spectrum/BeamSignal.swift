import Foundation
import SpiderImaging

/// What a detector measures behind layers of materials, for a beam of one or of many energies.
///
/// With shares w(E) of the signal in the open field, sum 1, and the lengths L_m of the materials along
/// a ray, the measured line integral is
///
///     p = -ln( sum over E of w(E) exp(-sum over m of mu_m(E) L_m) ).
///
/// Harder photons are left over the deeper the ray goes, so p grows slower than the lengths: beam
/// hardening is not added, it follows.
public struct BeamSignal: Sendable {
  /// The energies of the beam, keV.
  public let energies: [Double]
  /// Each energy's share of the signal in the open field.
  public let shares: [Double]
  /// The materials.
  public let materials: [AttenuatingMaterial]
  /// Linear attenuation, 1/mm: one row of energies a material.
  let attenuation: [[Double]]

  /// A beam of photons of one energy.
  ///
  /// - Throws: ``AttenuationError`` for an energy without coefficients.
  public init(keV: Double, materials: [AttenuatingMaterial]) throws(AttenuationError) {
    guard Attenuation.energies.contains(keV) else { throw .energyOutOfRange(keV: keV) }
    self.init([(keV, 1)], materials)
  }

  /// The beam of a tube, seen by a detector.
  public init(
    _ spectrum: TubeSpectrum, _ response: DetectorResponse, materials: [AttenuatingMaterial]
  ) throws(PhysicsError) {
    try response.check()
    let photons = spectrum.samples(knots: materials.flatMap(\.knots) + response.knots)
    let signals = photons.map { ($0.keV, $0.photons * response.signal(keV: $0.keV)) }
    let whole = signals.reduce(0) { $0 + $1.1 }
    // What is softer than this share leaves no trace in the open field and less behind anything.
    let kept = signals.filter { $0.1 > 1e-12 * whole }
    let sum = kept.reduce(0) { $0 + $1.1 }
    self.init(kept.map { ($0.0, $0.1 / sum) }, materials)
  }

  private init(_ beam: [(keV: Double, share: Double)], _ materials: [AttenuatingMaterial]) {
    energies = beam.map(\.keV)
    shares = beam.map(\.share)
    self.materials = materials
    attenuation = materials.map { material in
      beam.map { material.linearAttenuation(keV: $0.keV) }
    }
  }

  /// The line integrals behind lengths of the materials, mm: one image a material, of which the last
  /// ones may be missing.
  public func lineIntegrals(_ lengths: [[Float]]) -> [Float] {
    precondition(
      (1...materials.count).contains(lengths.count),
      "\(lengths.count) images for \(materials.count) materials")
    return BeamKernel.beamSignal(lengths, attenuation: attenuation, shares: shares)
  }

  /// The same by the definition, in double, for one ray.
  public func referenceLineIntegral(_ lengths: [Double]) -> Double {
    let exponents = energies.indices.map { e in
      zip(attenuation, lengths).reduce(0) { $0 + $1.0[e] * $1.1 }
    }
    // Behind much metal every term underflows; the smallest exponent is what remains then.
    let least = exponents.min() ?? 0
    return least
      - log(zip(shares, exponents).reduce(0) { $0 + $1.0 * exp(least - $1.1) })
  }

  /// The line integral behind a length of the first material, mm, and by how much it grows a
  /// millimetre: the mean attenuation of what is left of the beam.
  func water(_ length: Double) -> (lineIntegral: Double, slope: Double) {
    let mu = attenuation[0]
    let least = mu.min() ?? 0
    let left = zip(shares, mu).map { $0 * exp((least - $1) * length) }
    let sum = left.reduce(0, +)
    return (least * length - log(sum), zip(left, mu).reduce(0) { $0 + $1.0 * $1.1 } / sum)
  }
}
