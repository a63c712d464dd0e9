import SpiderCore
import SpiderTensor
import SpiderTestSupport
import Testing

/// The kernels of the positional codes against their definitions in double.
@Suite struct CodeKernelTests {
  @Test(arguments: [0, 1, 6, 11], [1, 3, 17]) func fourierCode(octaves: Int, count: Int) {
    let code = FourierCode(octaves: octaves)
    let stride = code.width + 2
    var points = randomValues(3 * count, seed: 1, scale: 0.3)
    points[0] = .nan
    let before = randomValues((count - 1) * stride + code.width, seed: 2)
    let out = OddMemory(before)
    FourierCode.encode(
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
    HashCode.encode(
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
      HashCode.backward(
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
    HashCode.backward(
      OddMemory(gradient).slice, stride: 3, resolution: 4, tableSize: 128, features: 3,
      at: OddMemory(points, offset: 1).slice, addingTo: sums.slice)
    let low = [0, 1, 5, 6, 25, 26, 30, 31]  // 5 corners a side, stored densely
    for (index, value) in sums.array.enumerated() {
      #expect(value.isNaN == (low.contains(index / 3) && index % 3 == 2), "row \(index / 3)")
    }
  }
}
