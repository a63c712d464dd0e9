import Foundation
import SpiderCore
import SpiderSupport
import SpiderTensor

/// What a slice is decoded from: for every point of its grid a positional code and the features that
/// both X-rays show there.
///
/// Channels: 63 of the code, then those of the PA image, then those of the lateral; in the variant
/// "global" the global ones of both come before the local ones.
enum SliceMap {
  /// Octaves of the code.
  private static let octaves = 10
  /// Channels of the code: the coordinates, and sine and cosine of each in every octave.
  static let codeChannels = 3 + 6 * octaves

  /// One slice of a batch.
  struct Slice {
    /// The points of its map, row by row.
    let points: [Vector3]
    /// Whose it is.
    let patient: Int
    /// What they are seen with.
    let cameras: SliceCameras
  }

  /// Maps (n, C, S, S) of slices, from the features of their patients' PA and lateral X-rays.
  static func make(
    _ slices: [Slice], pa: ResNetEncoder.Features, lateral: ResNetEncoder.Features, _ tape: Tape
  ) -> Activation {
    let sampled = [
      pa.global.map { Sampled($0, slices) { _ in nil } },
      lateral.global.map { Sampled($0, slices) { _ in nil } },
      Sampled(pa.local, slices) { $0.cameras.pa },
      Sampled(lateral.local, slices) { $0.cameras.lateral },
    ].compactMap { $0 }
    let plane = slices.first?.points.count ?? 0
    let side = Int(Double(plane).squareRoot().rounded())
    let channels = codeChannels + sampled.reduce(0) { $0 + $1.channels }
    var map = Tensor(uninitialized: [slices.count, channels, side, side])
    let to = map.mutableSlice()
    for (index, slice) in slices.enumerated() {
      let all = to.part(index * channels * plane, channels * plane)
      writeCode(of: slice.points, into: all.part(0, codeChannels * plane))
      var start = codeChannels * plane
      for part in sampled {
        part.sample(index, into: all.part(start, part.channels * plane))
        start += part.channels * plane
      }
    }
    let output = Activation(map)
    tape.record(output) { gradient, _ in
      var start = codeChannels * plane
      for part in sampled {
        part.addBackward(
          slices.indices.map { gradient.entry($0).part(start, part.channels * plane) })
        start += part.channels * plane
      }
    }
    return output
  }

  /// Some features as the points of slices see them.
  private struct Sampled {
    let features: Activation
    let patients: [Int]
    let samplers: [FeatureSampler]
    var channels: Int { features.shape[1] }

    /// Features (N, C, H, W) by a camera; without one, features (N, C, 1, 1) that all points share.
    init(_ features: Activation, _ slices: [Slice], _ camera: (Slice) -> SliceCamera?) {
      self.features = features
      patients = slices.map(\.patient)
      samplers = slices.map { slice in
        let camera = camera(slice)
        return FeatureSampler(
          slice.points.map { camera?.project($0) ?? (column: -1, row: -1) }, of: features.shape)
      }
    }

    func sample(_ index: Int, into samples: FloatSlice) {
      samplers[index].sample(features.value.entry(patients[index]), into: samples)
    }

    func addBackward(_ gradients: [FloatSlice]) {
      var sum = Tensor(features.shape)
      let (memory, size) = (sum.mutableSlice(), sum.count / features.shape[0])
      for (index, gradient) in gradients.enumerated() {
        samplers[index].addBackward(gradient, to: memory.part(patients[index] * size, size))
      }
      features.add(sum)
    }
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
}

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
