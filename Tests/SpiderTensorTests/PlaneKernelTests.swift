import SpiderTensor
import SpiderTestSupport
import Testing

/// The kernels on planes of images against their definitions: normalisation, halving, doubling.
@Suite struct PlaneKernelTests {
  private struct Group {
    var channels: Int
    var plane: Int
    var x: [Float]
    var gamma: [Float]
    var beta: [Float]
    var relu: Bool

    init(channels: Int, plane: Int, relu: Bool) {
      (self.channels, self.plane, self.relu) = (channels, plane, relu)
      x = randomValues(channels * plane, seed: 1).map { 3 + 2 * $0 }
      gamma = randomValues(channels, seed: 2)
      beta = randomValues(channels, seed: 3)
    }

    /// y, mean and inverse deviation by the definition.
    var reference: (y: [Double], mean: Double, inverse: Double) {
      let values = x.map(Double.init)
      let mean = values.reduce(0, +) / Double(x.count)
      let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(x.count)
      let inverse = 1 / (variance + 1e-5).squareRoot()
      let y = values.indices.map { index -> Double in
        let c = index / plane
        let v = Double(gamma[c]) * (values[index] - mean) * inverse + Double(beta[c])
        return relu ? max(0, v) : v
      }
      return (y, mean, inverse)
    }
  }

  @Test(arguments: [1, 3], OddMemory.counts) func groupNorm(channels: Int, plane: Int) {
    for relu in [false, true] {
      // A group of one number has no deviation, and its answer is the shift.
      var group = Group(channels: channels, plane: plane, relu: relu)
      let (y, mean, inverse) = group.reference
      func run(inPlace: Bool) -> (OddMemory, OddMemory) {
        let (from, statistics) = (OddMemory(group.x, offset: 1), OddMemory([0, 0]))
        let to = inPlace ? from : OddMemory(group.x, offset: 5)
        GroupNorm.forward(
          group: from.slice, plane: plane, gamma: OddMemory(group.gamma).slice,
          beta: OddMemory(group.beta, offset: 2).slice, epsilon: 1e-5, relu: relu, into: to.slice,
          statistics: statistics.slice)
        return (to, statistics)
      }
      let (found, statistics) = run(inPlace: false)
      let count = channels * plane
      // The mean is rounded to single precision before it is taken away; where the values are all
      // alike, what is left of that is scaled by up to 1 / sqrt(epsilon) = 316.
      let slack = count == 1 ? 1e-3 : 1e-5
      expectClose(found.array, y, atol: slack, "\(channels) x \(plane), relu \(relu)")
      expectClose(statistics.array, [mean, inverse], rtol: 1e-5, atol: 1e-6)
      let replaced = run(inPlace: true).0
      #expect(found.isIntact && statistics.isIntact && replaced.isIntact)
      #expect(replaced.array == found.array, "in place")

      group.x[count / 2] = .nan
      #expect(run(inPlace: false).0.array.allSatisfy { $0.isNaN }, "a NaN spoils its group")
    }
  }

  @Test(arguments: [1, 3], [2, 7, 16, 33, 67]) func groupNormBackward(channels: Int, plane: Int) {
    for relu in [false, true] {
      let group = Group(channels: channels, plane: plane, relu: relu)
      let up = randomValues(channels * plane, seed: 4)
      let (_, mean, inverse) = group.reference
      let count = Double(channels * plane)
      let normal = group.x.map { (Double($0) - mean) * inverse }
      var (dgamma, dbeta) = (
        [Double](repeating: 0, count: channels), [Double](repeating: 0, count: channels)
      )
      var masked = [Double](repeating: 0, count: up.count)
      for index in up.indices {
        let c = index / plane
        let passes = !relu || Double(group.gamma[c]) * normal[index] + Double(group.beta[c]) > 0
        let g = passes ? Double(up[index]) : 0
        dbeta[c] += g
        dgamma[c] += g * normal[index]
        masked[index] = g * Double(group.gamma[c])
      }
      let m1 = masked.reduce(0, +) / count
      let m2 = zip(masked, normal).reduce(0) { $0 + $1.0 * $1.1 } / count
      let dx = masked.indices.map { inverse * (masked[$0] - m1 - normal[$0] * m2) }

      for inPlace in [false, true] {
        let x = OddMemory(group.x, offset: 1)
        let to = inPlace ? x : OddMemory(group.x, offset: 5)
        let sums = (OddMemory(group.gamma), OddMemory(group.beta))
        GroupNorm.backward(
          group: OddMemory(up, offset: 2).slice, x: x.slice, plane: plane,
          gamma: OddMemory(group.gamma).slice, beta: OddMemory(group.beta).slice,
          statistics: OddMemory([Float(mean), Float(inverse)]).slice, relu: relu, into: to.slice,
          dgamma: sums.0.slice, dbeta: sums.1.slice)
        expectClose(to.array, dx, atol: 1e-5, "dx, \(channels) x \(plane), relu \(relu)")
        expectClose(sums.0.array, dgamma, atol: 1e-4, "dgamma")
        expectClose(sums.1.array, dbeta, atol: 1e-4, "dbeta")
        #expect(to.isIntact && sums.0.isIntact && sums.1.isIntact)
      }
    }
  }

  /// Halving and doubling, forward and backward, of planes that vectors do not divide.
  @Test(arguments: [(2, 2), (4, 6), (2, 18), (6, 34), (10, 66)])
  func halvingAndDoubling(height: Int, width: Int) {
    var x = randomValues(height * width, seed: 1)
    x[width + 1] = .nan  // of the first block of 2x2
    let (h, w) = (height / 2, width / 2)
    let small = OddMemory([Float](repeating: 0, count: h * w))
    AveragePool.forward(
      plane: OddMemory(x, offset: 1).slice, height: height, width: width, into: small.slice)
    func block(_ r: Int, _ c: Int) -> [Int] {
      [0, 1, width, width + 1].map { 2 * r * width + 2 * c + $0 }
    }
    for r in 0..<h {
      for c in 0..<w {
        let mean = block(r, c).reduce(0.0) { $0 + Double(x[$1]) } / 4
        let found = small.array[r * w + c]
        #expect(r + c == 0 ? found.isNaN : abs(Double(found) - mean) < 1e-6, "(\(r), \(c))")
      }
    }
    let (dy, before) = (randomValues(h * w, seed: 2), randomValues(height * width, seed: 3))
    let dx = OddMemory(before)
    AveragePool.backward(
      plane: OddMemory(dy, offset: 1).slice, height: height, width: width, addingTo: dx.slice)
    let large = OddMemory(before)
    Upsample.forward(plane: OddMemory(dy, offset: 1).slice, height: h, width: w, into: large.slice)
    for r in 0..<h {
      for c in 0..<w {
        let value = dy[r * w + c]
        #expect(block(r, c).allSatisfy { large.array[$0] == value })
        #expect(block(r, c).allSatisfy { dx.array[$0] == before[$0] + 0.25 * value })
      }
    }
    let sums = OddMemory(dy)
    Upsample.backward(plane: OddMemory(before).slice, height: h, width: w, into: sums.slice)
    let expected = (0..<h * w).map { index in
      block(index / w, index % w).reduce(0.0) { $0 + Double(before[$1]) }
    }
    expectClose(sums.array, expected, atol: 1e-6)
    #expect(small.isIntact && dx.isIntact && large.isIntact && sums.isIntact)
  }
}
