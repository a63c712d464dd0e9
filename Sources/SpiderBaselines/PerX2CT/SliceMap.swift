import Foundation
import SpiderCore

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

  /// Maps (n, C, 32, 32) of slices, from the features of PA and lateral X-rays: slice i of patient i, or
  /// all of the one patient there is.
  static func make(
    _ planes: [SlicePlane], pa: ResNetEncoder.Features, lateral: ResNetEncoder.Features,
    _ pass: Pass
  ) -> Activation {
    let patients = pa.local.shape[0]
    precondition(
      pa.local.shape == lateral.local.shape && (patients == 1 || patients == planes.count),
      "\(planes.count) slices of features \(pa.local.shape) and \(lateral.local.shape)")
    let sampled = [
      pa.global.map { Sampled($0, planes) }, lateral.global.map { Sampled($0, planes) },
      Sampled(pa.local, planes, .pa), Sampled(lateral.local, planes, .lateral),
    ].compactMap { $0 }
    let side = PerX2CTConfiguration.mapSize
    let plane = side * side
    let channels = codeChannels + sampled.reduce(0) { $0 + $1.channels }
    var map = Tensor(uninitialized: [planes.count, channels, side, side])
    let to = map.mutableSlice()
    for (index, slice) in planes.enumerated() {
      let all = to.part(index * channels * plane, channels * plane)
      writeCode(of: slice.points, into: all.part(0, codeChannels * plane))
      var start = codeChannels * plane
      for part in sampled {
        part.sample(index, into: all.part(start, part.channels * plane))
        start += part.channels * plane
      }
    }
    let output = Activation(map)
    pass.record(output) { gradient, _ in
      var start = codeChannels * plane
      for part in sampled {
        part.addBackward(
          planes.indices.map { gradient.entry($0).part(start, part.channels * plane) })
        start += part.channels * plane
      }
    }
    return output
  }

  /// Some features as the points of slices see them.
  private struct Sampled {
    let features: Activation
    let samplers: [FeatureSampler]
    var channels: Int { features.shape[1] }

    /// Features (N, C, H, W) by a camera; without one, features (N, C, 1, 1) that all points share.
    init(_ features: Activation, _ planes: [SlicePlane], _ camera: PublishedCamera? = nil) {
      self.features = features
      samplers = planes.map { slice in
        FeatureSampler(
          slice.points.map { camera?.project($0) ?? (column: -1, row: -1) }, of: features.shape)
      }
    }

    func sample(_ index: Int, into samples: FloatSlice) {
      samplers[index].sample(
        features.value.entry(index % features.shape[0]), into: samples)
    }

    func addBackward(_ gradients: [FloatSlice]) {
      var sum = Tensor(features.shape)
      let (memory, size) = (sum.mutableSlice(), sum.count / features.shape[0])
      for (index, gradient) in gradients.enumerated() {
        let start = index % features.shape[0] * size
        samplers[index].addBackward(gradient, to: memory.part(start, size))
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
