import Foundation
import SpiderCore
import SpiderDRR
import SpiderIO

/// Numbers as a page holds them: gzip in base64.
///
/// 16-bit numbers are stored as the difference from the one before, in memory order, all low bytes first and
/// then all high bytes: neighbours are alike, and deflate finds more in it.
struct EncodedNumbers {
  /// The type of the numbers.
  enum Kind: String, Encodable { case int16, uint16, uint8 }

  let kind: Kind
  let base64: String

  /// Stores bytes as they are.
  init(_ bytes: [UInt8]) {
    kind = .uint8
    base64 = GzipData.packed(bytes).base64EncodedString()
  }

  /// Stores signed numbers.
  init(_ numbers: [Int16]) {
    kind = .int16
    base64 = Self.packed(numbers.map { UInt16(bitPattern: $0) })
  }

  /// Stores unsigned numbers.
  init(_ numbers: [UInt16]) {
    kind = .uint16
    base64 = Self.packed(numbers)
  }

  private static func packed(_ numbers: [UInt16]) -> String {
    var bytes = [UInt8](repeating: 0, count: 2 * numbers.count)
    var last: UInt16 = 0
    for (index, number) in numbers.enumerated() {
      let difference = number &- last
      last = number
      bytes[index] = UInt8(truncatingIfNeeded: difference)
      bytes[numbers.count + index] = UInt8(difference >> 8)
    }
    return GzipData.packed(bytes).base64EncodedString()
  }
}

extension VoxelGrid {
  /// A grid of at most `limit` voxels over the same box: the finest axes become coarser first, until voxels are
  /// about as long on every side.
  package func coarser(limit: Int) -> VoxelGrid {
    let counts = [nx, ny, nz]
    let spacing = [spacing.x, spacing.y, spacing.z]
    func fewer(_ edge: Double) -> [Int] {
      zip(counts, spacing).map { count, step in
        min(count, max(1, Int((Double(count) * step / edge + 1e-9).rounded(.down))))
      }
    }
    var edge = spacing.reduce(.infinity, min)
    while fewer(edge).reduce(1, *) > limit { edge *= 1.02 }
    let chosen = fewer(edge)
    guard chosen != counts else { return self }
    let wider = zip(counts, chosen).map { Double($0) / Double($1) }
    let (a, b, c) = affine.columns
    let columns = (a * wider[0], b * wider[1], c * wider[2])
    return VoxelGrid(
      nx: chosen[0], ny: chosen[1], nz: chosen[2],
      affine: Affine(
        columns: columns,
        translation: worldPoint(-0.5, -0.5, -0.5) + (columns.0 + columns.1 + columns.2) / 2))
  }
}

extension Image3D where Voxel == Float {
  /// The CT numbers, whole HU, in RAS order on a grid of at most `limit` voxels. Numbers that are not finite become
  /// air.
  func encoded(limit: Int) -> (grid: VoxelGrid, numbers: EncodedNumbers) {
    var shown = reoriented(to: .ras)
    let target = shown.grid.coarser(limit: limit)
    for index in shown.values.indices where !shown.values[index].isFinite {
      shown.values[index] = -1000
    }
    if target != shown.grid { shown = shown.resampled(onto: target, outside: -1000) }
    let whole = shown.values.map { Int16(min(max($0.rounded(), -32768), 32767)) }
    return (target, EncodedNumbers(whole))
  }
}

extension Image3D where Voxel == UInt8 {
  /// The labels in RAS order on a grid of at most `limit` voxels.
  func encoded(limit: Int) -> (grid: VoxelGrid, numbers: EncodedNumbers) {
    let ordered = reoriented(to: .ras)
    let target = ordered.grid.coarser(limit: limit)
    let shown = target == ordered.grid ? ordered : ordered.resampled(onto: target)
    return (target, EncodedNumbers(shown.values))
  }
}

/// An X-ray as a page holds it, on a detector of pixels coarse enough for the screen.
struct EncodedView {
  /// The most pixels along a side.
  static let sideLimit = 384

  let title: String
  let geometry: ProjectionGeometry
  let isAbsolute: Bool
  /// The pixels' numbers are `offset` + `slope` times what is stored.
  let offset: Float
  let slope: Float
  let measured: EncodedNumbers
  let reprojected: EncodedNumbers?
  /// 1 where a pixel counts; nil: all do.
  let mask: EncodedNumbers?
  /// Black and white.
  let window: (low: Double, high: Double)
  /// How well the volume explains the X-ray.
  let words: String

  init(_ view: ViewerContent.View) {
    title = view.title
    let radiograph = Self.coarse(view.radiograph)
    geometry = radiograph.geometry
    isAbsolute = radiograph.intensity == .absolute
    let explained = view.explained.map { volume in
      (
        picture: Reprojection.pictures(of: volume, [radiograph])[0],
        fit: Reprojection.views(of: volume, [radiograph])[0]
      )
    }
    words = explained.map { FitWords($0.fit, radiograph.intensity).sentences } ?? ""
    let counting = radiograph.countingValues
    let all = (counting + (explained?.picture ?? [])).filter(\.isFinite)
    let (low, high) = (all.min() ?? 0, all.max() ?? 1)
    let slope = max((high - low) / 65535, .leastNormalMagnitude)
    func stored(_ values: [Float]) -> EncodedNumbers {
      EncodedNumbers(
        values.map { value in
          UInt16(min(max(((value.isFinite ? value : low) - low) / slope, 0), 65535).rounded())
        })
    }
    (offset, self.slope) = (low, slope)
    measured = stored(radiograph.values)
    reprojected = explained.map { stored($0.picture) }
    let flags = radiograph.values.indices.map { radiograph.counts($0) ? UInt8(1) : 0 }
    mask = flags.contains(0) ? EncodedNumbers(flags) : nil
    let sorted = counting.sorted()
    let black = min(0, Double(sorted.quantileOfSorted(0.01) ?? 0))
    let white = Double(sorted.quantileOfSorted(0.999) ?? 1)
    window = (black, white > black ? white : black + 1)
  }

  /// The radiograph itself, or on pixels several times as wide.
  private static func coarse(_ radiograph: Radiograph) -> Radiograph {
    let given = radiograph.geometry
    let longest = max(given.columns, given.rows)
    guard longest > sideLimit else { return radiograph }
    let factor = Double(longest) / Double(sideLimit)
    let columns = max(1, Int((Double(given.columns) / factor).rounded()))
    let rows = max(1, Int((Double(given.rows) / factor).rounded()))
    let columnStep = given.columnStep * (Double(given.columns) / Double(columns))
    let rowStep = given.rowStep * (Double(given.rows) / Double(rows))
    let corner = given.pixelCenter(column: -0.5, row: -0.5)
    let geometry = try? ProjectionGeometry(
      beam: given.beam, pixelOrigin: corner + (columnStep + rowStep) / 2, columnStep: columnStep,
      rowStep: rowStep, columns: columns, rows: rows, isocenter: given.isocenter)
    return geometry.map(radiograph.resampled(onto:)) ?? radiograph
  }
}
