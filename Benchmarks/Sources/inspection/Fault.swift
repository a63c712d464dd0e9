import RadiographLooks
import SpiderCore

/// What people do to X-rays on their way.
enum Fault: String, CaseIterable {
  case exchanged, sameTwice, upsideDown, frontalTurned, lateralTurned, lateralMirrored, bothInverted
  case oneInverted, pixelTooLarge, pixelTooSmall, cutOffAtTop, cutOffAtSide, pieceOfAHead, noise

  /// Two right views with this fault, their geometries unchanged; `clean` are their line integrals.
  func made(
    in views: [Radiograph], clean: [Radiograph], _ random: inout Draws
  ) throws -> [Radiograph] {
    var (pa, left) = (views[0], views[1])
    switch self {
    case .exchanged: (pa, left) = (pa.showing(left), left.showing(pa))
    case .sameTwice: left = left.showing(pa)
    case .upsideDown:
      (pa, left) = (pa.reordered { ($0, 127 - $1) }, left.reordered { ($0, 127 - $1) })
    case .frontalTurned: pa = pa.reordered { ($1, 127 - $0) }
    case .lateralTurned: left = left.reordered { (127 - $1, $0) }
    case .lateralMirrored: left = left.reordered { (127 - $0, $1) }
    case .bothInverted: (pa, left) = (pa.negative, left.negative)
    case .oneInverted: left = left.negative
    case .pixelTooLarge:
      let factor = Double.random(in: 1.5...3, using: &random)
      (pa, left) = (try pa.scaled(by: factor), try left.scaled(by: factor))
    case .pixelTooSmall:
      let factor = 1 / Double.random(in: 1.5...3, using: &random)
      (pa, left) = (try pa.scaled(by: factor), try left.scaled(by: factor))
    case .cutOffAtTop:
      (pa, left) = (
        try pa.cut(share: 1.0 / 3, fromTop: true, clean: clean[0]),
        try left.cut(share: 1.0 / 3, fromTop: true, clean: clean[1])
      )
    case .cutOffAtSide: left = try left.cut(share: 1.0 / 3, fromTop: false, clean: clean[1])
    case .pieceOfAHead:
      // The middle quarter of each side, blown up.
      (pa, left) = (
        pa.reordered { (48 + $0 / 4, 40 + $1 / 4) }, left.reordered { (48 + $0 / 4, 40 + $1 / 4) }
      )
    case .noise:
      pa.values = pa.values.map { _ in .random(in: 0...1, using: &random) }
      left.values = left.values.map { _ in .random(in: 0...1, using: &random) }
    }
    return [pa, left]
  }
}

extension Radiograph {
  /// This place with the pixels of another.
  func showing(_ other: Radiograph) -> Radiograph {
    Radiograph(
      geometry: geometry, values: other.values, intensity: other.intensity, mask: other.mask)
  }

  /// Pixel (column, row) taken from where `source` says.
  func reordered(_ source: (Int, Int) -> (Int, Int)) -> Radiograph {
    func moved<Value>(_ values: [Value]) -> [Value] {
      values.indices.map { index in
        let (column, row) = source(index % geometry.columns, index / geometry.columns)
        return values[row * geometry.columns + column]
      }
    }
    return Radiograph(
      geometry: geometry, values: moved(values), intensity: intensity, mask: mask.map(moved))
  }

  /// A negative, as a picture.
  var negative: Radiograph {
    let top = values.max() ?? 0
    return Radiograph(
      geometry: geometry, values: values.map { top - $0 }, intensity: .relative, mask: mask)
  }

  /// Pixels stated to be so many times their size, about the picture's middle.
  func scaled(by factor: Double) throws -> Radiograph {
    let g = geometry
    let (column, row) = (g.columnStep * factor, g.rowStep * factor)
    let middle = (Double(g.columns - 1) / 2, Double(g.rows - 1) / 2)
    return Radiograph(
      geometry: try ProjectionGeometry(
        beam: g.beam, pixelOrigin: g.detectorCenter - column * middle.0 - row * middle.1,
        columnStep: column, rowStep: row, columns: g.columns, rows: g.rows,
        isocenter: g.isocenter), values: values, intensity: intensity, mask: mask)
  }

  /// Without this share of the head, from the top or from the left; the rest keeps its place.
  ///
  /// - Parameter clean: its line integrals, in which the head is seen whatever hides it here.
  func cut(share: Double, fromTop: Bool, clean: Radiograph) throws -> Radiograph {
    let g = geometry
    let head = clean.head
    let (first, length) = fromTop ? (head.top, head.height) : (head.left, head.width)
    let from = first + Int(share * Double(length))
    let (column, row) = fromTop ? (0, from) : (from, 0)
    let size = (g.columns - column, g.rows - row)
    let cut = try ProjectionGeometry(
      beam: g.beam, pixelOrigin: g.pixelCenter(column: Double(column), row: Double(row)),
      columnStep: g.columnStep, rowStep: g.rowStep, columns: size.0, rows: size.1,
      isocenter: g.isocenter)
    func part<Value>(_ values: [Value]) -> [Value] {
      (0..<cut.count).map {
        values[(row + $0 / size.0) * g.columns + column + $0 % size.0]
      }
    }
    return Radiograph(
      geometry: cut, values: part(values), intensity: intensity, mask: mask.map(part))
  }

  /// Where the head is seen: what is brighter than a tenth, 200 mm from the top downwards, and as wide as it is in
  /// its upper 150 mm, above the shoulders.
  private var head: (top: Int, height: Int, left: Int, width: Int) {
    let g = geometry
    let limit = 0.1 * (values.max() ?? 0)
    let pixel = 3.6 / 1.5
    func isHead(_ column: Int, _ row: Int) -> Bool { values[row * g.columns + column] > limit }
    let top = (0..<g.rows).first { row in (0..<g.columns).contains { isHead($0, row) } } ?? 0
    let upper = top..<min(g.rows, top + Int(150 / pixel))
    let columns = (0..<g.columns).filter { column in upper.contains { isHead(column, $0) } }
    let (left, right) = (columns.first ?? 0, columns.last ?? g.columns - 1)
    return (top, min(g.rows - top, Int(200 / pixel)), left, right - left + 1)
  }
}
