import SpiderSupport
import SpiderTensor
import SpiderTestSupport
import Testing

/// Channels and sizes that leave every kind of rest: tiles, panels, blocks of channels, planes.
struct VolumeWinogradCase: Sendable, CustomTestStringConvertible {
  var images = 1
  var inputs = 3
  var outputs = 5
  var depth = 5
  var height = 7
  var width = 9
  var testDescription: String { "\(images)x \(inputs)->\(outputs) \(depth)x\(height)x\(width)" }

  var shape: ConvolutionShape {
    ConvolutionShape(
      inputChannels: inputs, outputChannels: outputs,
      input: Extent3D(depth: depth, height: height, width: width), kernel: Extent3D(3),
      stride: Extent3D(1), padding: Extent3D(1))
  }
}

@Suite struct VolumeWinogradTests {
  static let cases: [VolumeWinogradCase] = [
    VolumeWinogradCase(),
    VolumeWinogradCase(images: 2, inputs: 1, outputs: 1, depth: 1, height: 1, width: 1),
    VolumeWinogradCase(images: 3, inputs: 8, outputs: 16, depth: 2, height: 4, width: 4),
    VolumeWinogradCase(inputs: 17, outputs: 9, depth: 3, height: 16, width: 16),
    VolumeWinogradCase(images: 2, inputs: 5, outputs: 33, depth: 6, height: 13, width: 31),
    VolumeWinogradCase(inputs: 2, outputs: 2, depth: 3, height: 6, width: 150),
    VolumeWinogradCase(inputs: 64, outputs: 32, depth: 3, height: 16, width: 32),
    VolumeWinogradCase(images: 2, inputs: 35, outputs: 3, depth: 9, height: 5, width: 48),
  ]

  /// Largest error over largest reference. Rounding of the six points' transforms in two directions:
  /// measured up to 3.5e-6 over these cases and instruction sets, direct sums reach 7e-7.
  private static let bound = 6e-6

  /// The numbers of one batch, each at a start that no vector is aligned with.
  private struct Batch {
    let weights: FloatSlice
    let bias: FloatSlice
    let input: FloatSlice
    let gradient: FloatSlice

    init(_ c: VolumeWinogradCase) {
      func misaligned(_ count: Int, seed: UInt64) -> FloatSlice {
        let slice = FloatSlice.scratch(count + 1).part(1, count)
        slice.copy(from: randomValues(count, seed: seed))
        return slice
      }
      weights = misaligned(c.shape.weightCount, seed: 1)
      bias = misaligned(max(c.inputs, c.outputs), seed: 2)
      input = misaligned(c.images * c.shape.inputCount, seed: 3)
      gradient = misaligned(c.images * c.shape.outputCount, seed: 4)
    }
  }

  private func convolution(
    _ c: VolumeWinogradCase, workers: Int = 2, _ level: InstructionSet = .best
  ) -> VolumeWinogradConvolution {
    VolumeWinogradConvolution(c.shape, images: c.images, workers: workers, level: level)
  }

  private func forward(_ convolution: VolumeWinogradConvolution, _ batch: Batch) -> [Float] {
    let count = convolution.images * convolution.shape.outputCount
    let output = FloatSlice.scratch(count + 1).part(1, count)
    convolution.forward(
      batch.input, weights: batch.weights,
      bias: batch.bias.part(0, convolution.shape.outputChannels), into: output,
      adding: false, scratch: .scratch(convolution.forwardScratchCount))
    return output.array
  }

  private func backwardData(_ convolution: VolumeWinogradConvolution, _ batch: Batch) -> [Float] {
    let count = convolution.images * convolution.shape.inputCount
    let inputGradient = FloatSlice.scratch(count + 1).part(1, count)
    convolution.backwardData(
      batch.gradient, weights: batch.weights,
      bias: batch.bias.part(0, convolution.shape.inputChannels), into: inputGradient,
      scratch: .scratch(convolution.dataScratchCount))
    return inputGradient.array
  }

  /// The gradient of the weights, added to numbers that were there.
  private func backwardWeights(_ convolution: VolumeWinogradConvolution, _ batch: Batch) -> [Float]
  {
    let count = convolution.shape.weightCount
    let weightGradient = FloatSlice.scratch(count + 1).part(1, count)
    weightGradient.fill(0.5)
    convolution.backwardWeights(
      batch.gradient, input: batch.input, addingTo: weightGradient,
      scratch: .scratch(convolution.weightScratchCount))
    return weightGradient.array
  }

  private func expectWithinBound(_ actual: [Float], _ expected: [Double], _ what: String) {
    let largest = expected.map(abs).max() ?? 0
    expectClose(actual, expected, atol: Self.bound * largest, what)
  }

  @Test(arguments: cases) func agreesWithDouble(_ c: VolumeWinogradCase) {
    let (batch, s) = (Batch(c), c.shape)
    let reference = ConvolutionReference(s)
    let (bias, weights) = (batch.bias.array, batch.weights.array)
    var output: [Double] = []
    var inputGradient: [Double] = []
    var weightGradient = [Double](repeating: 0.5, count: s.weightCount)
    for image in 0..<c.images {
      let x = batch.input.part(image * s.inputCount, s.inputCount).array
      let dy = batch.gradient.part(image * s.outputCount, s.outputCount).array
      output += reference.forward(x, weights: weights).enumerated().map {
        $0.element + Double(bias[$0.offset / s.output.count])
      }
      inputGradient += reference.backwardData(dy, weights: weights).enumerated().map {
        $0.element + Double(bias[$0.offset / s.input.count])
      }
      for (index, value) in reference.backwardWeights(dy, input: x).enumerated() {
        weightGradient[index] += value
      }
    }
    for level in InstructionSet.available {
      let convolution = convolution(c, level)
      expectWithinBound(forward(convolution, batch), output, "forward, \(level)")
      expectWithinBound(backwardData(convolution, batch), inputGradient, "input, \(level)")
      expectWithinBound(backwardWeights(convolution, batch), weightGradient, "weights, \(level)")
    }
  }

  /// The two backward passes are the adjoints of the forward pass: a check that does not share the
  /// reference's loops.
  @Test(arguments: cases) func backwardIsTheAdjoint(_ c: VolumeWinogradCase) {
    let (batch, convolution) = (Batch(c), convolution(c))
    batch.bias.fill(0)
    let y = forward(convolution, batch)
    let dy = batch.gradient.array
    let product = innerProduct(y, dy)
    let scale = (innerProduct(y, y) * innerProduct(dy, dy)).squareRoot()
    expectClose(
      innerProduct(batch.input.array, backwardData(convolution, batch)), product,
      atol: Self.bound * scale, "input")
    expectClose(
      innerProduct(batch.weights.array, backwardWeights(convolution, batch).map { $0 - 0.5 }),
      product, atol: 2 * Self.bound * scale, "weights")
  }

  /// A NaN spoils every output that sees its voxel, and no more than the tiles that see it.
  @Test func aNaNTravels() {
    let c = VolumeWinogradCase(inputs: 3, outputs: 9, depth: 6, height: 12, width: 20)
    let (batch, s) = (Batch(c), c.shape)
    let (z, y, x) = (2, 6, 9)
    batch.input[((1 * c.depth + z) * c.height + y) * c.width + x] = .nan
    for level in InstructionSet.available {
      let output = forward(convolution(c, level), batch)
      for (index, value) in output.enumerated() {
        let (dz, dy, dx) = (
          abs(index / (c.height * c.width) % c.depth - z), abs(index / c.width % c.height - y),
          abs(index % c.width - x)
        )
        if max(dz, dy, dx) <= 1 { #expect(value.isNaN, "\(level), \(index)") }
        if dz > 1 || max(dy, dx) > 5 { #expect(value.isFinite, "\(level), \(index)") }
      }
      #expect(output.count == s.outputCount)
    }
  }

  @Test func workersDoNotShow() {
    let c = VolumeWinogradCase(
      images: 2, inputs: 9, outputs: 20, depth: 7, height: 18, width: 23)
    let batch = Batch(c)
    let runs = [1, 2, 3, 8, 8].map { workers in
      Parallel.withWorkerCount(workers) {
        let convolution = convolution(c, workers: workers)
        return (
          forward(convolution, batch), backwardData(convolution, batch),
          backwardWeights(convolution, batch)
        )
      }
    }
    #expect(runs.allSatisfy { $0.0 == runs[0].0 && $0.1 == runs[0].1 })
    #expect(runs[3].2 == runs[4].2)
  }

  /// The plan takes the fast path where planes fill panels, the general ones elsewhere.
  @Test func pathsFollowTheShape() {
    func path(
      _ size: Int, images: Int = 1, outputs: Int = 32, kernel: Int = 3, stride: Int = 1
    ) -> ConvolutionPath {
      .choose(
        ConvolutionShape(
          inputChannels: 32, outputChannels: outputs, input: Extent3D(size),
          kernel: Extent3D(kernel), stride: Extent3D(stride), padding: Extent3D(kernel / 2)),
        images: images)
    }
    #expect(path(64) == .winograd && path(16) == .winograd && path(8, images: 4) == .winograd)
    #expect(
      path(4) == .columns && path(63, stride: 2) == .columns && path(8, kernel: 5) == .columns)
    #expect(path(64, stride: 2) == .halving)
    #expect(path(64, outputs: 1, kernel: 7) == .wideKernel)
    #expect(path(64, outputs: 1, kernel: 6) == .separatedRows)
    #expect(path(64, outputs: 1, kernel: 4) == .adjoint)
    #expect(path(64, kernel: 1) == .pointwise)
  }
}
