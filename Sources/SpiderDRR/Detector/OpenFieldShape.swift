import Foundation
import SpiderImaging
import SpiderSupport

/// How evenly the open field lights the detector, and how evenly the detector answers.
public struct OpenFieldShape: Codable, Equatable, Sendable {
  /// Whether the beam weakens with distance and slant: (central distance / distance)^3 of a cone.
  public var fallsOff: Bool
  /// The heel effect: how much weaker the field is at the detector's first row than at its middle, as
  /// a share; as much stronger at the last. Negative the other way round.
  public var heel: Double
  /// Standard deviation of the pixels' gains, as a share: a fixed pattern of the panel.
  public var gainDeviation: Double
  /// Whether the image is divided by a noiseless picture of the open field, as every digital detector
  /// does. Otherwise shading and pattern stay in it.
  public var isCorrected: Bool

  /// By default even, and corrected.
  public init(
    fallsOff: Bool = false, heel: Double = 0, gainDeviation: Double = 0, isCorrected: Bool = true
  ) {
    self.fallsOff = fallsOff
    self.heel = heel
    self.gainDeviation = gainDeviation
    self.isCorrected = isCorrected
  }

  /// Whether every pixel sees the same.
  var isEven: Bool { !fallsOff && heel == 0 && gainDeviation == 0 }

  func check() throws(PhysicsError) {
    try PhysicsError.check("the heel effect", heel, in: -0.9...0.9)
    try PhysicsError.check("the deviation of the pixels' gains", gainDeviation, in: 0...0.2)
  }

  /// The beam's strength in each pixel, about 1.
  func illumination(_ geometry: ProjectionGeometry) -> [Float] {
    let middle = Double(geometry.rows - 1) / 2
    return (0..<geometry.count).map { index in
      let (column, row) = (index % geometry.columns, index / geometry.columns)
      var strength = middle > 0 ? 1 + heel * (Double(row) - middle) / middle : 1
      if fallsOff, case .cone(let source) = geometry.beam {
        let place = geometry.pixelCenter(column: Double(column), row: Double(row))
        let normal = normalized(cross(geometry.columnStep, geometry.rowStep))
        strength *= pow(abs(dot(normal, place - source)) / length(place - source), 3)
      }
      return Float(strength)
    }
  }

  /// The gain of each pixel, about 1; the same panel for the same generator.
  func gains(count: Int, _ random: SeededGenerator) -> [Float] {
    guard gainDeviation > 0 else { return [Float](repeating: 1, count: count) }
    var random = random
    return (0..<count).map { _ in Float(max(0.1, 1 + gainDeviation * random.normal())) }
  }
}
