import SpiderSupport
import SpiderTensor
import SpiderTestSupport
import Testing

/// A batch of images and a convolution, with random numbers.
private struct Scene: Sendable, CustomTestStringConvertible {
  let shape: ConvolutionShape
  let images: Int

  init(
    _ images: Int, _ inputs: Int, _ outputs: Int, _ height: Int, _ width: Int, kernel: Int = 3,
    stride: Int = 1, padding: Int = 1
  ) {
    self.images = images
    shape = ConvolutionShape(
      inputChannels: inputs, outputChannels: outputs, height: height, width: width,
      kernel: kernel, stride: stride, padding: padding)
  }

  var testDescription: String {
    "\(images) x \(shape.inputChannels)->\(shape.outputChannels) k\(shape.kernel.width) "
      + "s\(shape.stride.width) p\(shape.padding.width) \(shape.input.height)x\(shape.input.width)"
  }

  var input: [Float] { randomValues(images * shape.inputCount, seed: 1) }
  var weights: [Float] { randomValues(shape.outputChannels * shape.taps, seed: 2) }
  var bias: [Float] { randomValues(shape.outputChannels, seed: 3) }
  var gradient: [Float] { randomValues(images * shape.outputCount, seed: 4) }
  /// What the output is added to, and the bias of a transposed convolution.
  var output: [Float] { randomValues(images * shape.outputCount, seed: 6) }
  var inputBias: [Float] { randomValues(shape.inputChannels, seed: 7) }
  /// What the gradient of the weights is added to.
  var earlier: [Float] { randomValues(shape.outputChannels * shape.taps, seed: 5) }
  var reference: ConvolutionReference { ConvolutionReference(shape, images: images) }
}

/// An algorithm's passes, with everything it could do wrong around them: memory that starts anywhere,
/// scratch memory full of NaN, numbers beyond the ends that must stay.
private struct Passes {
  let scene: Scene
  let algorithm: any ConvolutionAlgorithm
  var offset = 0

  private func slice(_ values: [Float]) -> (all: FloatSlice, part: FloatSlice) {
    let all = FloatSlice.scratch(values.count + 64)
    all.fill(77)
    let part = all.part(16 + offset, values.count)
    part.copy(from: values)
    return (all, part)
  }

  private func run(
    _ first: [Float], scratch count: Int, into start: [Float],
    _ body: (_ first: FloatSlice, _ target: FloatSlice, _ scratch: FloatSlice) -> Void
  ) -> [Float] {
    let scratch = FloatSlice.scratch(count)
    scratch.fill(.nan)
    let target = slice(start)
    body(slice(first).part, target.part, scratch)
    let around =
      target.all.part(0, 16 + offset).array
      + target.all.part(16 + offset + start.count, 48 - offset).array
    #expect(around.allSatisfy { $0 == 77 }, "wrote beyond its output")
    return target.part.array
  }

  func forward(
    _ input: [Float]? = nil, weights: [Float]? = nil, addingTo sum: [Float]? = nil
  ) -> [Float] {
    run(
      input ?? scene.input, scratch: algorithm.forwardScratchCount,
      into: sum ?? [Float](repeating: .nan, count: scene.images * scene.shape.outputCount)
    ) {
      algorithm.forward(
        $0, weights: slice(weights ?? scene.weights).part, bias: slice(scene.bias).part, into: $1,
        adding: sum != nil, scratch: $2)
    }
  }

  func backwardData(_ gradient: [Float]? = nil, bias: [Float]? = nil) -> [Float] {
    run(
      gradient ?? scene.gradient, scratch: algorithm.dataScratchCount,
      into: [Float](repeating: .nan, count: scene.images * scene.shape.inputCount)
    ) {
      algorithm.backwardData(
        $0, weights: slice(scene.weights).part, bias: bias.map { slice($0).part }, into: $1,
        scratch: $2)
    }
  }

  func backwardWeights(_ input: [Float]? = nil) -> [Float] {
    run(scene.gradient, scratch: algorithm.weightScratchCount, into: scene.earlier) {
      algorithm.backwardWeights(
        $0, input: slice(input ?? scene.input).part, addingTo: $1, scratch: $2)
    }
  }
}

/// Expects the largest error to be within `bound` of the largest reference.
private func expectAccurate(
  _ actual: [Float], _ reference: [Double], within bound: Double, _ what: String,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  let largest = reference.reduce(0) { max($0, abs($1)) }
  expectClose(actual, reference, atol: bound * largest, what, sourceLocation: sourceLocation)
}

/// What is added to an output, and a bias of the input, are added and nothing else changes.
private func expectSums(_ passes: Passes, within bound: Double) {
  let (scene, s) = (passes.scene, passes.scene.shape)
  let added = zip(passes.forward(), scene.output).map { Double($0) + Double($1) }
  expectAccurate(passes.forward(addingTo: scene.output), added, within: bound, "added")
  let biased = passes.backwardData().enumerated().map {
    Double($0.element) + Double(scene.inputBias[$0.offset / s.input.count % s.inputChannels])
  }
  expectAccurate(passes.backwardData(bias: scene.inputBias), biased, within: bound, "biased")
}

@Suite struct WinogradConvolutionTests {
  /// Sizes that reach every edge: images smaller than a tile, panels of several images, panels cut
  /// within a row of tiles, rows in place (width a multiple of 16) and copied, channels that fill no
  /// block, more panels than a chunk, and channels enough for long sums.
  private static let scenes = [
    Scene(1, 3, 5, 9, 7), Scene(2, 3, 3, 1, 1), Scene(3, 1, 3, 5, 4), Scene(5, 3, 7, 2, 17),
    Scene(2, 8, 16, 16, 16), Scene(1, 7, 9, 20, 144), Scene(3, 9, 8, 21, 48),
    Scene(1, 2, 3, 133, 70), Scene(2, 33, 65, 8, 12), Scene(1, 40, 2, 40, 33),
    Scene(1, 96, 17, 16, 32), Scene(1, 3, 2, 128, 160), Scene(1, 256, 16, 16, 16),
    Scene(1, 16, 256, 16, 16),
  ]

  private func passes(
    _ scene: Scene, workers: Int = 2, _ set: InstructionSet = .best, offset: Int = 0
  ) -> Passes {
    Passes(
      scene: scene,
      algorithm: PlanarWinogradConvolution(
        scene.shape, images: scene.images, workers: workers, level: set), offset: offset)
  }

  // The bounds that the type states: a transform of normal numbers loses a digit to cancellation
  // (F(4x4, 3x3) with points 0, +-3/4, +-3/2), and sums of 256 channels or of thousands of tiles have
  // roundings of their own.

  @Test(arguments: scenes) private func forwardAgreesWithItsDefinition(_ scene: Scene) {
    let reference = scene.reference.forward(
      scene.input, weights: scene.weights, bias: scene.bias)
    for set in InstructionSet.available {
      expectAccurate(passes(scene, set).forward(), reference, within: 5e-6, "\(set)")
    }
  }

  @Test(arguments: scenes) private func sumsAndBiasesAreAdded(_ scene: Scene) {
    for set in InstructionSet.available { expectSums(passes(scene, set), within: 1e-6) }
  }

  @Test(arguments: scenes) private func backwardDataAgreesWithItsDefinition(_ scene: Scene) {
    let reference = scene.reference.backwardData(scene.gradient, weights: scene.weights)
    for set in InstructionSet.available {
      expectAccurate(passes(scene, set).backwardData(), reference, within: 5e-6, "\(set)")
    }
  }

  @Test(arguments: scenes) private func backwardWeightsAgreesWithItsDefinition(_ scene: Scene) {
    let reference = scene.reference.backwardWeights(scene.gradient, input: scene.input)
    let sums = zip(scene.earlier, reference).map { Double($0) + $1 }
    for set in InstructionSet.available {
      expectAccurate(passes(scene, set).backwardWeights(), sums, within: 1e-5, "\(set)")
    }
  }

  @Test(arguments: [Scene(2, 33, 65, 8, 12), Scene(1, 3, 2, 128, 160), Scene(2, 8, 40, 16, 16)])
  private func resultsDoNotDependOnTheWorkers(_ scene: Scene) {
    let one = passes(scene, workers: 1)
    for workers in [2, 3, 8] {
      let more = passes(scene, workers: workers)
      #expect(more.forward() == one.forward())
      #expect(more.backwardData() == one.backwardData())
      #expect(more.backwardWeights() == one.backwardWeights())
    }
  }

  @Test(arguments: [1, 2, 3, 5, 15]) func startsMayBeMisaligned(offset: Int) {
    let scene = Scene(2, 5, 9, 16, 32)
    let (aligned, moved) = (passes(scene), passes(scene, offset: offset))
    #expect(moved.forward() == aligned.forward())
    #expect(moved.backwardData() == aligned.backwardData())
    #expect(moved.backwardWeights() == aligned.backwardWeights())
  }

  /// A NaN reaches all outputs that see it, and none beyond the tiles of 4x4 that see it.
  @Test(arguments: [Scene(2, 3, 5, 9, 11), Scene(2, 3, 5, 12, 16)])
  private func notANumberTravels(_ scene: Scene) {
    let s = scene.shape
    let (row, column) = (4, 3)
    func spoil(_ values: [Float], channels: Int) -> [Float] {
      var values = values
      // Image 1, channel 1.
      values[((channels + 1) * s.input.height + row) * s.input.width + column] = .nan
      return values
    }
    func check(_ output: [Float], channels: Int, _ what: String) {
      for (index, value) in output.enumerated() {
        let (x, y) = (index % s.input.width, index / s.input.width % s.input.height)
        let image = index / (channels * s.input.count)
        let sees = image == 1 && abs(y - row) <= 1 && abs(x - column) <= 1
        let tileSees = image == 1 && y < 8 && x < 8  // rows 3 ... 5 and columns 2 ... 4
        if sees { #expect(value.isNaN, "\(what): (\(image), \(y), \(x))") }
        if !tileSees { #expect(value.isFinite, "\(what): (\(image), \(y), \(x))") }
      }
    }
    let passes = passes(scene)
    check(
      passes.forward(spoil(scene.input, channels: s.inputChannels)), channels: s.outputChannels,
      "forward")
    check(
      passes.backwardData(spoil(scene.gradient, channels: s.outputChannels)),
      channels: s.inputChannels, "backward by the input")
    let weights = passes.backwardWeights(spoil(scene.input, channels: s.inputChannels))
    for (index, value) in weights.enumerated() {
      #expect(value.isNaN == (index / 9 % s.inputChannels == 1), "weight \(index)")
    }
  }

  @Test func notANumberInAWeightSpoilsItsOutputChannel() {
    let scene = Scene(1, 3, 5, 9, 16)
    var weights = scene.weights
    weights[(2 * 3 + 1) * 9 + 4] = .nan
    for (index, value) in passes(scene).forward(weights: weights).enumerated() {
      #expect(value.isNaN == (index / scene.shape.output.count == 2), "output \(index)")
    }
  }
}

@Suite struct ConvolutionPlanTests {
  private static let scenes: [(Scene, ConvolutionPath)] = [
    (Scene(2, 3, 5, 9, 7), .columns), (Scene(1, 1, 40, 30, 31), .columns),
    (Scene(1, 37, 3, 12, 10), .columns), (Scene(2, 4, 6, 8, 10, stride: 2), .columns),
    (Scene(2, 20, 3, 9, 9, kernel: 4, stride: 2), .columns),
    (Scene(1, 3, 2, 5, 4, kernel: 7, padding: 3), .columns),
    (Scene(1, 40, 2, 40, 33), .columns), (Scene(3, 5, 7, 9, 9, kernel: 1, padding: 0), .columns),
    (Scene(3, 5, 7, 9, 9, kernel: 1, padding: 0), .pointwise),
    (Scene(2, 33, 70, 40, 31, kernel: 1, padding: 0), .pointwise),
    // Pixels enough for shares with sums of their own.
    (Scene(3, 3, 5, 256, 256, kernel: 1, padding: 0), .pointwise),
  ]

  private func passes(_ scene: Scene, _ path: ConvolutionPath, workers: Int, offset: Int = 0)
    -> Passes
  {
    Passes(
      scene: scene,
      algorithm: path == .columns
        ? ColumnConvolution(scene.shape, images: scene.images, workers: workers)
        : PointwiseConvolution(scene.shape, images: scene.images, workers: workers),
      offset: offset)
  }

  @Test(arguments: scenes) private func generalPathsAgreeWithTheDefinition(
    _ scene: Scene, _ path: ConvolutionPath
  ) {
    let reference = scene.reference
    let gradient = reference.backwardWeights(scene.gradient, input: scene.input)
    let one = passes(scene, path, workers: 1)
    // Sums of products in float32, as BLAS orders them.
    expectAccurate(
      one.forward(), reference.forward(scene.input, weights: scene.weights, bias: scene.bias),
      within: 2e-6, "forward")
    expectAccurate(
      one.backwardData(), reference.backwardData(scene.gradient, weights: scene.weights),
      within: 2e-6, "backward by the input")
    expectAccurate(
      one.backwardWeights(), zip(scene.earlier, gradient).map { Double($0) + $1 }, within: 2e-6,
      "backward by the weights")
    expectSums(one, within: 2e-6)
    for (workers, offset) in [(2, 1), (5, 7)] {
      let more = passes(scene, path, workers: workers, offset: offset)
      #expect(more.forward() == one.forward())
      #expect(more.backwardData() == one.backwardData())
      #expect(more.backwardWeights() == one.backwardWeights())
    }
  }

  @Test func thePathFollowsFromTheShape() {
    func path(_ scene: Scene) -> ConvolutionPath {
      ConvolutionPlan(scene.shape, images: scene.images).path
    }
    #expect(path(Scene(1, 64, 64, 128, 128)) == .winograd)
    #expect(path(Scene(2, 384, 128, 32, 32)) == .winograd)
    #expect(path(Scene(1, 256, 256, 16, 16)) == .winograd)
    #expect(path(Scene(1, 1, 32, 128, 128)) == .columns, "one input channel")
    #expect(path(Scene(1, 256, 256, 8, 8)) == .columns, "four tiles")
    #expect(path(Scene(4, 256, 256, 8, 8)) == .winograd, "sixteen tiles")
    #expect(path(Scene(1, 64, 64, 64, 64, stride: 2)) == .columns)
    #expect(path(Scene(1, 64, 64, 64, 64, padding: 0)) == .columns)
    #expect(path(Scene(1, 64, 64, 64, 64, kernel: 1, padding: 0)) == .pointwise)
    #expect(path(Scene(1, 64, 64, 64, 64, kernel: 1, stride: 2, padding: 0)) == .columns)
  }

  @Test func theGradientOfTheBiasIsTheSumOfTheOutputs() {
    let scene = Scene(3, 2, 5, 7, 9)
    let sums = FloatSlice.scratch(5)
    sums.fill(1)
    let gradient = FloatSlice.scratch(scene.gradient.count)
    gradient.copy(from: scene.gradient)
    ConvolutionPlan(scene.shape, images: 3).backwardBias(gradient, addingTo: sums)
    let expected = (0..<5).map { channel in
      scene.gradient.enumerated().reduce(1.0) {
        $0 + ($1.offset / 63 % 5 == channel ? Double($1.element) : 0)
      }
    }
    expectClose(sums.array, expected, rtol: 1e-5, atol: 1e-5)
  }
}
