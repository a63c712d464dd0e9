import SpiderTensor
import SpiderTestSupport
import SpiderTraining
import Testing

/// The kernel of Adam against its definition in double.
@Suite struct AdamKernelTests {
  @Test(arguments: OddMemory.counts) func step(_ count: Int) {
    let settings = AdamKernel.AdamStep(
      rate: 0.01, beta1: 0.9, beta2: 0.99, epsilon: 1e-8, weightDecay: 0.1, scale: 0.5,
      correction1: 0.271, correction2: 0.0297)
    var (p, g) = (randomValues(count, seed: 1), randomValues(count, seed: 2))
    let m = randomValues(count, seed: 3)
    let v = randomValues(count, seed: 4).map { $0 * $0 }
    func run() -> [OddMemory] {
      let all = [OddMemory(p), OddMemory(m, offset: 1), OddMemory(v, offset: 2)]
      AdamKernel.adam(
        all[0].slice, gradient: OddMemory(g, offset: 5).slice, first: all[1].slice,
        second: all[2].slice, settings)
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
