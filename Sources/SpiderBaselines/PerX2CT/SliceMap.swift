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

  /// Maps (n, 63 + 2 C, 32, 32) of slices, from the feature maps (N, C, H, W) of PA and lateral images:
  /// slice i of patient i, or all of the one patient there is.
  static func make(
    _ planes: [SlicePlane], pa: Activation, lateral: Activation, _ pass: Pass
  ) -> Activation {
    let patients = pa.shape[0]
    precondition(
      pa.shape == lateral.shape && (patients == 1 || patients == planes.count),
      "\(planes.count) slices of features \(pa.shape) and \(lateral.shape)")
    let side = PerX2CTConfiguration.mapSize
    let channels = codeChannels + pa.shape[1] + lateral.shape[1]
    let plane = side * side
    var map = Tensor(uninitialized: [planes.count, channels, side, side])
    let to = map.mutableSlice()
    let parts =
      [(pa, PublishedCamera.pa, codeChannels)]
      + [(lateral, .lateral, codeChannels + pa.shape[1])]
    let samplers = parts.map { features, camera, _ in
      planes.map { FeatureSampler($0.points.map(camera.project), of: features.shape) }
    }
    for (index, slice) in planes.enumerated() {
      let start = index * channels * plane
      writeCode(of: slice.points, into: to.part(start, codeChannels * plane))
      for (part, (features, _, first)) in parts.enumerated() {
        samplers[part][index].sample(
          features.value.entry(index % patients),
          into: to.part(start + first * plane, features.shape[1] * plane))
      }
    }
    let output = Activation(map)
    pass.record(output) { gradient, _ in
      for (part, (features, _, first)) in parts.enumerated() {
        var sum = Tensor(features.shape)
        let (memory, size) = (sum.mutableSlice(), sum.count / patients)
        for index in planes.indices {
          samplers[part][index].addBackward(
            gradient.entry(index).part(first * plane, features.shape[1] * plane),
            to: memory.part(index % patients * size, size))
        }
        features.add(sum)
      }
    }
    return output
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
