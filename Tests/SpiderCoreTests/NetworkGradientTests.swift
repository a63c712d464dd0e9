import SpiderCore
import SpiderSupport
import SpiderTensor
import SpiderTestSupport
import Testing

/// The whole network: every parameter's gradient against finite differences, for each positional code
/// and each way of putting views together.
@Suite struct NetworkGradientTests {
  struct Variant: Sendable, CustomTestStringConvertible {
    var pooling: ViewPooling
    var code: PositionalCodeChoice
    var testDescription: String { "\(pooling), \(code)" }
  }

  static let variants = [
    Variant(pooling: .concatenate, code: .fourier(octaves: 3)),
    Variant(
      pooling: .mean,
      code: .hash(levels: 3, features: 2, tableBits: 6, coarsest: 2, finest: 9)),
  ]

  private func batch(
    patients: Int, views: Int, points: Int, planes: Int = 1
  ) -> TrainingBatch {
    var random = SeededGenerator(seed: 8)
    let total = patients * points
    return TrainingBatch(
      images: Tensor(
        [patients * views, planes, 8, 12],
        randomValues(patients * views * planes * 96, seed: 5)),
      points: Tensor(
        [patients, points, 3], (0..<total * 3).map { _ in Float(random.uniform(in: -0.5...0.5)) }),
      // Some points project out of the detector: they get zeros.
      pixels: Tensor(
        [patients, views, points, 2],
        (0..<total * views * 2).map { _ in Float(random.uniform(in: -2...12)) }),
      intensity: Tensor([patients, points]), labels: [UInt8](repeating: 0, count: total))
  }

  private func network(_ variant: Variant) -> (SpiderNetwork, ParameterArena) {
    let network = SpiderNetwork(
      SpiderArchitecture(
        encoderWidths: [4, 6], featuresPerView: 5, viewCount: 2, pooling: variant.pooling,
        code: variant.code, hiddenWidths: [9, 7], classes: 3))
    var parameters = ParameterArena(network.layout, seed: 4)
    // Hash tables start near zero, where their gradient would drown in rounding.
    for parameter in network.layout.parameters where parameter.name.hasSuffix("table") {
      parameters.set(parameter, randomValues(parameter.count, seed: 6))
    }
    return (network, parameters)
  }

  @Test(arguments: variants) func parameterGradients(_ variant: Variant) {
    let (network, parameters) = network(variant)
    expectGradients(of: network, parameters, batch(patients: 2, views: 2, points: 40))
  }

  /// A network of any views: rays beside the X-rays, ReLU before the mean, as many views as there are.
  @Test(arguments: [1, 3]) func gradientsOfAnyViews(_ views: Int) {
    let network = SpiderNetwork(Self.anyViews)
    var parameters = ParameterArena(network.layout, seed: 4)
    // Where a pixel's channels are all 0, its features would lie just in ReLU's bend.
    for parameter in network.layout.parameters where parameter.name == "encoder.projection.bias" {
      parameters.set(parameter, randomValues(parameter.count, seed: 6))
    }
    expectGradients(
      of: network, parameters,
      batch(patients: 2, views: views, points: 40, planes: 4), step: 5e-5)
  }

  private static let anyViews = SpiderArchitecture(
    encoderWidths: [4, 6], featuresPerView: 6, viewCount: 2, pooling: .mean,
    anyViews: ViewCounts(least: 1, most: 3), code: .fourier(octaves: 2), hiddenWidths: [9, 7],
    classes: 3)

  /// Steps of several shapes take turns in one memory: what each answers is what it answers in memory of its own.
  @Test func severalShapesShareTheirMemory() {
    let network = SpiderNetwork(Self.anyViews)
    let parameters = ParameterArena(network.layout, seed: 4)
    let batches = [1, 3, 2].map { batch(patients: 2, views: $0, points: 40, planes: 4) }
    let shared = network.makeWorkspaces(batches.map(\.shape))
    func run(_ batch: TrainingBatch, _ pass: StepWorkspace) -> [[Float]] {
      network.forward(batch, pass, parameters)
      let answers = pass.intensity.array
      let pool = GradientPool(network.layout)
      network.backward(batch, pass, parameters, pool)
      return [answers, pool.sum().array]
    }
    for (batch, pass) in zip(batches, shared) {
      let here = run(batch, pass)
      #expect(here == run(batch, network.makeWorkspace(batch.shape)))
      #expect(here.allSatisfy { $0.contains { $0 != 0 } })
    }
  }

  private func expectGradients(
    of network: SpiderNetwork, _ parameters: ParameterArena, _ batch: TrainingBatch,
    step: Double = 1e-3
  ) {
    let up = (randomValues(80, seed: 1), randomValues(240, seed: 2))
    let pass = network.makeWorkspace(batch.shape)
    func value(_ p: ParameterArena) -> Double {
      network.forward(batch, pass, p)
      return innerProduct(pass.intensity.array, up.0) + innerProduct(pass.logits.array, up.1)
    }
    network.forward(batch, pass, parameters)
    let pool = GradientPool(network.layout)
    pass.intensity.copy(from: up.0)
    pass.logits.copy(from: up.1)
    network.backward(batch, pass, parameters, pool)
    let sum = pool.sum()
    for parameter in network.layout.parameters {
      expectGradient(
        sum, of: value, parameter, at: parameters, step: step, rtol: 6e-2, axes: 3, directions: 2)
    }
  }

  /// Gathering, code and MLP of a block against the plain definition, point by point.
  @Test(arguments: variants) func answersAgreeWithTheirDefinition(_ variant: Variant) {
    let (network, parameters) = network(variant)
    let batch = batch(patients: 1, views: 2, points: 60)
    let (height, width) = (8, 12)
    let maps = (0..<2).map { randomValues(height * width * 5, seed: 20 + UInt64($0)) }
    let slices = maps.map { map -> FloatSlice in
      let slice = FloatSlice.scratch(map.count)
      slice.copy(from: map)
      return slice
    }
    let block = network.makeBlock(60, views: 2)
    block.points.copy(from: batch.points.values)
    for view in 0..<2 {
      block.pixels[view].copy(from: Array(batch.pixels.values[view * 120..<(view + 1) * 120]))
    }
    network.decode(block, features: slices, height: height, width: width, parameters)
    var (intensity, logits) = ([Double](), [Double]())
    for p in 0..<60 {
      let point = (0..<3).map { Double(batch.points.values[3 * p + $0]) }
      let answer = network.referenceAnswer(
        point: SIMD3(point),
        pixels: (0..<2).map { view in
          SIMD2(Double(block.pixels[view][2 * p]), Double(block.pixels[view][2 * p + 1]))
        }, features: maps, height: height, width: width, parameters)
      intensity.append(answer.intensity)
      logits += answer.logits
    }
    expectClose(block.intensity.array, intensity, rtol: 1e-4, atol: 1e-5, "intensity")
    expectClose(block.logits.array, logits, rtol: 1e-4, atol: 1e-5, "logits")
  }

  @Test func meanPoolingForgetsTheOrderOfViews() {
    let network = SpiderNetwork(
      SpiderArchitecture(
        encoderWidths: [4], featuresPerView: 5, viewCount: 2, pooling: .mean,
        code: .fourier(octaves: 1), hiddenWidths: [8], classes: 3))
    let parameters = ParameterArena(network.layout, seed: 1)
    let straight = batch(patients: 1, views: 2, points: 30)
    var swapped = straight
    swapped.images = Tensor(
      straight.images.shape, straight.images.entry(1).array + straight.images.entry(0).array)
    let pixels = straight.pixels.values
    swapped.pixels = Tensor(straight.pixels.shape, Array(pixels[60...]) + Array(pixels[..<60]))
    let pass = network.makeWorkspace(straight.shape)
    func answers(_ batch: TrainingBatch) -> [Float] {
      network.forward(batch, pass, parameters)
      return pass.intensity.array
    }
    expectClose(answers(straight), answers(swapped), atol: 1e-5)
  }

  @Test func fourierCodeAgreesWithItsDefinition() {
    let code = FourierCode(octaves: 6)
    var random = SeededGenerator(seed: 3)
    let points = (0..<50).map { _ in
      SIMD3((0..<3).map { _ in Double(Float(random.uniform(in: -0.6...0.6))) })
    }
    let input = FloatSlice.scratch(150)
    input.copy(from: points.flatMap { [Float($0.x), Float($0.y), Float($0.z)] })
    let output = FloatSlice.scratch(50 * code.width)
    code.encode(input, ParameterArena(ParameterLayout()), into: output, stride: code.width)
    expectClose(
      output.array, points.flatMap { code.reference($0, ParameterArena(ParameterLayout())) },
      atol: 1e-6)
  }

  @Test func hashCodeInterpolatesItsTable() {
    var layout = ParameterLayout()
    let code = HashCode(
      "code", levels: 1, features: 1, tableBits: 8, coarsest: 4, finest: 4, layout: &layout)
    var parameters = ParameterArena(layout)
    // 5^3 corners fit 256 rows: dense, x fastest. A linear function of position is kept exactly.
    var table = [Float](repeating: 0, count: 256)
    for z in 0..<5 {
      for y in 0..<5 { for x in 0..<5 { table[(z * 5 + y) * 5 + x] = Float(x + 10 * y + 100 * z) } }
    }
    parameters.set(code.table, table)
    let points = randomValues(60, seed: 1, scale: 0.2).map { max(-0.5, min(0.5, $0)) }
    let input = FloatSlice.scratch(60)
    input.copy(from: points)
    let output = FloatSlice.scratch(20)
    code.encode(input, parameters, into: output, stride: 1)
    var expected: [Float] = []
    for p in 0..<20 {
      let (x, y, z) = (points[3 * p] + 0.5, points[3 * p + 1] + 0.5, points[3 * p + 2] + 0.5)
      expected.append(4 * (x + 10 * y + 100 * z))
    }
    expectClose(output.array, expected, rtol: 1e-5, atol: 1e-4)
  }
}
