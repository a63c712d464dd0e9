import SpiderTensor
import SpiderTestSupport
import Testing

/// Convolutions with few output channels, along the rows and across them, against columns.
@Suite struct SeparatedRowsConvolutionTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var outputs = 1
    var kernel = Extent3D(7)
    var padding = Extent3D(3)
    var testDescription: String { "\(outputs) outputs, \(kernel), \(padding)" }
  }

  private static let cases = [
    Case(),
    Case(outputs: 3, kernel: Extent3D(5), padding: Extent3D(0)),
    Case(
      outputs: 2, kernel: Extent3D(depth: 2, height: 4, width: 3),
      padding: Extent3D(depth: 1, height: 3, width: 2)),
  ]

  /// Several tiles a volume, more than a tile a worker, tiles that end inside planes and rows.
  private func shape(_ c: Case) -> ConvolutionShape {
    ConvolutionShape(
      inputChannels: 16, outputChannels: c.outputs,
      input: Extent3D(depth: 21, height: 13, width: 19), kernel: c.kernel, stride: Extent3D(1),
      padding: c.padding)
  }

  private func numbers(_ count: Int, _ seed: UInt64) -> FloatSlice {
    let slice = FloatSlice.scratch(count)
    slice.copy(from: randomValues(count, seed: seed))
    return slice
  }

  private func forward(_ plan: ConvolutionPlan, adding: Bool) -> [Float] {
    let s = plan.shape
    let output = numbers(2 * s.outputCount, 4)
    plan.forward(
      numbers(2 * s.inputCount, 1), weights: numbers(s.weightCount, 2),
      bias: numbers(s.outputChannels, 3), into: output, adding: adding,
      scratch: .scratch(plan.forwardScratchCount))
    return output.array
  }

  private func backwardData(_ plan: ConvolutionPlan) -> [Float] {
    let s = plan.shape
    let gradient = numbers(2 * s.inputCount, 4)
    plan.backwardData(
      numbers(2 * s.outputCount, 1), weights: numbers(s.weightCount, 2),
      bias: numbers(s.inputChannels, 3), into: gradient, scratch: .scratch(plan.scratchCount))
    return gradient.array
  }

  private func backwardWeights(_ plan: ConvolutionPlan) -> [Float] {
    let s = plan.shape
    let gradient = numbers(s.weightCount, 4)
    plan.backwardWeights(
      numbers(2 * s.outputCount, 1), input: numbers(2 * s.inputCount, 2), addingTo: gradient,
      scratch: .scratch(plan.scratchCount))
    return gradient.array
  }

  /// A pass by columns, and as it is here with any number of workers: the same bits.
  private func compare(
    _ c: Case, atol: Double, _ what: String, _ pass: (ConvolutionPlan) -> [Float]
  ) {
    let s = shape(c)
    let expected = pass(ConvolutionPlan(s, images: 2, workers: 2, path: .columns))
    let runs = [1, 2, 3, 8].map {
      pass(ConvolutionPlan(s, images: 2, workers: $0, path: .separatedRows))
    }
    expectClose(runs[0], expected, rtol: 0, atol: atol, "\(what), \(c)")
    #expect(runs.allSatisfy { $0 == runs[0] }, "\(what), \(c), on other numbers of workers")
  }

  @Test(arguments: cases) func agreesWithColumns(_ c: Case) {
    compare(c, atol: 2e-4, "forward") { forward($0, adding: false) }
    compare(c, atol: 2e-4, "forward, added") { forward($0, adding: true) }
    compare(c, atol: 2e-4, "by the input", backwardData)
    compare(c, atol: 2e-3, "by the weights", backwardWeights)
  }
}
