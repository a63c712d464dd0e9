/// Finds bars and boxes that were painted over an X-ray: the black bar over the eyes of a published picture, a
/// name that was covered, a part that was wiped out in one grey.
///
/// An upright rectangle counts as painted when
///
/// - all its pixels have one and the same number, which neither tissue nor air has over any area;
/// - its sides are at least 1/24 of the image's longer side, and it covers 1/250 of the image;
/// - the image differs from that number along three quarters of what borders on it; and
/// - where the image ends beside it, it is not as bright as the brightest: a detector shows that number where it has
///   had no light.
///
/// Of the number of the open field is all the air beside a head: such a rectangle must have the patient along nine
/// tenths of each side. A bar that reaches from end to end of the picture, with the patient above and below, is one
/// in any grey.
///
/// Slanting bars, those with letters on them, those that a printer, a scanner or the compression of a picture of fewer
/// than some 400 pixels have made uneven, black ones that end in black air, and areas smoothed at will are not found.
/// Nor is anything looked for in pictures of fewer than a hundred greys, where areas are even by themselves, or in a
/// simulation without noise.
enum PaintedAreas {
  /// Below this many pixels along the longer side nothing is looked for.
  private static let leastSide = 96
  /// Where a picture has fewer greys, areas are even by themselves.
  private static let leastGreys = 100
  /// How far a number must lie from a rectangle's, as a share of the span, to differ.
  private static let leastJump: Float = 0.02
  private static let leastShare = 0.75
  /// The shares of sides that differ from a black box and above and below a black bar.
  private static let (boxShare, barShare) = (0.9, 0.25)

  /// The rectangles, first to last column and row.
  struct Area: Equatable {
    var columns: ClosedRange<Int>
    var rows: ClosedRange<Int>
    let value: Float
  }

  /// The painted rectangles of an image.
  static func areas(of radiograph: Radiograph) -> [Area] {
    let geometry = radiograph.geometry
    let longer = max(geometry.columns, geometry.rows)
    guard radiograph.photonEnergy == nil, longer >= leastSide,
      hasFineGreys(radiograph), let scale = radiograph.relativeScale,
      let brightest = radiograph.countingValues.max()
    else { return [] }
    return evenRectangles(of: radiograph, side: longer / 24, slack: longer / 64).filter { area in
      guard 250 * area.columns.count * area.rows.count >= geometry.count else { return false }
      func beside(_ side: Side) -> (differing: Int, of: Int)? {
        differing(beyond: side, of: area, in: radiograph, by: leastJump * scale.span)
      }
      let sides = Side.allCases.map(beside)
      let shares = sides.map { $0.map { Double($0.differing) / Double($0.of) } ?? 0 }
      // A bar from end to end of the picture, with the patient above and below.
      let isBar =
        10 * area.columns.count >= 9 * geometry.columns
        && shares[2...].allSatisfy { $0 >= barShare }
      if isBar { return true }
      if area.value <= scale.openField + 0.05 * scale.span {
        // Air lies between a head and its rest, too: a black box is all within the patient.
        return shares.allSatisfy { $0 >= boxShare }
      }
      guard area.value < brightest - 0.01 * scale.span || !sides.contains(where: { $0 == nil })
      else { return false }
      let (unlike, all) = sides.reduce((0, 0)) {
        ($0.0 + ($1?.differing ?? 0), $0.1 + ($1?.of ?? 0))
      }
      return Double(unlike) >= leastShare * Double(all)
    }
  }

  private static func hasFineGreys(_ radiograph: Radiograph) -> Bool {
    var greys: Set<Float> = []
    return radiograph.values.indices.contains { index in
      if radiograph.counts(index) { greys.insert(radiograph.values[index]) }
      return greys.count >= leastGreys
    }
  }

  /// Rectangles of one number with sides of at least `side` pixels; from row to row their ends may move by `slack`,
  /// as they do where a picture was compressed.
  private static func evenRectangles(
    of radiograph: Radiograph, side: Int, slack: Int
  ) -> [Area] {
    var (open, found): ([Area], [Area]) = ([], [])
    for row in 0..<radiograph.geometry.rows {
      var next: [Area] = []
      for run in runs(of: radiograph, row: row, length: side) {
        let above = open.firstIndex { area in
          area.value == run.value
            && abs(area.columns.lowerBound - run.columns.lowerBound) <= slack
            && abs(area.columns.upperBound - run.columns.upperBound) <= slack
        }
        guard let above else {
          next.append(run)
          continue
        }
        var area = open.remove(at: above)
        area.rows = area.rows.lowerBound...row
        next.append(area)
      }
      found += open
      open = next
    }
    return (found + open).filter { $0.rows.count >= side }
  }

  /// The stretches of a row that count and have one number.
  private static func runs(of radiograph: Radiograph, row: Int, length: Int) -> [Area] {
    let columns = radiograph.geometry.columns
    let first = row * columns
    var (result, start): ([Area], Int) = ([], 0)
    for column in 1...columns {
      let goesOn =
        column < columns && radiograph.values[first + column] == radiograph.values[first + start]
        && radiograph.counts(first + column)
      if goesOn { continue }
      if column - start >= length, radiograph.counts(first + start) {
        result.append(
          Area(
            columns: start...column - 1, rows: row...row, value: radiograph.values[first + start]))
      }
      start = column
    }
    return result
  }

  private enum Side: CaseIterable { case left, right, top, bottom }

  /// How many of the pixels beside an area have one that differs from it within the reach of compression; nil where
  /// the image, or what counts of it, ends there.
  private static func differing(
    beyond side: Side, of area: Area, in radiograph: Radiograph, by jump: Float
  ) -> (differing: Int, of: Int)? {
    let geometry = radiograph.geometry
    let (columns, rows) = (area.columns, area.rows)
    let isUpright = side == .left || side == .right
    var (seen, differing) = (0, 0)
    for place in isUpright ? rows : columns {
      let found = (1...max(3, max(geometry.columns, geometry.rows) / 64)).lazy.compactMap {
        depth -> Float? in
        let (column, row) =
          switch side {
          case .left: (columns.lowerBound - depth, place)
          case .right: (columns.upperBound + depth, place)
          case .top: (place, rows.lowerBound - depth)
          case .bottom: (place, rows.upperBound + depth)
          }
        guard (0..<geometry.columns).contains(column), (0..<geometry.rows).contains(row)
        else { return nil }
        let index = row * geometry.columns + column
        return radiograph.counts(index) ? abs(radiograph.values[index] - area.value) : nil
      }.max()
      guard let found else { continue }
      seen += 1
      if found > jump { differing += 1 }
    }
    return 2 * seen > (isUpright ? rows : columns).count ? (differing, seen) : nil
  }
}

extension Radiograph {
  /// The image without painted bars and boxes, as far as they can be found: `PaintedAreas`. A narrow one, up to an
  /// eighth of the longer side, is filled between what lies beside it, across it; others, and those where the image
  /// ends, are masked. Nothing tells what was behind them. Without such areas the image itself.
  public func withoutPaintedAreas() -> Radiograph {
    let longer = max(geometry.columns, geometry.rows)
    // Edges were averaged, or compressed in blocks of eight.
    let rim = max(2, min(8, longer / 64))
    return PaintedAreas.areas(of: self).reduce(into: self) { image, area in
      let columns = area.columns.widened(by: rim, within: geometry.columns)
      let rows = area.rows.widened(by: rim, within: geometry.rows)
      let isNarrow = 8 * min(area.columns.count, area.rows.count) <= longer
      guard !isNarrow || !image.fill(columns, rows) else { return }
      var visible = image.mask ?? [Bool](repeating: true, count: values.count)
      for row in rows {
        for column in columns { visible[row * geometry.columns + column] = false }
      }
      image.mask = visible
    }
  }

  /// Fills a rectangle along its shorter side with what lies at its ends, in between linearly; `false`, and nothing
  /// is changed, where the image, or what counts of it, ends there.
  private mutating func fill(_ columns: ClosedRange<Int>, _ rows: ClosedRange<Int>) -> Bool {
    let isFlat = rows.count <= columns.count
    let (along, across) = isFlat ? (columns, rows) : (rows, columns)
    let (step, next) = isFlat ? (geometry.columns, 1) : (1, geometry.columns)
    guard across.lowerBound > 0,
      across.upperBound + 1 < (isFlat ? geometry.rows : geometry.columns)
    else { return false }
    let ends = along.map { place in
      (
        before: place * next + (across.lowerBound - 1) * step,
        after: place * next + (across.upperBound + 1) * step
      )
    }
    guard ends.allSatisfy({ counts($0.before) && counts($0.after) }) else { return false }
    for (before, after) in ends {
      for depth in 1...across.count {
        let share = Float(depth) / Float(across.count + 1)
        values[before + depth * step] = (1 - share) * values[before] + share * values[after]
      }
    }
    return true
  }
}

extension ClosedRange<Int> {
  /// The range with so many more at both ends, as far as there are.
  fileprivate func widened(by rim: Int, within count: Int) -> ClosedRange<Int> {
    Swift.max(0, lowerBound - rim)...Swift.min(count - 1, upperBound + rim)
  }
}
