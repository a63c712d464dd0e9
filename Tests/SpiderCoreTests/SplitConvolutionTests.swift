import SpiderCore
import SpiderTestSupport
import Testing

/// Convolutions with few output channels, along the rows and across them, against columns.
@Suite struct SplitConvolutionTests {
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
  private func shape(_ c: Case) -> ConvolutionShape3D {
    ConvolutionShape3D(
      inputChannels: 16, outputChannels: c.outputs,
      input: Extent3D(depth: 21, height: 13, width: 19), kernel: c.kernel, stride: Extent3D(1),
      padding: c.padding)
  }

  private func forward(
    _ s: ConvolutionShape3D, _ path: ConvolutionPath3D, workers: Int, adding: Bool
  ) -> [Float] {
    let plan = ConvolutionPlan3D(s, images: 2, workers: workers, path: path)
    func numbers(_ count: Int, _ seed: UInt64) -> FloatSlice {
      let slice = FloatSlice.scratch(count)
      slice.copy(from: randomValues(count, seed: seed))
      return slice
    }
    let output = numbers(2 * s.outputCount, 4)
    plan.forward(
      numbers(2 * s.inputCount, 1), weights: numbers(s.weightCount, 2),
      bias: numbers(s.outputChannels, 3), into: output, adding: adding,
      scratch: .scratch(plan.forwardScratchCount))
    return output.array
  }

  @Test(arguments: cases, [false, true]) func agreesWithColumns(_ c: Case, _ adding: Bool) {
    let s = shape(c)
    let expected = forward(s, .columns, workers: 2, adding: adding)
    let runs = [1, 2, 3, 8].map { forward(s, .split, workers: $0, adding: adding) }
    expectClose(runs[0], expected, rtol: 0, atol: 2e-4, "\(c)")
    #expect(runs.allSatisfy { $0 == runs[0] }, "the same bits for any number of workers")
  }
}
