import Foundation
import SpiderImaging

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

  /// Which pixels the beam reaches.
  public func opens(_ geometry: ProjectionGeometry) -> [Bool] {
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
