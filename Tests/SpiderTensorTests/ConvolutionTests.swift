import SpiderTensor
import SpiderTestSupport
import Testing

/// Sizes that reach every path: odd images, edges, strides, one tap, even kernels, several tiles.
struct ConvolutionCase: Sendable, CustomTestStringConvertible {
  var inputs = 3
  var outputs = 5
  var kernel = 3
  var stride = 1
  var padding = 1
  var height = 9
  var width = 7
  var hasBias = true
  var testDescription: String {
    "\(inputs)->\(outputs) k\(kernel) s\(stride) p\(padding) \(height)x\(width)"
  }
}

@Suite struct ConvolutionTests {
  static let cases: [ConvolutionCase] = [
    ConvolutionCase(),
    ConvolutionCase(kernel: 1, padding: 0),
    ConvolutionCase(stride: 2, height: 8, width: 10),
    ConvolutionCase(kernel: 4, stride: 2, padding: 1, height: 8, width: 8),
    ConvolutionCase(kernel: 7, padding: 3, height: 5, width: 4, hasBias: false),
    ConvolutionCase(inputs: 40, outputs: 2, height: 40, width: 33, hasBias: false),
    ConvolutionCase(inputs: 1, outputs: 1, height: 1, width: 1),
    // Images as volumes of depth 1 on every path: gaps between windows, no padding, even kernels, a
    // single channel whose outputs are shared out, Winograd.
    ConvolutionCase(kernel: 5, stride: 3, padding: 2, height: 11, width: 14),
    ConvolutionCase(kernel: 2, stride: 3, padding: 0, height: 8, width: 9),
    ConvolutionCase(padding: 0),
    ConvolutionCase(kernel: 2, padding: 1),
    ConvolutionCase(inputs: 1, outputs: 37, height: 12, width: 15),
    ConvolutionCase(inputs: 9, outputs: 3, height: 17, width: 20),
  ]

  private func setUp(_ c: ConvolutionCase) -> (Convolution, ParameterArena, Tensor) {
    var layout = ParameterLayout()
    let layer = Convolution(
      "layer", over: .images, inputChannels: c.inputs, outputChannels: c.outputs, kernel: c.kernel,
      stride: c.stride, padding: c.padding, hasBias: c.hasBias, layout: &layout)
    var parameters = ParameterArena(layout, seed: 1)
    if let bias = layer.bias { parameters.set(bias, randomValues(bias.count, seed: 2)) }
    let shape = [2, c.inputs, c.height, c.width]
    return (layer, parameters, Tensor(shape, randomValues(shape.reduce(1, *), seed: 3)))
  }

  @Test(arguments: cases) func agreesWithItsDefinition(_ c: ConvolutionCase) {
    let (layer, parameters, input) = setUp(c)
    let output = layer.forward(input, parameters)
    let reference = ConvolutionReference(
      layer.shape(of: Extent3D(depth: 1, height: c.height, width: c.width)), images: 2
    ).forward(
      input.values, weights: parameters[layer.weight].array,
      bias: layer.bias.map { parameters[$0].array })
    // Sums of up to 360 products of size one in float32: 1e-5 is some 30 roundings.
    expectClose(output.values, reference, rtol: 1e-5, atol: 2e-5)
  }

  /// The layer is linear, so its backward pass by the input is its adjoint: <Ax, y> = <x, A'y>; by the
  /// weights likewise.
  @Test(arguments: cases) func backwardIsTheAdjoint(_ c: ConvolutionCase) {
    let (layer, parameters, input) = setUp(c)
    let output = layer.forward(input, parameters)
    let upstream = Tensor(output.shape, randomValues(output.count, seed: 4))
    let pool = GradientPool(parameters.layout)
    let gradient = layer.backwardReplacing(upstream, input: input, parameters, pool)
    let sum = pool.sum()
    let weightGradient = sum.part(layer.weight.offset, layer.weight.count).array
    let linear: Double
    if let bias = layer.bias {
      let biasGradient = sum.part(bias.offset, bias.count).array
      linear =
        innerProduct(output.values, upstream.values)
        - innerProduct(parameters[bias].array, biasGradient)
    } else {
      linear = innerProduct(output.values, upstream.values)
    }
    let scale =
      (innerProduct(output.values, output.values)
      * innerProduct(upstream.values, upstream.values)).squareRoot()
    expectClose(innerProduct(input.values, gradient.values), linear, atol: 1e-5 * scale, "input")
    expectClose(
      innerProduct(parameters[layer.weight].array, weightGradient), linear, atol: 1e-5 * scale,
      "weight")
    // Linear, so that any step is exact and a large one suffers least from rounding.
    expectGradient(
      gradient.values,
      of: {
        innerProduct(layer.forward(Tensor(input.shape, $0), parameters).values, upstream.values)
      }, at: input.values, step: 1, "input gradient")
    expectGradient(
      weightGradient,
      of: {
        var moved = parameters
        moved.set(layer.weight, $0)
        return innerProduct(layer.forward(input, moved).values, upstream.values)
      }, at: parameters[layer.weight].array, step: 1, "weight gradient")
  }

  /// The weights' gradient is the same with the input's and without.
  @Test func firstLayerNeedsNoInputGradient() {
    let (layer, parameters, input) = setUp(ConvolutionCase())
    let upstream = layer.forward(input, parameters)
    let (pool, whole) = (GradientPool(parameters.layout), GradientPool(parameters.layout))
    let plan = layer.plan(images: 2, height: 9, width: 7)
    layer.backward(
      upstream.images, input: input.images, plan, parameters, pool, into: nil,
      scratch: .scratch(plan.scratchCount))
    _ = layer.backwardReplacing(upstream, input: input, parameters, whole)
    #expect(pool.sum().array == whole.sum().array)
  }
}

/// A convolution of volumes computed from ranges of its input channels, one after the other, against the
/// convolution of all channels at once, on every path.
@Suite struct ConvolutionChannelTests {
  private static let cases: [(VolumeConvolutionCase, ConvolutionPath)] = [
    // Whole tiles, and runs that end inside tiles.
    (.init(inputs: 5, outputs: 9, size: Extent3D(depth: 4, height: 32, width: 16)), .winograd),
    (.init(inputs: 4, outputs: 3, size: Extent3D(depth: 3, height: 13, width: 19)), .winograd),
    (.init(inputs: 26, outputs: 1, kernel: 4, padding: 2), .adjoint),
    (.init(inputs: 8, outputs: 2, kernel: 5, padding: 2), .separatedRows),
    (.init(inputs: 5, outputs: 6, kernel: 3, stride: 2), .columns),
    (.init(inputs: 4, outputs: 6, kernel: 1, padding: 0, hasBias: false), .pointwise),
  ]

  @Test(arguments: 0..<cases.count) func partsAddUp(_ number: Int) {
    let (c, path) = Self.cases[number]
    var layout = ParameterLayout()
    let layer = Convolution(
      "layer", over: .volumes, inputChannels: c.inputs, outputChannels: c.outputs, kernel: c.kernel,
      stride: c.stride, padding: c.padding, hasBias: c.hasBias, layout: &layout)
    #expect(ConvolutionPath.choose(layer.shape(of: c.size), images: 2) == path)
    var parameters = ParameterArena(layout, seed: 1)
    if let bias = layer.bias { parameters.set(bias, randomValues(bias.count, seed: 2)) }
    let extents = [c.size.depth, c.size.height, c.size.width]
    let size = extents.reduce(1, *)
    let input = randomValues(2 * c.inputs * size, seed: 3)
    func part(_ channels: Range<Int>) -> Tensor {
      let values = (0..<2).flatMap { image in
        let start = (image * c.inputs + channels.lowerBound) * size
        return input[start..<start + channels.count * size]
      }
      return Tensor([2, channels.count] + extents, values)
    }
    let whole = layer.forward(part(0..<c.inputs), parameters)
    let split = c.inputs / 2
    var sum = layer.forward(part(split..<c.inputs), channels: split..<c.inputs, parameters)
    layer.add(part(0..<split), channels: 0..<split, parameters, to: &sum)
    #expect(sum.shape == whole.shape)
    expectClose(sum.values, whole.values, rtol: 0, atol: 2e-5, "\(c) in two parts")
  }
}
