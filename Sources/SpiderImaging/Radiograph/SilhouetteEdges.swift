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

    /// Whether it has jumped and stays.
    var isCut: Bool { SilhouetteEdges.isCut(rise) }
  }

  /// Where the air lies.
  enum Side: CaseIterable {
    case left, right, above, below
  }

  /// A straight edge along a column or a row.
  struct Cut {
    var side: Side
    var line: Int
    /// Where on the line the patient was cut.
    var places: ClosedRange<Int>
    /// Whether something thick was cut, not an ear or the tip of a nose.
    var isDeep: Bool
  }

  /// So many pixels in line make a straight cut.
  private static let shortestCut = 6
  /// What is less than this share of the span is thin: about 3 cm of water in a head.
  private static let thin: Float = 0.15

  private let columns: Int
  private let rows: Int
  private let crossings: [Crossing]
  private let cuts: [Cut]

  /// Whether values have jumped and stay: a root rises by 30 % or more from pixel to pixel here. What is
  /// thinner than 5 % of the span, about 1 cm of water, is cut so near to its end that the rest lies within
  /// the dilation.
  private static func isCut(_ rise: SIMD3<Float>) -> Bool {
    rise.y >= 0.05 && (rise.y >= 0.85 * rise.z || rise.x >= 0.85 * rise.y)
  }

  /// Looks where values cross 3 % of the span, or noise: a little within what can be told from air, so
  /// that blur has less of a part in how they rise.
  init(_ image: Radiograph, _ open: OpenFieldEstimate) {
    let (level, span) = (open.level, open.span)
    let threshold = max(0.03 * span, 4 * open.noise)
    let occupied = image.values.map { $0 - level > threshold }
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

  /// Crossings side by side on one line that, taken together, have jumped and stay: neighbours' means tell
  /// them from the apex of something round, whose brightest pixels may look cut one by one.
  private static func straightCuts(_ crossings: [Crossing]) -> [Cut] {
    var cuts: [Cut] = []
    for side in Side.allCases {
      let ordered = crossings.filter { $0.side == side }.sorted {
        ($0.line, $0.place) < ($1.line, $1.place)
      }
      for start in ordered.indices.dropLast(shortestCut - 1) {
        let (first, last) = (ordered[start], ordered[start + shortestCut - 1])
        guard first.line == last.line, last.place == first.place + shortestCut - 1 else { continue }
        let mean = ordered[start..<start + shortestCut].reduce(SIMD3<Float>()) {
          $0 + $1.rise / Float(shortestCut)
        }
        guard isCut(mean) else { continue }
        let places = first.place...last.place
        if let open = cuts.last, open.side == side, open.line == first.line,
          open.places.contains(first.place)
        {
          cuts[cuts.count - 1].places = open.places.lowerBound...last.place
          cuts[cuts.count - 1].isDeep = open.isDeep || mean.y >= thin
        } else {
          cuts.append(Cut(side: side, line: first.line, places: places, isDeep: mean.y >= thin))
        }
      }
    }
    return cuts
  }

  /// Whether more than a twelfth of the outline is a cut through the thick of the patient that follows
  /// no row or column: a round or turned collimator.
  var areCut: Bool {
    let deep = crossings.count { crossing in
      crossing.isCut && crossing.rise.y >= 0.4
        && !cuts.contains { $0.side == crossing.side && $0.line == crossing.line }
    }
    return deep * 12 > crossings.count
  }

  /// Whether half of the outline rises as steeply as a body's does, which is to a fifth of the span within
  /// three pixels of 2.4 mm, even where a CT of 4 mm voxels has blurred it. Squared by a tone curve it
  /// would be half as much. `pixel` is the size of a pixel at the isocentre, mm.
  func riseLikeBodies(pixel: Double) -> Bool {
    guard let middle = crossings.map(\.rise.z).quantile(0.5) else { return false }
    return middle >= 0.16 * Float(pixel / 2.4).squareRoot()
  }

  /// The pixels on the dark side of straight cuts, of which nothing is known: all of them where something
  /// thick was cut, else those that what was cut may reach.
  func beyondStraightCuts() -> [Bool] {
    var beyond = [Bool](repeating: false, count: columns * rows)
    for cut in cuts {
      for row in 0..<rows {
        for column in 0..<columns {
          let (depth, place): (Int, Int)
          switch cut.side {
          case .left: (depth, place) = (cut.line - column, row)
          case .right: (depth, place) = (column - cut.line, row)
          case .above: (depth, place) = (cut.line - row, column)
          case .below: (depth, place) = (row - cut.line, column)
          }
          // It may become wider by a pixel a pixel on each side.
          guard depth >= 0 else { continue }
          let reach = cut.places.lowerBound - 4 - depth...cut.places.upperBound + 4 + depth
          if cut.isDeep || reach.contains(place) { beyond[row * columns + column] = true }
        }
      }
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
