/// One of the six directions of the patient, with the letter the field writes it by.
public enum AnatomicalAxis: Character, CaseIterable, Sendable {
  case right = "R"
  case left = "L"
  case anterior = "A"
  case posterior = "P"
  case superior = "S"
  case inferior = "I"

  /// The world axis it lies on: 0 for left-right, 1 for front-back, 2 for up-down.
  public var worldAxis: Int {
    switch self {
    case .right, .left: return 0
    case .anterior, .posterior: return 1
    case .superior, .inferior: return 2
    }
  }

  /// +1 when it points along the world's RAS+ axis, -1 when against it.
  public var sign: Int {
    switch self {
    case .right, .anterior, .superior: return 1
    case .left, .posterior, .inferior: return -1
    }
  }

  /// The unit vector of this direction in world RAS+.
  public var direction: Vector3 {
    var vector = Vector3.zero
    vector[worldAxis] = Double(sign)
    return vector
  }

  /// The direction on a world axis (0, 1, 2) with a sign.
  public init(worldAxis: Int, positive: Bool) {
    let positives: [AnatomicalAxis] = [.right, .anterior, .superior]
    let negatives: [AnatomicalAxis] = [.left, .posterior, .inferior]
    self = positive ? positives[worldAxis] : negatives[worldAxis]
  }
}
