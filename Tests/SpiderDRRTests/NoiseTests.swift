import Foundation
import SpiderCore
import SpiderDRR
import SpiderSupport
import SpiderTestSupport
import Testing

/// Quantum noise follows Poisson's law.
@Suite struct NoiseTests {
  /// Mean and variance of 10^5 numbers are both the mean of the law, within four standard errors:
  /// sqrt(m/n) of the mean, sqrt((m + 2 m^2)/n) of the variance.
  @Test(arguments: [0.02, 0.7, 3, 9.99, 10, 12, 40, 1000, 2e5, 3e9])
  func meanAndVariance(mean: Double) {
    var random = SeededGenerator(seed: 21)
    let n = 100_000.0
    let values = (0..<Int(n)).map { _ in random.poisson(mean) }
    let average = values.reduce(0, +) / n
    let variance = values.reduce(0) { $0 + ($1 - average) * ($1 - average) } / (n - 1)
    expectClose(average, mean, atol: 4 * (mean / n).squareRoot(), "mean")
    expectClose(
      variance, mean, atol: 4 * ((mean + 2 * mean * mean) / n).squareRoot(), "variance")
    #expect(values.allSatisfy { $0 >= 0 && $0 == $0.rounded() })
  }

  /// The whole law: chi squared of the counts of 2 10^5 numbers over its values, against the mean of
  /// that statistic plus five of its deviations.
  @Test(arguments: [2.5, 9.5, 11, 30]) func everyValueHasItsShare(mean: Double) {
    var random = SeededGenerator(seed: 8)
    let n = 200_000
    var counts = [Int: Int]()
    for _ in 0..<n { counts[Int(random.poisson(mean)), default: 0] += 1 }
    var (term, statistic, cells) = (exp(-mean), 0.0, 0.0)
    for value in 0..<200 {
      let expected = Double(n) * term
      if expected >= 20 {
        let difference = Double(counts[value] ?? 0) - expected
        statistic += difference * difference / expected
        cells += 1
      }
      term *= mean / Double(value + 1)
    }
    #expect(cells > 5 && statistic < cells + 5 * (2 * cells).squareRoot())
  }

  @Test func oddMeans() {
    var random = SeededGenerator(seed: 1)
    #expect(random.poisson(0) == 0 && random.poisson(-3) == 0)
    #expect(random.poisson(.nan).isNaN)
  }

  /// The same through the chain: 10^5 pixels behind a uniform layer, counts 20 and 5000.
  @Test(arguments: [(2e4, 20.0), (5e6, 5000)]) func pixelsFollowTheLaw(
    photons: Double, mean: Double
  )
    throws
  {
    var physics = RadiographPhysics()
    physics.photons = photons
    let geometry = try ViewSetup(pixelSize: SIMD2(1, 1), columns: 400, rows: 250).geometry(of: .pa)
    let lineIntegrals = [Float](repeating: Float(-log(mean / photons)), count: geometry.count)
    let image = try XRayChain(physics).detectorImage(of: lineIntegrals, geometry: geometry)
    let counts = image.counts.map { Double($0) * photons }
    let n = Double(counts.count)
    let average = counts.reduce(0, +) / n
    let variance = counts.reduce(0) { $0 + ($1 - average) * ($1 - average) } / (n - 1)
    expectClose(average, mean, atol: 4 * (mean / n).squareRoot(), "mean")
    expectClose(
      variance, mean, atol: 4 * ((mean + 2 * mean * mean) / n).squareRoot(), "variance")
  }

  /// Where nothing is counted, half a photon is taken for it: ln(2 N0).
  @Test func nothingCountedIsHalfAPhoton() throws {
    var physics = RadiographPhysics()
    physics.photons = 1000
    let geometry = try ViewSetup(columns: 8, rows: 8).geometry(of: .pa)
    let image = try XRayChain(physics).radiograph(
      lengths: [[Float](repeating: 3000, count: 64)], geometry: geometry)
    expectClose(image.values, [Double](repeating: log(2000), count: 64), atol: 1e-5)
  }

  /// Electronic noise adds its variance, also where no photon arrives.
  @Test func electronicNoiseIsAFloor() throws {
    var physics = RadiographPhysics()
    physics.photons = 1000
    physics.electronicNoise = 7
    let geometry = try ViewSetup(columns: 200, rows: 200).geometry(of: .pa)
    let image = try XRayChain(physics).detectorImage(
      of: [Float](repeating: 80, count: 40000), geometry: geometry)
    let squares = image.counts.reduce(0.0) { $0 + Double($1 * $1) } / 40000
    // The variance of a variance of 40,000 normal numbers: 0.7 %.
    expectClose(squares.squareRoot() * 1000, 7, rtol: 0.02, atol: 0)
  }

  @Test func seedAndViewDecideTheNoise() throws {
    var physics = RadiographPhysics()
    physics.photons = 500
    let geometry = try ViewSetup(columns: 16, rows: 16).geometry(of: .pa)
    let lengths = [[Float](repeating: 50, count: 256)]
    func values(_ number: Int) throws -> [Float] {
      try XRayChain(physics).radiograph(lengths: lengths, geometry: geometry, number: number).values
    }
    let first = try values(0)
    #expect(try values(0) == first)
    #expect(try values(1) != first)
    physics.seed = 2
    #expect(try values(0) != first)
  }
}
