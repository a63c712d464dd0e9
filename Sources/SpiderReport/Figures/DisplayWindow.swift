/// The CT numbers that a picture spreads from black to white.
public struct DisplayWindow: Hashable, Sendable, CustomStringConvertible {
  /// CT number (HU) shown black.
  public let low: Double
  /// CT number (HU) shown white.
  public let high: Double

  /// Builds a window; `high` must be above `low`.
  public init(low: Double, high: Double) {
    precondition(low < high, "a window from \(low) to \(high) HU")
    self.low = low
    self.high = high
  }

  /// Bone, with soft tissue still told from air: -200 to 1200 HU.
  public static let bone = DisplayWindow(low: -200, high: 1200)

  /// Brain: 0 to 80 HU.
  public static let brain = DisplayWindow(low: 0, high: 80)

  /// The brightness, 0 to 1, of a CT number. One that is not a number counts as air.
  public func brightness(_ value: Float) -> Double {
    value.isNaN ? 0 : min(max((Double(value) - low) / (high - low), 0), 1)
  }

  /// The window as a caption states it.
  public var description: String { "\(wholeNumber(low)) to \(wholeNumber(high)) HU" }
}
