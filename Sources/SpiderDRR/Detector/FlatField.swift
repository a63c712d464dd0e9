import Foundation
import SpiderImaging
import SpiderSupport

/// The flat field: the beam's intensity across the detector, and the gains of its pixels.
public struct FlatField: Codable, Equatable, Sendable {
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

/// The part of the detector that the collimator leaves open: a rectangle about a point, turned.
public struct CollimatedField: Codable, Equatable, Sendable {
  /// The middle of the open field, as shares of the detector's columns and rows; (0.5, 0.5) is the
  /// detector's middle.
  public var center: SIMD2<Double>
  /// Its size, as shares of the detector's columns and rows.
  public var size: SIMD2<Double>
  /// Its turn against the detector, degrees.
  public var turnDegrees: Double
  /// The share of the beam that the blades let pass.
  public var leakage: Double

  /// A field.
  public init(
    center: SIMD2<Double> = SIMD2(0.5, 0.5), size: SIMD2<Double>, turnDegrees: Double = 0,
    leakage: Double = 0.002
  ) {
    self.center = center
    self.size = size
    self.turnDegrees = turnDegrees
    self.leakage = leakage
  }

  func check() throws(PhysicsError) {
    try PhysicsError.check("the width of the collimated field", size.x, in: 0.01...2)
    try PhysicsError.check("the height of the collimated field", size.y, in: 0.01...2)
    try PhysicsError.check("the column of the field's middle", center.x, in: 0...1)
    try PhysicsError.check("the row of the field's middle", center.y, in: 0...1)
    try PhysicsError.check("the turn of the collimator", turnDegrees, in: -90...90, "degrees")
    try PhysicsError.check("the collimator's leakage", leakage, in: 0...1)
  }

  /// Marks the pixels that the beam reaches.
  package func opens(_ geometry: ProjectionGeometry) -> [Bool] {
    let angle = turnDegrees * .pi / 180
    // In mm, so that a turned field stays a rectangle on oblong pixels.
    let pixel = SIMD2(length(geometry.columnStep), length(geometry.rowStep))
    let extent = SIMD2(Double(geometry.columns), Double(geometry.rows)) * pixel
    let half = size * extent / 2
    return (0..<geometry.count).map { index in
      let place = SIMD2(
        Double(index % geometry.columns) + 0.5, Double(index / geometry.columns) + 0.5)
      let offset = place * pixel - center * extent
      let x = offset.x * cos(angle) + offset.y * sin(angle)
      let y = offset.y * cos(angle) - offset.x * sin(angle)
      return abs(x) <= half.x && abs(y) <= half.y
    }
  }
}
