/// The orientation of a volume's voxel axes in the patient, one of 48 (6 orders of the axes, 8 signs).
///
/// Written as the field writes it: "RAS" means that the index i grows towards the patient's Right,
/// j towards Anterior and k towards Superior.
public struct Orientation: Hashable, Sendable, CustomStringConvertible {
  /// The direction in which each voxel index grows.
  public let axes: [AnatomicalAxis]

  /// Builds an orientation from three directions, one on each world axis.
  public init?(axes: [AnatomicalAxis]) {
    guard axes.count == 3, Set(axes.map(\.worldAxis)).count == 3 else { return nil }
    self.axes = axes
  }

  /// Reads a code such as "RAS" or "lpi".
  public init?(code: String) {
    let letters = code.uppercased().compactMap(AnatomicalAxis.init(rawValue:))
    guard code.count == 3, let found = Orientation(axes: letters) else { return nil }
    self = found
  }

  /// The canonical orientation, which is also that of the world.
  public static let ras = Orientation(uncheckedAxes: [.right, .anterior, .superior])

  init(uncheckedAxes axes: [AnatomicalAxis]) { self.axes = axes }

  /// All 48 orientations.
  public static let all: [Orientation] = {
    let cases = AnatomicalAxis.allCases
    return cases.flatMap { a in
      cases.flatMap { b in cases.compactMap { c in Orientation(axes: [a, b, c]) } }
    }
  }()

  /// The orientation closest to an affine.
  ///
  /// The largest cosine between a voxel axis and a world axis is assigned first, then the largest
  /// among the remaining ones, so that oblique and sheared volumes get three distinct axes.
  public init(closestTo affine: Affine) {
    let columns = [affine.columns.0, affine.columns.1, affine.columns.2]
    let cosines = columns.map { length($0) > 0 ? normalized($0) : $0 }
    var axes = [AnatomicalAxis?](repeating: nil, count: 3)
    var freeVoxelAxes = Set(0..<3)
    var freeWorldAxes = Set(0..<3)
    while !freeVoxelAxes.isEmpty {
      let pairs = freeVoxelAxes.sorted().flatMap { v in freeWorldAxes.sorted().map { (v, $0) } }
      let best = pairs.reduce(pairs[0]) { a, b in
        abs(cosines[b.0][b.1]) > abs(cosines[a.0][a.1]) ? b : a
      }
      axes[best.0] = AnatomicalAxis(worldAxis: best.1, positive: cosines[best.0][best.1] >= 0)
      freeVoxelAxes.remove(best.0)
      freeWorldAxes.remove(best.1)
    }
    self.axes = axes.compactMap { $0 }
  }

  /// The code, such as "RAS".
  public var description: String { String(axes.map(\.rawValue)) }
}

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
