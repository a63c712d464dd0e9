import SpiderCore
import SpiderTestSupport
import Testing

/// The kernels on rows of numbers against their definitions in double.
@Suite struct MatrixKernelTests {
  static let counts = OddMemory.counts

  @Test(arguments: counts) func add(_ count: Int) {
    for offset in [0, 1, 5, 15] {
      let (x, y) = (randomValues(count, seed: 1), randomValues(count, seed: 2))
      let (from, to) = (OddMemory(x, offset: offset), OddMemory(y, offset: 3 * offset % 16))
      Kernels.add(from.slice, to: to.slice)
      #expect(to.array == zip(x, y).map(+) && from.array == x && to.isIntact)
    }
  }

  @Test(arguments: counts, [false, true]) func biasAndPositivePart(_ width: Int, relu: Bool) {
    var (x, bias) = (randomValues(5 * width, seed: 1), randomValues(width, seed: 2))
    x[2 * width] = .nan
    bias[width - 1] = -.infinity
    let rows = OddMemory(x)
    Kernels.addBias(OddMemory(bias, offset: 1).slice, to: rows.slice, relu: relu)
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
    Kernels.addChannelBias(
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
    Kernels.reluBackward(gradient.slice, output: OddMemory(y, offset: 1).slice)
    #expect(same(gradient.array, zip(g, y).map { $1 > 0 ? $0 : 0 }) && gradient.isIntact)
  }

  @Test(arguments: counts) func sumsOfColumns(_ width: Int) {
    var (x, before) = (randomValues(9 * width, seed: 1), randomValues(width, seed: 2))
    let sums = OddMemory(before)
    Kernels.addColumnSums(OddMemory(x, offset: 1).slice, to: sums.slice)
    let expected = (0..<width).map { n in
      (0..<9).reduce(Double(before[n])) { $0 + Double(x[$1 * width + n]) }
    }
    expectClose(sums.array, expected, atol: 1e-5)
    #expect(sums.isIntact)
    x[4 * width + width / 2] = .nan
    before[0] = 0
    let spoilt = OddMemory(before)
    Kernels.addColumnSums(OddMemory(x).slice, to: spoilt.slice)
    #expect(spoilt.array.indices.allSatisfy { spoilt.array[$0].isNaN == ($0 == width / 2) })
  }

  @Test(arguments: counts) func sumsOfRows(_ count: Int) {
    let stride = count + 3
    var x = randomValues(3 * stride + count, seed: 1)
    // Between the rows lies what must not be summed.
    for index in x.indices where index % stride >= count { x[index] = .nan }
    let before = randomValues(4, seed: 2)
    let sums = OddMemory(before)
    Kernels.addRowSums(
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
      Kernels.sumOfSquares(OddMemory(x).slice), x.reduce(0) { $0 + Double($1) * Double($1) },
      rtol: 1e-13, atol: 0)
    x[count / 2] = .infinity
    #expect(Kernels.sumOfSquares(OddMemory(x).slice) == .infinity)
    x[count - 1] = .nan
    #expect(Kernels.sumOfSquares(OddMemory(x).slice).isNaN)
  }

  @Test(arguments: counts) func adam(_ count: Int) {
    let step = Kernels.AdamStep(
      rate: 0.01, beta1: 0.9, beta2: 0.99, epsilon: 1e-8, weightDecay: 0.1, scale: 0.5,
      correction1: 0.271, correction2: 0.0297)
    var (p, g) = (randomValues(count, seed: 1), randomValues(count, seed: 2))
    let m = randomValues(count, seed: 3)
    let v = randomValues(count, seed: 4).map { $0 * $0 }
    func run() -> [OddMemory] {
      let all = [OddMemory(p), OddMemory(m, offset: 1), OddMemory(v, offset: 2)]
      Kernels.adam(
        all[0].slice, gradient: OddMemory(g, offset: 5).slice, first: all[1].slice,
        second: all[2].slice, step)
      return all
    }
    let found = run()
    #expect(found.allSatisfy { $0.isIntact })
    var (first, second, moved) = ([Double](), [Double](), [Double]())
    for i in 0..<count {
      let gradient = 0.5 * Double(g[i])
      first.append(0.9 * Double(m[i]) + 0.1 * gradient)
      second.append(0.99 * Double(v[i]) + 0.01 * gradient * gradient)
      let root = (second[i] / 0.0297).squareRoot() + 1e-8
      moved.append(Double(p[i]) * (1 - 0.001) - 0.01 * first[i] / 0.271 / root)
    }
    expectClose(found[1].array, first, atol: 1e-6, "first moment")
    expectClose(found[2].array, second, atol: 1e-6, "second moment")
    expectClose(found[0].array, moved, atol: 1e-6, "parameters")
    // A gradient that is no number spoils its own parameter and no other.
    g[count / 2] = .nan
    p[0] = 1
    let spoilt = run()
    for part in spoilt {
      #expect(part.array.indices.allSatisfy { part.array[$0].isNaN == ($0 == count / 2) })
    }
  }
}
