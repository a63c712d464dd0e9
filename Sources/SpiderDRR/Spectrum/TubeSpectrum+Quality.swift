import Foundation

extension TubeSpectrum {
  /// The mean energy of the photons, keV.
  package var meanEnergy: Double {
    let photons = samples(knots: AttenuatingMaterial.aluminium.knots)
    return photons.reduce(0) { $0 + $1.keV * $1.photons } / photons.reduce(0) { $0 + $1.photons }
  }

  /// The thickness of aluminium (mm) that halves the beam's air kerma: its half-value layer.
  package var halfValueLayer: Double {
    let aluminium = AttenuatingMaterial.aluminium
    let kerma = samples(knots: aluminium.knots).map { sample in
      (
        weight: sample.photons * sample.keV * Self.airAbsorption.massAttenuation(at: sample.keV),
        attenuation: aluminium.linearAttenuation(keV: sample.keV)
      )
    }
    let whole = kerma.reduce(0) { $0 + $1.weight }
    var (low, high) = (0.0, 100.0)
    while high - low > 1e-9 {
      let middle = (low + high) / 2
      let passed = kerma.reduce(0) { $0 + $1.weight * exp(-$1.attenuation * middle) }
      if passed > whole / 2 { low = middle } else { high = middle }
    }
    return low
  }

  /// The spectrum as photons of single energies: nodes of Gauss between all energies at which the
  /// spectrum or a material's coefficients have a kink, and the lines.
  func samples(knots: [Double]) -> [(keV: Double, photons: Double)] {
    let top = tube.kilovolts
    let bottom = AttenuatingMaterial.energies.lowerBound
    let inner = Set(knots + AttenuatingMaterial.tungsten.knots + AttenuatingMaterial.copper.knots)
      .filter { $0 > bottom && $0 < top }
    let limits = [bottom] + inner.sorted() + [top]
    let continuous = zip(limits, limits.dropFirst()).flatMap { low, high in
      Self.segment.nodes.map { node in
        let energy = (low + high) / 2 + (high - low) / 2 * node.place
        return (
          keV: energy, photons: fluence(keV: energy) * node.weight * (high - low) / 2
        )
      }
    }
    return continuous + lines
  }

  /// Four nodes per stretch: stretches are 5 to 50 keV long, and within one all functions are smooth.
  private static let segment = GaussLegendre(count: 4)

  /// Mass energy-absorption coefficients of dry air, cm^2/g (NIST, as in ``AttenuatingMaterial``).
  private static let airAbsorption = AttenuationTable([
    (10, 4.742), (15, 1.334), (20, 0.5389), (30, 0.1537), (40, 0.06833), (50, 0.04098),
    (60, 0.03041), (80, 0.02407), (100, 0.02325), (150, 0.02496), (200, 0.02672),
  ])
}

/// Gauss-Legendre quadrature: exact for polynomials up to degree 2 n - 1.
struct GaussLegendre: Sendable {
  /// Places in -1...1 and their weights, whose sum is 2.
  let nodes: [(place: Double, weight: Double)]

  /// The rule of n nodes, the roots of Legendre's polynomial found by Newton's method.
  init(count n: Int) {
    precondition(n > 0, "\(n) nodes")
    nodes = (0..<n).map { i in
      var x = cos(.pi * (Double(i) + 0.75) / (Double(n) + 0.5))
      var slope = 0.0
      for _ in 0..<50 {
        var (p, q) = (1.0, 0.0)
        for k in 1...n {
          (p, q) = ((Double(2 * k - 1) * x * p - Double(k - 1) * q) / Double(k), p)
        }
        slope = Double(n) * (x * p - q) / (x * x - 1)
        let step = p / slope
        x -= step
        if abs(step) < 1e-15 { break }
      }
      return (x, 2 / ((1 - x * x) * slope * slope))
    }
  }

  /// The integral of a function over an interval.
  func integral(from a: Double, to b: Double, _ value: (Double) -> Double) -> Double {
    let (middle, half) = ((a + b) / 2, (b - a) / 2)
    return half * nodes.reduce(0) { $0 + $1.weight * value(middle + half * $1.place) }
  }
}
