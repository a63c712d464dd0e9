import Foundation
import SpiderCore
import SpiderTestSupport
import Testing

/// The kernels on points against their definitions in double: pixel-aligned samples and codes.
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
    let shape = Kernels.MapShape(
      height: Self.map.height, width: Self.map.width, channels: channels)
    map[(2 * 7 + 3) * channels + channels - 1] = .nan  // pixel (3, 2), last channel
    let before = randomValues((places.count - 1) * stride + channels, seed: 2)
    let out = OddMemory(before)
    Kernels.samplePixels(
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
    Kernels.samplePixelsBackward(
      OddMemory(gradient, offset: 1).slice, stride: stride,
      Kernels.MapShape(height: Self.map.height, width: Self.map.width, channels: channels),
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

  @Test(arguments: [0, 1, 6, 11], [1, 3, 17]) func fourierCode(octaves: Int, count: Int) {
    let code = FourierCode(octaves: octaves)
    let stride = code.width + 2
    var points = randomValues(3 * count, seed: 1, scale: 0.3)
    points[0] = .nan
    let before = randomValues((count - 1) * stride + code.width, seed: 2)
    let out = OddMemory(before)
    Kernels.fourierCode(
      OddMemory(points, offset: 1).slice, octaves: octaves, into: out.slice, stride: stride)
    let found = out.array
    for p in 0..<count {
      let point = SIMD3((0..<3).map { Double(points[3 * p + $0]) })
      let expected = code.reference(point, ParameterArena(ParameterLayout()))
      for (index, value) in expected.enumerated() {
        let number = found[p * stride + index]
        #expect(
          value.isNaN ? number.isNaN : abs(Double(number) - value) < 1e-6, "point \(p), \(index)")
      }
      for gap in code.width..<stride where p * stride + gap < found.count {
        #expect(found[p * stride + gap] == before[p * stride + gap])
      }
    }
    #expect(out.isIntact)
  }

  @Test(arguments: [1, 2, 3, 8, 9], [1, 5, 33]) func hashCode(features: Int, count: Int) {
    var layout = ParameterLayout()
    // Two dense levels and two hashed ones.
    let code = HashCode(
      "code", levels: 4, features: features, tableBits: 8, coarsest: 2, finest: 30, layout: &layout)
    var parameters = ParameterArena(layout)
    parameters.set(code.table, randomValues(code.table.count, seed: 1))
    let table = parameters[code.table].array
    var points = randomValues(3 * count, seed: 2, scale: 0.3)
    points[points.count - 1] = .nan  // counts as -0.5
    let places = OddMemory(points, offset: 1)
    let stride = code.width + 2
    let before = randomValues((count - 1) * stride + code.width, seed: 3)
    let out = OddMemory(before)
    Kernels.hashCode(
      OddMemory(table, offset: 2).slice, resolutions: code.resolutions, tableSize: 256,
      features: features, at: places.slice, into: out.slice, stride: stride)
    let found = out.array
    for p in 0..<count {
      let point = SIMD3(
        (0..<3).map { points[3 * p + $0].isNaN ? -0.5 : Double(points[3 * p + $0]) })
      let expected = code.reference(point, parameters)
      for (index, value) in expected.enumerated() {
        // Positions are rounded to 2^-24 of up to 30 cells.
        #expect(abs(Double(found[p * stride + index]) - value) < 4e-5, "point \(p), \(index)")
      }
      for gap in code.width..<stride where p * stride + gap < found.count {
        #expect(found[p * stride + gap] == before[p * stride + gap])
      }
    }
    #expect(out.isIntact)

    // The backward pass is the adjoint, level by level: <C t, g> = <t, C' g>.
    let gradient = randomValues(found.count, seed: 4)
    let up = OddMemory(gradient, offset: 1)
    for (level, resolution) in code.resolutions.enumerated() {
      let size = 256 * features
      let sums = OddMemory([Float](repeating: 0, count: size))
      Kernels.hashCodeBackward(
        up.slice.part(level * features, gradient.count - level * features), stride: stride,
        resolution: resolution, tableSize: 256, features: features, at: places.slice,
        addingTo: sums.slice)
      var forward = 0.0
      for p in 0..<count {
        for f in 0..<features {
          let index = p * stride + level * features + f
          forward += Double(found[index]) * Double(gradient[index])
        }
      }
      let back = innerProduct(Array(table[level * size..<(level + 1) * size]), sums.array)
      expectClose(back, forward, rtol: 1e-5, atol: 1e-4, "level \(level)")
      #expect(sums.isIntact)
    }
  }

  /// Each table row gets what its corner's weight says, and a NaN goes only where its point is.
  @Test func hashCodeBackwardOfNoNumbers() {
    var gradient = randomValues(4 * 3, seed: 1)
    gradient[5] = .nan  // point 1
    // Point 1 lies in the lowest cell of 4 a side, the others in the highest.
    let points: [Float] = [0.45, 0.45, 0.45, -0.45, -0.45, -0.45, 0.4, 0.45, 0.4, 0.5, 0.5, 0.5]
    let sums = OddMemory([Float](repeating: 0, count: 128 * 3))
    Kernels.hashCodeBackward(
      OddMemory(gradient).slice, stride: 3, resolution: 4, tableSize: 128, features: 3,
      at: OddMemory(points, offset: 1).slice, addingTo: sums.slice)
    let low = [0, 1, 5, 6, 25, 26, 30, 31]  // 5 corners a side, stored densely
    for (index, value) in sums.array.enumerated() {
      #expect(value.isNaN == (low.contains(index / 3) && index % 3 == 2), "row \(index / 3)")
    }
  }

  /// Warping against displacement and sampling, one voxel at a time; a NaN stays about its place.
  @Test(arguments: [SIMD3(1, 1, 1), SIMD3(5, 4, 3), SIMD3(17, 3, 2), SIMD3(33, 2, 5)])
  func warping(_ shape: SIMD3<Int>) {
    let grid = VoxelGrid(nx: shape.x, ny: shape.y, nz: shape.z, affine: .identity)
    let lattice = Kernels.DisplacementLattice(
      nodes: 3, values: randomValues(81, seed: 1, scale: 0.7))
    var volume = Volume(grid: grid, values: randomValues(grid.count, seed: 2))
    let places = (0..<grid.count).map { index in
      let v = grid.voxel(at: index)
      return Vector3(Double(v.x), Double(v.y), Double(v.z))
    }
    let moved = zip(places, Kernels.displacements(lattice, grid, at: places)).map(+)
    /// Whether rounding may decide on which side of the volume's end a place lies.
    func isAtTheEnd(_ p: Vector3) -> Bool {
      (0..<3).contains { abs(p[$0] + 0.5) < 1e-4 || abs(p[$0] - Double(shape[$0]) + 0.5) < 1e-4 }
    }
    let warped = Kernels.warp(volume, lattice)
    for (index, place) in moved.enumerated() where !isAtTheEnd(place) {
      #expect(
        abs(Double(warped[index]) - volume.trilinear(at: place, outside: 0)) < 1e-4,
        "voxel \(index)")
    }
    let spoilt = grid.count / 2
    volume.values[spoilt] = .nan
    let again = Kernels.warp(volume, lattice)
    for (index, place) in moved.enumerated() {
      let offset = place - places[spoilt]
      if max(abs(offset.x), abs(offset.y), abs(offset.z)) > 1.001 {
        #expect(again[index] == warped[index], "voxel \(index)")
      }
    }
  }
}
