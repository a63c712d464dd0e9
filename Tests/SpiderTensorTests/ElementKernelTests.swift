import Foundation
import SpiderTensor
import SpiderTestSupport
import Testing

/// The kernels that work on each number, against their definitions. Counts are odd, so that what is
/// left over after whole vectors is computed too.
@Suite struct ElementKernelTests {
  let x = randomValues(1003, seed: 4, scale: 3)

  func slice(_ values: [Float]) -> FloatSlice {
    let slice = FloatSlice.scratch(values.count)
    slice.copy(from: values)
    return slice
  }

  @Test func scaleShift() {
    for relu in [false, true] {
      let y = FloatSlice.scratch(x.count)
      Elements.scaleShift(slice(x), scale: -1.5, shift: 0.25, relu: relu, into: y)
      let expected = x.map { relu ? max(0, -1.5 * Double($0) + 0.25) : -1.5 * Double($0) + 0.25 }
      expectClose(y.array, expected, atol: 2e-6)
    }
    let nan = slice([.nan, -1])
    Elements.scaleShift(nan, scale: 1, shift: 0, relu: true, into: nan)
    #expect(nan[0].isNaN && nan[1] == 0)
  }

  @Test func leakyReLUAndItsGradient() {
    let y = slice(x)
    Elements.leakyReLU(y, slope: 0.2)
    expectClose(y.array, x.map { $0 < 0 ? 0.2 * Double($0) : Double($0) }, atol: 1e-6)
    let up = randomValues(x.count, seed: 5)
    let gradient = slice(up)
    Elements.leakyReLUBackward(gradient, output: y, slope: 0.2)
    expectClose(
      gradient.array, zip(up, x).map { $1 > 0 ? Double($0) : 0.2 * Double($0) }, atol: 1e-6)
  }

  @Test func swish() {
    let y = slice(x)
    Elements.swish(y)
    expectClose(y.array, x.map { Double($0) / (1 + exp(-Double($0))) }, atol: 2e-6)
    // Where the exponential is beyond single precision.
    let far = slice([-200, 200])
    Elements.swish(far)
    expectClose(far.array, [0.0, 200], atol: 1e-6)
  }

  @Test func softmaxOfRows() {
    let (rows, columns) = (17, 59)
    let values = randomValues(rows * columns, seed: 6, scale: 40)
    let y = slice(values)
    Elements.softmaxRows(y, columns: columns, scale: 0.5)
    let expected = (0..<rows).flatMap { row -> [Double] in
      let line = values[row * columns..<(row + 1) * columns].map { 0.5 * Double($0) }
      let largest = line.max() ?? 0
      let powers = line.map { exp($0 - largest) }
      return powers.map { $0 / powers.reduce(0, +) }
    }
    expectClose(y.array, expected, atol: 2e-6)
  }

  /// Axes (a, b, c) in every order, as the axes of y: the last one is contiguous.
  @Test(arguments: [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]])
  func rearrangesAxes(_ order: [Int]) {
    let shape = [18, 19, 37]
    let values = randomValues(shape.reduce(1, *), seed: 7)
    var strides = [1, 1, 1]
    for place in 0..<3 {
      strides[order[place]] = order[(place + 1)...].reduce(1) { $0 * shape[$1] }
    }
    var expected = [Double](repeating: 0, count: values.count)
    for a in 0..<shape[0] {
      for b in 0..<shape[1] {
        for c in 0..<shape[2] {
          let place = a * strides[0] + b * strides[1] + c * strides[2]
          expected[place] = 0.5 * Double(values[(a * shape[1] + b) * shape[2] + c])
        }
      }
    }
    let y = slice([Float](repeating: 1, count: values.count))
    Elements.rearrange(
      slice(values), shape: shape, strides: strides, scale: 0.5, adding: true, into: y)
    expectClose(y.array, expected.map { $0 + 1 }, atol: 1e-6)
    Elements.rearrange(slice(values), shape: shape, strides: strides, scale: 0.5, into: y)
    expectClose(y.array, expected, atol: 1e-6)
  }
}
