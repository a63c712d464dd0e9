/// CT numbers that name a class of a scheme.
public struct LabelRange: Codable, Hashable, Sendable {
  /// The class.
  public let label: String
  /// The lowest HU that counts; nil: no lower end.
  public let from: Float?
  /// The HU from which it does not count any more; nil: no upper end.
  public let below: Float?

  enum CodingKeys: String, CodingKey {
    case label = "class"
    case from = "from_hu"
    case below = "below_hu"
  }

  /// The CT numbers from one up to, but not including, another.
  public init(label: String, from: Float? = nil, below: Float? = nil) {
    self.label = label
    self.from = from
    self.below = below
  }

  /// Whether it holds a CT number.
  public func contains(_ hu: Float) -> Bool {
    hu >= from ?? -.infinity && hu < below ?? .infinity
  }
}
