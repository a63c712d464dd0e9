import SpiderCore
import SpiderSupport
import SpiderTestSupport
import Testing

/// The kernels of pixel-aligned samples against their definition in double.
@Suite struct PointKernelTests {
  private static let map = (height: 5, width: 7)

  /// Places (column, row) inside, at the border, on it, beyond it, and none at all.
  private static let places: [SIMD2<Float>] = {
    var random = SeededGenerator(seed: 7)
    let drawn = (0..<40).map { _ in
      SIMD2(Float(random.uniform(in: -1.5...7.5)), Float(random.uniform(in: -1.5...5.5)))
    }
    return drawn + [
      SIMD2(0, 0), SIMD2(6, 4), SIMD2(3, 2), SIMD2(-1, 2), SIMD2(7, 2), SIMD2(3, 5), SIMD2(3, -1),
      SIMD2(.nan, 1), SIMD2(1, .nan), SIMD2(.infinity, 1), SIMD2(1, -.infinity), SIMD2(6.5, 4.5),
      SIMD2(-0.5, -0.5), SIMD2(1e30, 1e30),
    ]
  }()

  /// The pixels about a place and their weights, those outside left out.
  private func corners(_ place: SIMD2<Float>) -> [(pixel: Int, weight: Double)] {
    guard place.x.isFinite, place.y.isFinite, abs(place.x) < 1e6 else { return [] }
    let (height, width) = Self.map
    return (0..<height * width).compactMap { pixel in
      let (dx, dy) = (
        abs(Double(place.x) - Double(pixel % width)), abs(Double(place.y) - Double(pixel / width))
      )
      return dx < 1 && dy < 1 ? (pixel, (1 - dx) * (1 - dy)) : nil
    }
  }

  @Test(arguments: [1, 2, 3, 5, 8, 17, 33], [false, true])
  func samples(channels: Int, accumulate: Bool) {
    let (places, stride) = (Self.places, channels + 3)
    var map = randomValues(Self.map.height * Self.map.width * channels, seed: 1)
    let shape = FeatureMapShape(
      height: Self.map.height, width: Self.map.width, channels: channels)
    map[(2 * 7 + 3) * channels + channels - 1] = .nan  // pixel (3, 2), last channel
    let before = randomValues((places.count - 1) * stride + channels, seed: 2)
    let out = OddMemory(before)
    PixelSampling.forward(
      OddMemory(map, offset: 1).slice, shape,
      at: OddMemory(places.flatMap { [$0.x, $0.y] }, offset: 2).slice, scale: 0.5,
      accumulate: accumulate, into: out.slice, stride: stride)
    let found = out.array
    for (p, place) in places.enumerated() {
      let corners = corners(place)
      for c in 0..<channels {
        let sum = corners.reduce(accumulate ? Double(before[p * stride + c]) : 0) {
          $0 + 0.5 * $1.weight * Double(map[$1.pixel * channels + c])
        }
        let value = Double(found[p * stride + c])
        // A corner of weight 0 may count or not; a NaN there is no matter of this test.
        let touches = place.x > 2 && place.x < 4 && place.y > 1 && place.y < 3
        if c == channels - 1 && touches {
          #expect(value.isNaN, "point \(place)")
        } else if !(c == channels - 1 && corners.contains { $0.pixel == 17 }) {
          #expect(
            abs(value - sum) < 2e-6 || (value.isNaN && c == channels - 1), "point \(place), \(c)")
        }
      }
      // What lies between the rows is not the kernel's.
      for gap in channels..<stride where p * stride + gap < found.count {
        #expect(found[p * stride + gap] == before[p * stride + gap])
      }
    }
    #expect(out.isIntact)
  }

  @Test(arguments: [1, 2, 3, 5, 8, 17, 33]) func samplesBackward(channels: Int) {
    let (places, stride) = (Self.places, channels + 3)
    var gradient = randomValues((places.count - 1) * stride + channels, seed: 1)
    // Numbers between the rows, and those of a point that sees nothing.
    for index in gradient.indices where index % stride >= channels { gradient[index] = .nan }
    let blind = places.firstIndex { $0.x.isNaN } ?? 0
    for c in 0..<channels { gradient[blind * stride + c] = .nan }
    let before = randomValues(Self.map.height * Self.map.width * channels, seed: 2)
    let map = OddMemory(before)
    PixelSampling.backward(
      OddMemory(gradient, offset: 1).slice, stride: stride,
      FeatureMapShape(height: Self.map.height, width: Self.map.width, channels: channels),
      at: OddMemory(places.flatMap { [$0.x, $0.y] }, offset: 2).slice, scale: 0.5,
      addingTo: map.slice)
    var expected = before.map(Double.init)
    for (p, place) in places.enumerated() {
      for corner in corners(place) {
        for c in 0..<channels {
          expected[corner.pixel * channels + c] +=
            0.5 * corner.weight * Double(gradient[p * stride + c])
        }
      }
    }
    expectClose(map.array, expected, atol: 1e-5)
    #expect(map.isIntact)
  }
}
