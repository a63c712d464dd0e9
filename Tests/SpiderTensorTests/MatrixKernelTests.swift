import SpiderTensor
import SpiderTestSupport
import Testing

/// The kernels on rows of numbers against their definitions in double.
@Suite struct MatrixKernelTests {
  static let counts = OddMemory.counts

  @Test(arguments: counts) func add(_ count: Int) {
    for offset in [0, 1, 5, 15] {
      let (x, y) = (randomValues(count, seed: 1), randomValues(count, seed: 2))
      let (from, to) = (OddMemory(x, offset: offset), OddMemory(y, offset: 3 * offset % 16))
      Elements.add(from.slice, to: to.slice)
      #expect(to.array == zip(x, y).map(+) && from.array == x && to.isIntact)
    }
  }

  @Test(arguments: counts, [false, true]) func biasAndPositivePart(_ width: Int, relu: Bool) {
    var (x, bias) = (randomValues(5 * width, seed: 1), randomValues(width, seed: 2))
    x[2 * width] = .nan
    bias[width - 1] = -.infinity
    let rows = OddMemory(x)
    Elements.addBias(OddMemory(bias, offset: 1).slice, to: rows.slice, relu: relu)
    let expected = x.indices.map { index -> Float in
      let sum = x[index] + bias[index % width]
      return relu && sum < 0 ? 0 : sum
    }
    #expect(same(rows.array, expected) && rows.isIntact)
    #expect(rows.array[2 * width].isNaN, "a NaN passes through")
  }

  @Test(arguments: counts) func biasOfChannels(_ count: Int) {
    // Rows further apart than they are long: what lies between stays.
    let stride = count + 2
    let (x, bias) = (randomValues(3 * stride + count, seed: 1), randomValues(4, seed: 2))
    let channels = OddMemory(x)
    Elements.addChannelBias(
      OddMemory(bias).slice, to: channels.slice, count: count, stride: stride)
    let expected = x.indices.map { index in
      index % stride < count ? x[index] + bias[index / stride] : x[index]
    }
    #expect(channels.array == expected && channels.isIntact)
  }

  @Test(arguments: counts) func backwardOfThePositivePart(_ count: Int) {
    var (g, y) = (randomValues(count, seed: 1), randomValues(count, seed: 2).map { max(0, $0) })
    if count > 4 {
      g[1] = .nan
      (y[0], y[1], y[2], y[3]) = (.nan, 1, -0.0, .leastNonzeroMagnitude)
    }
    let gradient = OddMemory(g)
    Elements.reluBackward(gradient.slice, output: OddMemory(y, offset: 1).slice)
    #expect(same(gradient.array, zip(g, y).map { $1 > 0 ? $0 : 0 }) && gradient.isIntact)
  }

  @Test(arguments: counts) func sumsOfColumns(_ width: Int) {
    var (x, before) = (randomValues(9 * width, seed: 1), randomValues(width, seed: 2))
    let sums = OddMemory(before)
    Elements.addColumnSums(OddMemory(x, offset: 1).slice, to: sums.slice)
    let expected = (0..<width).map { n in
      (0..<9).reduce(Double(before[n])) { $0 + Double(x[$1 * width + n]) }
    }
    expectClose(sums.array, expected, atol: 1e-5)
    #expect(sums.isIntact)
    x[4 * width + width / 2] = .nan
    before[0] = 0
    let spoilt = OddMemory(before)
    Elements.addColumnSums(OddMemory(x).slice, to: spoilt.slice)
    #expect(spoilt.array.indices.allSatisfy { spoilt.array[$0].isNaN == ($0 == width / 2) })
  }

  @Test(arguments: counts) func sumsOfRows(_ count: Int) {
    let stride = count + 3
    var x = randomValues(3 * stride + count, seed: 1)
    // Between the rows lies what must not be summed.
    for index in x.indices where index % stride >= count { x[index] = .nan }
    let before = randomValues(4, seed: 2)
    let sums = OddMemory(before)
    Elements.addRowSums(
      OddMemory(x, offset: 1).slice, count: count, stride: stride, to: sums.slice)
    let expected = (0..<4).map { m in
      (0..<count).reduce(Double(before[m])) { $0 + Double(x[m * stride + $1]) }
    }
    expectClose(sums.array, expected, atol: 1e-5 * Double(count).squareRoot())
    #expect(sums.isIntact)
  }

  @Test(arguments: counts) func sumOfSquares(_ count: Int) {
    var x = randomValues(count, seed: 1, scale: 1e3)
    // In double: 1e-13 is some hundred roundings.
    expectClose(
      Elements.sumOfSquares(OddMemory(x).slice), x.reduce(0) { $0 + Double($1) * Double($1) },
      rtol: 1e-13, atol: 0)
    x[count / 2] = .infinity
    #expect(Elements.sumOfSquares(OddMemory(x).slice) == .infinity)
    x[count - 1] = .nan
    #expect(Elements.sumOfSquares(OddMemory(x).slice).isNaN)
  }
}
