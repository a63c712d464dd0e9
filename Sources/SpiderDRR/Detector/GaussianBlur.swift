import Foundation
import SpiderImaging

/// A separable Gaussian blur of an image. At its borders the image is mirrored: no signal is lost, a
/// uniform field stays uniform, and the sum of all pixels is kept.
struct GaussianBlur {
  /// Half of the symmetric kernel along a row and along a column, the middle first; sum 1 in all.
  private let across: [Float]
  private let down: [Float]

  /// A blur of standard deviations in pixels, along a row and along a column.
  init(columns: Double, rows: Double) {
    across = Self.kernel(columns)
    down = Self.kernel(rows)
  }

  /// The blur of a full width at half maximum in mm on a detector.
  init(width: Double, on geometry: ProjectionGeometry) {
    let deviation = width / Self.widthOfOne
    self.init(
      columns: deviation / length(geometry.columnStep), rows: deviation / length(geometry.rowStep))
  }

  /// The full width at half maximum of a Gaussian of deviation 1, 2 sqrt(2 ln 2).
  static let widthOfOne = 2.354820045030949

  var isIdentity: Bool { across.count == 1 && down.count == 1 }

  func blurred(_ image: [Float], columns: Int, rows: Int) -> [Float] {
    precondition(image.count == columns * rows, "\(image.count) values in \(columns) x \(rows)")
    guard !isIdentity else { return image }
    // Twice the same: along rows, then transposed along what were columns.
    let first = Self.blurRows(image, length: columns, count: rows, across)
    return Self.blurRows(first, length: rows, count: columns, down)
  }

  /// Blurs `count` rows and returns the transposed image.
  private static func blurRows(
    _ image: [Float], length: Int, count: Int, _ kernel: [Float]
  ) -> [Float] {
    let reach = kernel.count - 1
    var result = [Float](repeating: 0, count: image.count)
    var padded = [Float](repeating: 0, count: length + 2 * reach)
    for row in 0..<count {
      for place in padded.indices {
        padded[place] = image[row * length + mirror(place - reach, length)]
      }
      for column in 0..<length {
        let middle = column + reach
        var sum = kernel[0] * padded[middle]
        for tap in 1..<kernel.count {
          sum += kernel[tap] * (padded[middle - tap] + padded[middle + tap])
        }
        result[column * count + row] = sum
      }
    }
    return result
  }

  /// The place in 0..<length that a place beyond the ends mirrors.
  private static func mirror(_ place: Int, _ length: Int) -> Int {
    let period = 2 * length
    let inside = ((place % period) + period) % period
    return inside < length ? inside : period - 1 - inside
  }

  /// Weights of the pixels at distances 0, 1, ...: the Gaussian's share over each pixel, up to 4
  /// deviations.
  private static func kernel(_ deviation: Double) -> [Float] {
    guard deviation > 0.05 else { return [1] }
    let reach = Int((4 * deviation).rounded(.up))
    func below(_ x: Double) -> Double { 0.5 * erfc(-x / (deviation * 2.0.squareRoot())) }
    let weights = (0...reach).map { below(Double($0) + 0.5) - below(Double($0) - 0.5) }
    let sum = 2 * weights.reduce(0, +) - weights[0]
    return weights.map { Float($0 / sum) }
  }
}

/// The blur that a focal spot of some size causes.
///
/// A point of the patient throws a shadow of the spot's size times M - 1, M the magnification. It is
/// taken as that at the isocentre for all points, and the square spot as a Gaussian of the same
/// variance. A parallel beam has no magnification and no blur.
enum FocalSpot {
  /// The blur of a square spot with sides of `size` mm; nil for none.
  static func blur(size: Double, _ geometry: ProjectionGeometry, about center: Vector3)
    -> GaussianBlur?
  {
    guard size > 0, case .cone(let source) = geometry.beam else { return nil }
    let normal = cross(geometry.columnStep, geometry.rowStep)
    let toPoint = dot(normal, (geometry.isocenter ?? center) - source)
    // What lies at the source or behind it has no shadow.
    guard toPoint * dot(normal, geometry.pixelOrigin - source) > 0 else { return nil }
    let magnification = dot(normal, geometry.pixelOrigin - source) / toPoint
    // The variance of a uniform distribution of width 1 is 1/12.
    let deviation = size * abs(magnification - 1) / 12.0.squareRoot()
    return GaussianBlur(
      columns: deviation / length(geometry.columnStep), rows: deviation / length(geometry.rowStep))
  }
}
