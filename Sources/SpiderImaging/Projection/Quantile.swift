extension Array where Element == Float {
  /// The value below which a share of the numbers lies, interpolating linearly between neighbours as
  /// numpy's `quantile` does; nil for an empty list. The numbers must be finite.
  public func quantile(_ share: Double) -> Float? { sorted().quantileOfSorted(share) }

  /// ``quantile(_:)`` of numbers already in ascending order.
  public func quantileOfSorted(_ share: Double) -> Float? {
    guard let last = indices.last else { return nil }
    let place = Swift.min(Swift.max(share, 0), 1) * Double(last)
    let below = Int(place)
    let above = Swift.min(below + 1, last)
    return self[below] + (self[above] - self[below]) * Float(place - Double(below))
  }
}
