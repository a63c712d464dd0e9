import Foundation
import SpiderCore

/// What a slice is decoded from: for every point of its grid a positional code and the features that
/// both X-rays show there.
///
/// Channels: 63 of the code, then those of the PA image, then those of the lateral.
enum SliceMap {
  /// Octaves of the code.
  private static let octaves = 10
  /// Channels of the code: the coordinates, and sine and cosine of each in every octave.
  static let codeChannels = 3 + 6 * octaves

  /// Maps (n, 63 + 2 C, 32, 32) of slices, from the feature maps (1, C, H, W) of the PA and the lateral
  /// image.
  static func make(_ planes: [SlicePlane], pa: Tensor, lateral: Tensor) -> Tensor {
    let side = PerX2CTConfiguration.mapSize
    let channels = codeChannels + pa.shape[1] + lateral.shape[1]
    var map = Tensor(uninitialized: [planes.count, channels, side, side])
    let (to, plane) = (map.mutableSlice(), side * side)
    let parts = [(pa, PublishedCamera.pa), (lateral, .lateral)]
    Parallel.forEach(planes.count) { index in
      let points = planes[index].points
      let slice = to.part(index * channels * plane, channels * plane)
      writeCode(of: points, into: slice.part(0, codeChannels * plane))
      var start = codeChannels * plane
      for (features, camera) in parts {
        let count = features.shape[1] * plane
        sample(features, at: points.map(camera.project), into: slice.part(start, count))
        start += count
      }
    }
    return map
  }

  /// x, then sin(2^k x) and cos(2^k x) for k = 0 ... 9, of the three coordinates (D, H, W): (63, P).
  private static func writeCode(of points: [Vector3], into code: FloatSlice) {
    for (place, point) in points.enumerated() {
      let x = [point.x, point.y, point.z]
      for axis in 0..<3 {
        code[axis * points.count + place] = Float(x[axis])
        for octave in 0..<octaves {
          let angle = Double(1 << octave) * x[axis]
          let channel = 3 + 6 * octave + axis
          code[channel * points.count + place] = Float(sin(angle))
          code[(channel + 3) * points.count + place] = Float(cos(angle))
        }
      }
    }
  }

  /// Bilinear samples (C, P) of a feature map (1, C, H, W) at places from -1, the centre of the first
  /// pixel, to 1, that of the last; zero beyond.
  private static func sample(
    _ features: Tensor, at places: [(column: Double, row: Double)], into samples: FloatSlice
  ) {
    let (height, width) = (features.shape[2], features.shape[3])
    let from = features.slice
    for (place, seen) in places.enumerated() {
      let column = (seen.column + 1) / 2 * Double(width - 1)
      let row = (seen.row + 1) / 2 * Double(height - 1)
      var corners: [(offset: Int, weight: Float)] = []
      let (left, top) = (column.rounded(.down), row.rounded(.down))
      for (dy, dx) in [(0.0, 0.0), (0, 1), (1, 0), (1, 1)] {
        let (x, y) = (left + dx, top + dy)
        guard x >= 0, y >= 0, x < Double(width), y < Double(height) else { continue }
        let weight = (1 - abs(column - x)) * (1 - abs(row - y))
        corners.append((Int(y) * width + Int(x), Float(weight)))
      }
      for channel in 0..<features.shape[1] {
        let start = channel * height * width
        samples[channel * places.count + place] =
          corners.reduce(0) { $0 + $1.weight * from[start + $1.offset] }
      }
    }
  }
}
