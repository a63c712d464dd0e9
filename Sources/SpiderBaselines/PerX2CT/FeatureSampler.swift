import SpiderCore
import SpiderSupport
import SpiderTensor

/// Bilinear samples of a feature map (C, H, W) at fixed places from -1, the centre of the first
/// pixel, to 1, that of the last; zero beyond.
struct FeatureSampler: Sendable {
  private typealias Corner = (offset: Int, weight: Float)
  private let corners: [[Corner]]
  private let channels: Int
  private let plane: Int

  init(_ places: [(column: Double, row: Double)], of shape: [Int]) {
    precondition(shape.count == 4, "feature maps (N, C, H, W), not \(shape)")
    let (height, width) = (shape[2], shape[3])
    channels = shape[1]
    plane = height * width
    corners = places.map { place in
      let column = (place.column + 1) / 2 * Double(width - 1)
      let row = (place.row + 1) / 2 * Double(height - 1)
      let (left, top) = (column.rounded(.down), row.rounded(.down))
      return [(left, top), (left + 1, top), (left, top + 1), (left + 1, top + 1)].compactMap {
        x, y -> Corner? in
        guard x >= 0, y >= 0, x < Double(width), y < Double(height) else { return nil }
        let weight = (1 - abs(column - x)) * (1 - abs(row - y))
        return (Int(y) * width + Int(x), Float(weight))
      }
    }
  }

  /// Writes the samples (C, P).
  func sample(_ features: FloatSlice, into samples: FloatSlice) {
    precondition(samples.count == channels * corners.count, "\(samples.count) samples")
    Parallel.forEachWorker(splitting: channels) { _, range in
      for channel in range {
        let map = features.part(channel * plane, plane)
        let row = samples.part(channel * corners.count, corners.count)
        for (place, list) in corners.enumerated() {
          row[place] = list.reduce(0) { $0 + $1.weight * map[$1.offset] }
        }
      }
    }
  }

  /// Adds the gradient of the feature map from that of the samples.
  func addBackward(_ gradient: FloatSlice, to features: FloatSlice) {
    precondition(gradient.count == channels * corners.count, "\(gradient.count) samples")
    Parallel.forEachWorker(splitting: channels) { _, range in
      for channel in range {
        let map = features.part(channel * plane, plane)
        let row = gradient.part(channel * corners.count, corners.count)
        for (place, list) in corners.enumerated() {
          for corner in list { map[corner.offset] += corner.weight * row[place] }
        }
      }
    }
  }
}
