/// How the values of a radiograph rise where its shadow begins.
///
/// The path of a ray through a round body grows as the root of how deep it passes under the surface, and
/// bone under skin makes it grow faster. A collimator or the end of a scan cuts straight through instead:
/// the values jump and then stay.
struct SilhouetteEdges {
  /// A step from air into the shadow, along a row or a column.
  struct Crossing {
    var side: Side
    /// The column (sides left and right) or row of the last pixel of air.
    var line: Int
    /// Its place on that line.
    var place: Int
    /// The excess over the open field of the first three pixels within, as shares of the span.
    var rise: SIMD3<Float>

    /// Whether it has jumped and stays: a root rises by 14 to 29 % from the second pixel to the third,
    /// depending on where in its pixel the surface lies; 4 % of the span lie well above noise.
    var isCut: Bool { rise.y >= 0.85 * rise.z && rise.y >= 0.04 }
  }

  /// Where the air lies.
  enum Side: CaseIterable {
    case left, right, above, below
  }

  /// A straight edge along a column or a row.
  struct Cut: Hashable {
    var side: Side
    var line: Int
  }

  /// So many pixels in line make a straight cut.
  private static let shortestCut = 6

  private let columns: Int
  private let rows: Int
  private let crossings: [Crossing]
  private let cuts: Set<Cut>

  init(_ image: Radiograph, level: Float, span: Float, occupied: [Bool]) {
    let (columns, rows) = (image.geometry.columns, image.geometry.rows)
    var crossings: [Crossing] = []
    for side in Side.allCases {
      let step = side.inward
      let move = step.row * columns + step.column
      for row in 0..<rows {
        for column in 0..<columns {
          let index = row * columns + column
          guard (0..<columns).contains(column + 3 * step.column),
            (0..<rows).contains(row + 3 * step.row), !occupied[index], occupied[index + move],
            (0...3).allSatisfy({ image.counts(index + $0 * move) })
          else { continue }
          func rise(_ depth: Int) -> Float { (image.values[index + depth * move] - level) / span }
          let isColumn = side == .left || side == .right
          crossings.append(
            Crossing(
              side: side, line: isColumn ? column : row, place: isColumn ? row : column,
              rise: SIMD3(rise(1), rise(2), rise(3))))
        }
      }
    }
    self.columns = columns
    self.rows = rows
    self.crossings = crossings
    cuts = Self.straightCuts(crossings)
  }

  private static func straightCuts(_ crossings: [Crossing]) -> Set<Cut> {
    var places: [Cut: [Int]] = [:]
    for crossing in crossings where crossing.isCut {
      places[Cut(side: crossing.side, line: crossing.line), default: []].append(crossing.place)
    }
    return Set(
      places.filter { _, places in
        var run = 0
        var last = -2
        return places.sorted().contains { place in
          run = place == last + 1 ? run + 1 : 1
          last = place
          return run >= shortestCut
        }
      }.keys)
  }

  /// Whether more than a twelfth of the outline is a cut through the thick of the patient that follows
  /// no row or column: a round or turned collimator.
  var areCut: Bool {
    let deep = crossings.count {
      $0.isCut && $0.rise.y >= 0.4 && !cuts.contains(Cut(side: $0.side, line: $0.line))
    }
    return deep * 12 > crossings.count
  }

  /// Whether half of the outline rises as steeply as a body's does: to a fifth of the span under the
  /// first 6 mm. `pixel` is the size of a pixel at the isocentre, mm.
  func riseLikeBodies(pixel: Double) -> Bool {
    guard let middle = crossings.map(\.rise.z).quantile(0.5) else { return false }
    // The middle of the third pixel lies 2 to 3 pixels deep.
    return middle >= 0.2 * Float(2.5 * pixel / 6).squareRoot()
  }

  /// The pixels on the dark side of straight cuts, of which nothing is known.
  func beyondStraightCuts() -> [Bool] {
    var beyond = [Bool](repeating: false, count: columns * rows)
    for cut in cuts {
      let (c, r): (Range<Int>, Range<Int>)
      switch cut.side {
      case .left: (c, r) = (0..<cut.line + 1, 0..<rows)
      case .right: (c, r) = (cut.line..<columns, 0..<rows)
      case .above: (c, r) = (0..<columns, 0..<cut.line + 1)
      case .below: (c, r) = (0..<columns, cut.line..<rows)
      }
      for row in r { for column in c { beyond[row * columns + column] = true } }
    }
    return beyond
  }
}

extension SilhouetteEdges.Side {
  /// The step from the air into the shadow.
  fileprivate var inward: (column: Int, row: Int) {
    switch self {
    case .left: return (1, 0)
    case .right: return (-1, 0)
    case .above: return (0, 1)
    case .below: return (0, -1)
    }
  }
}
