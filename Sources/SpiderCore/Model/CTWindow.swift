/// The range of CT numbers that networks see, mapped to [0, 1].
public struct CTWindow: Codable, Hashable, Sendable {
  /// HU that becomes 0.
  public let low: Float
  /// HU that becomes 1.
  public let high: Float

  /// A window; `high` must lie above `low`.
  public init(low: Float, high: Float) {
    precondition(high > low, "a window from \(low) to \(high) HU")
    self.low = low
    self.high = high
  }

  /// [-1000, 2000] HU: air to dense bone.
  public static let standard = CTWindow(low: -1000, high: 2000)

  /// HU to window units, clipped to [0, 1]; NaN counts as air.
  public func normalize(_ hu: Float) -> Float {
    guard hu > low else { return 0 }
    return hu < high ? (hu - low) / (high - low) : 1
  }

  /// Window units to HU, clipped to the window; NaN stays.
  public func hounsfield(_ value: Float) -> Float {
    low + (high - low) * (value < 0 ? 0 : value > 1 ? 1 : value)
  }
}
