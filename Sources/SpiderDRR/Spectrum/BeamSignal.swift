internal import CSpiderKernels
import Foundation
import SpiderImaging

/// The signal of a detector behind layers of materials, for a beam of one or of many energies.
///
/// With shares w(E) of the signal in the open field, sum 1, and the lengths L_m of the materials along
/// a ray, the measured line integral is
///
///     p = -ln( sum over E of w(E) exp(-sum over m of mu_m(E) L_m) ).
///
/// Harder photons are left over the deeper the ray goes, so p grows slower than the lengths: beam
/// hardening is not added, it follows.
package struct BeamSignal: Sendable {
  /// The energies of the beam, keV.
  package let energies: [Double]
  /// Each energy's share of the signal in the open field.
  package let shares: [Double]
  /// The materials.
  package let materials: [AttenuatingMaterial]
  /// Linear attenuation, 1/mm: one row of energies per material.
  let attenuation: [[Double]]

  /// A beam of photons of one energy.
  ///
  /// - Throws: ``AttenuationError`` for an energy without coefficients.
  package init(keV: Double, materials: [AttenuatingMaterial]) throws(AttenuationError) {
    guard Attenuation.energies.contains(keV) else { throw .energyOutOfRange(keV: keV) }
    self.init(checked: keV, materials: materials)
  }

  /// A beam of photons of an energy that is known to lie within ``Attenuation/energies``.
  init(checked keV: Double, materials: [AttenuatingMaterial]) {
    self.init([(keV, 1)], materials)
  }

  /// The beam of a tube, seen by a detector.
  package init(
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

  /// The line integrals behind lengths of the materials, mm: one image per material, of which the last
  /// ones may be missing.
  package func lineIntegrals(_ lengths: [[Float]]) -> [Float] {
    precondition(
      (1...materials.count).contains(lengths.count),
      "\(lengths.count) images for \(materials.count) materials")
    return BeamKernel.beamSignal(lengths, attenuation: attenuation, shares: shares)
  }

  /// The same by the definition, in double, for one ray.
  package func referenceLineIntegral(_ lengths: [Double]) -> Double {
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

/// The wrapper of the C kernel of the beam signal.
package enum BeamKernel {
  /// Line integrals of an X-ray beam behind lengths of M materials, an image each;
  /// `attenuation` has at least M rows of as many energies as there are shares.
  package static func beamSignal(
    _ lengths: [[Float]], attenuation: [[Double]], shares: [Double]
  ) -> [Float] {
    let (count, materials, energies) = (lengths[0].count, lengths.count, shares.count)
    precondition(
      lengths.allSatisfy { $0.count == count } && attenuation.count >= materials
        && attenuation.allSatisfy { $0.count == energies }, "images and tables that do not fit")
    let all = lengths.count == 1 ? lengths[0] : lengths.flatMap { $0 }
    let mu = attenuation.prefix(materials).flatMap { $0.map(Float.init) }
    let weights = shares.map(Float.init)
    return unsafe [Float](unsafeUninitializedCapacity: count) { out, written in
      written = count
      unsafe all.withUnsafeBufferPointer { all in
        guard let from = all.baseAddress, let to = out.baseAddress else { return }
        unsafe spider_beam_signal(
          from, Int64(count), Int32(materials), mu, weights, Int32(energies), to)
      }
    }
  }
}

/// The signal of a detector per photon, by its energy.
public enum DetectorResponse: Codable, Equatable, Sendable {
  /// Absorbs every photon; the signal is its energy.
  case energyIntegrating
  /// A layer of caesium iodide: the signal is the energy of the photons that it stops.
  /// A flat panel has about 0.6 mm of it.
  case caesiumIodide(millimetres: Double)

  /// The signal of a photon of an energy within ``AttenuatingMaterial/energies``, up to a factor.
  package func signal(keV: Double) -> Double {
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
