import Foundation
import SpiderCore
import SpiderDRR

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
    words =
      explained.map { Self.words($0.fit, isAbsolute: radiograph.intensity == .absolute) } ?? ""
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

  private static func words(_ fit: Reprojection.View, isAbsolute: Bool) -> String {
    func number(_ value: Double?) -> String {
      value.map { String(format: "%.3f", $0) } ?? "not known"
    }
    return
      "Agreement \(number(fit.agreement)) (1 is full; 19 of 20 right X-rays have 0.89 and more). "
      + "Re-projection error \(number(fit.relativeError)) of the X-ray (an empty volume: 1)."
      + (isAbsolute
        ? ""
        : " A picture's grey scale is not known: the re-projection is brought to it by brightness and contrast, and the "
          + "residual shows what toning and sharpening did, too.")
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
