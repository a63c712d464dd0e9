import SpiderSupport
import SpiderTensor
import SpiderTestSupport
import Testing

/// Sizes that reach every path of the convolutions of volumes: odd volumes, edges, strides, even
/// kernels, a kernel as large as the volume, several tiles, several blocks of channels.
struct VolumeConvolutionCase: Sendable, CustomTestStringConvertible {
  var inputs = 3
  var outputs = 5
  var kernel = 3
  var stride = 1
  var padding = 1
  var outputPadding = 0
  var size = Extent3D(depth: 5, height: 4, width: 7)
  var hasBias = true
  var testDescription: String {
    "\(inputs)->\(outputs) k\(kernel) s\(stride) p\(padding)+\(outputPadding) "
      + "\(size.depth)x\(size.height)x\(size.width)"
  }
}

/// What the two layers have in common, as the tests use them.
private struct LayerUnderTest {
  var weight: Parameter
  var bias: Parameter?
  var parameters: ParameterArena
  var input: Tensor
  var forward: (Tensor, ParameterArena) -> Tensor
  var backward: (Tensor, Tensor, ParameterArena, GradientPool) -> Tensor?

  mutating func draw(_ shape: [Int]) {
    if let bias { parameters.set(bias, randomValues(bias.count, seed: 2)) }
    input = Tensor(shape, randomValues(shape.reduce(1, *), seed: 3))
  }
}

@Suite struct VolumeConvolutionTests {
  private func convolution(_ c: VolumeConvolutionCase) -> (Convolution, LayerUnderTest) {
    var layout = ParameterLayout()
    let layer = Convolution(
      "layer", over: .volumes, inputChannels: c.inputs, outputChannels: c.outputs, kernel: c.kernel,
      stride: c.stride, padding: c.padding, hasBias: c.hasBias, layout: &layout)
    var test = LayerUnderTest(
      weight: layer.weight, bias: layer.bias, parameters: ParameterArena(layout, seed: 1),
      input: Tensor([0]), forward: { layer.forward($0, $1) },
      backward: { layer.backward($0, input: $1, $2, $3) })
    test.draw([2, c.inputs, c.size.depth, c.size.height, c.size.width])
    return (layer, test)
  }

  private func transposed(
    _ c: VolumeConvolutionCase
  ) -> (TransposedConvolution, LayerUnderTest) {
    var layout = ParameterLayout()
    let layer = TransposedConvolution(
      "layer", inputChannels: c.inputs, outputChannels: c.outputs, kernel: c.kernel,
      stride: c.stride, padding: c.padding, outputPadding: c.outputPadding, hasBias: c.hasBias,
      layout: &layout)
    var test = LayerUnderTest(
      weight: layer.weight, bias: layer.bias, parameters: ParameterArena(layout, seed: 1),
      input: Tensor([0]), forward: { layer.forward($0, $1) },
      backward: { layer.backward($0, input: $1, $2, $3) })
    test.draw([2, c.inputs, c.size.depth, c.size.height, c.size.width])
    return (layer, test)
  }

  static let cases: [VolumeConvolutionCase] = [
    VolumeConvolutionCase(),
    VolumeConvolutionCase(kernel: 1, padding: 0),
    VolumeConvolutionCase(stride: 2, size: Extent3D(depth: 6, height: 5, width: 9)),
    VolumeConvolutionCase(kernel: 4, stride: 2, size: Extent3D(depth: 6, height: 8, width: 37)),
    VolumeConvolutionCase(kernel: 4, stride: 1, padding: 2),
    VolumeConvolutionCase(kernel: 2, stride: 3, padding: 0, hasBias: false),
    VolumeConvolutionCase(
      kernel: 5, stride: 3, padding: 2, size: Extent3D(depth: 7, height: 8, width: 11)),
    VolumeConvolutionCase(
      inputs: 2, outputs: 1, kernel: 7, padding: 3, size: Extent3D(depth: 3, height: 2, width: 4)),
    // More taps than a tile of columns holds: blocks of channels, and several tiles.
    VolumeConvolutionCase(
      inputs: 41, outputs: 2, size: Extent3D(depth: 9, height: 8, width: 7), hasBias: false),
    VolumeConvolutionCase(inputs: 1, outputs: 1, size: Extent3D(1)),
    // Deep volumes of few channels: slabs of planes, shares of tiles.
    VolumeConvolutionCase(
      inputs: 2, outputs: 3, stride: 2, size: Extent3D(depth: 41, height: 15, width: 17)),
    VolumeConvolutionCase(
      inputs: 1, outputs: 2, kernel: 2, stride: 3, padding: 1,
      size: Extent3D(depth: 44, height: 5, width: 6)),
    // Few output channels: separated rows, and the adjoint.
    VolumeConvolutionCase(inputs: 9, outputs: 2, kernel: 5, padding: 2),
    VolumeConvolutionCase(
      inputs: 8, outputs: 1, kernel: 4, padding: 2, size: Extent3D(depth: 33, height: 5, width: 6),
      hasBias: false),
    VolumeConvolutionCase(
      inputs: 12, outputs: 1, kernel: 3, padding: 1, size: Extent3D(depth: 4, height: 5, width: 6)),
    // Planes wide enough for Winograd.
    VolumeConvolutionCase(size: Extent3D(depth: 3, height: 14, width: 19)),
  ]

  static let transposedCases: [VolumeConvolutionCase] = [
    VolumeConvolutionCase(kernel: 4, stride: 2, size: Extent3D(depth: 3, height: 4, width: 5)),
    VolumeConvolutionCase(
      kernel: 3, stride: 2, outputPadding: 1, size: Extent3D(depth: 3, height: 2, width: 18)),
    VolumeConvolutionCase(
      kernel: 2, stride: 3, padding: 0, outputPadding: 2,
      size: Extent3D(depth: 2, height: 3, width: 4), hasBias: false),
    VolumeConvolutionCase(kernel: 5, stride: 3, padding: 2, outputPadding: 1),
    VolumeConvolutionCase(),
    VolumeConvolutionCase(inputs: 1, outputs: 1, kernel: 4, stride: 2, size: Extent3D(1)),
    VolumeConvolutionCase(
      inputs: 2, outputs: 2, kernel: 4, stride: 2, size: Extent3D(depth: 21, height: 3, width: 4)),
    VolumeConvolutionCase(
      inputs: 37, outputs: 19, kernel: 3, stride: 2, outputPadding: 1,
      size: Extent3D(depth: 5, height: 6, width: 7), hasBias: false),
  ]

  @Test(arguments: cases) func convolutionAgreesWithItsDefinition(_ c: VolumeConvolutionCase) {
    let (layer, test) = convolution(c)
    let shape = layer.shape(of: c.size)
    let output = test.forward(test.input, test.parameters)
    let expected = reference(test, outputPlane: shape.output.count) {
      ConvolutionReference(shape).forward($0, weights: $1)
    }
    #expect(
      output.shape == [
        2, c.outputs, shape.output.depth, shape.output.height, shape.output.width,
      ])
    // Sums of up to 1107 products of size one in float32: 1e-5 is some 30 roundings.
    expectClose(output.values, expected, rtol: 1e-5, atol: 4e-5)
  }

  @Test(arguments: transposedCases)
  func transposedConvolutionAgreesWithItsDefinition(_ c: VolumeConvolutionCase) {
    let (layer, test) = transposed(c)
    let output = test.forward(test.input, test.parameters)
    let expected = reference(test, outputPlane: layer.shape(of: c.size).input.count) {
      ConvolutionReference(layer.shape(of: c.size)).backwardData($0, weights: $1)
    }
    #expect(output.shape == [2, c.outputs] + extents(c.size, c))
    expectClose(output.values, expected, rtol: 1e-5, atol: 4e-5)
  }

  /// One input voxel lays the kernel down once, moved by the padding: no arithmetic of sizes shared
  /// with the layer.
  @Test func transposedConvolutionLaysDownItsKernel() {
    var layout = ParameterLayout()
    let layer = TransposedConvolution(
      "layer", inputChannels: 1, outputChannels: 1, kernel: 3, stride: 2, padding: 1,
      outputPadding: 1, layout: &layout)
    var parameters = ParameterArena(layout)
    // Plane 0 of the output sees the middle plane of the kernel, plane 1 the last.
    parameters.set(
      layer.weight,
      [Float](repeating: 0, count: 9) + [1, 2, 3, 4, 5, 6, 7, 8, 9]
        + [Float](repeating: 100, count: 9))
    parameters.set(layer.bias ?? layer.weight, [0.5])
    let output = layer.forward(Tensor([1, 1, 1, 2, 2], [1, 0, 0, 10]), parameters)
    #expect(output.shape == [1, 1, 2, 4, 4])
    #expect(
      Array(output.values.prefix(16)) == [
        5.5, 6.5, 0.5, 0.5, 8.5, 19.5, 20.5, 30.5, 0.5, 40.5, 50.5, 60.5, 0.5, 70.5, 80.5, 90.5,
      ])
    #expect(output.values[16] == 100.5)
  }

  @Test(arguments: cases) func convolutionBackwardIsTheAdjoint(_ c: VolumeConvolutionCase) throws {
    try expectAdjoint(convolution(c).1)
  }

  @Test(arguments: transposedCases)
  func transposedBackwardIsTheAdjoint(_ c: VolumeConvolutionCase) throws {
    try expectAdjoint(transposed(c).1)
  }

  @Test(arguments: [cases[0], cases[3], cases[6], cases[10], cases[12], cases[14]])
  func convolutionGradientsAgreeWithDifferences(_ c: VolumeConvolutionCase) throws {
    try expectGradients(convolution(c).1)
  }

  @Test(arguments: [transposedCases[0], transposedCases[1], transposedCases[3]])
  func transposedGradientsAgreeWithDifferences(_ c: VolumeConvolutionCase) throws {
    try expectGradients(transposed(c).1)
  }

  @Test func aFirstLayerNeedsNoInputGradient() {
    let (layer, test) = convolution(VolumeConvolutionCase())
    let pool = GradientPool(test.parameters.layout)
    let upstream = test.forward(test.input, test.parameters)
    #expect(
      layer.backward(upstream, input: test.input, test.parameters, pool, needsInputGradient: false)
        == nil)
  }

  /// Forward and the gradient of the input do not know how many workers made them, the gradient of the
  /// weights is the same from run to run.
  @Test func workersDoNotShow() throws {
    let size = Extent3D(depth: 9, height: 10, width: 11)
    let c = VolumeConvolutionCase(inputs: 20, outputs: 17, size: size)
    let strided = VolumeConvolutionCase(inputs: 20, outputs: 17, stride: 2, size: size)
    let few = VolumeConvolutionCase(
      inputs: 8, outputs: 2, kernel: 5, padding: 2, size: Extent3D(depth: 43, height: 10, width: 11)
    )
    let layers = [
      convolution(c).1, transposed(c).1, convolution(strided).1, transposed(strided).1,
      convolution(few).1, transposed(few).1,
    ]
    for test in layers {
      var outputs: [[Float]] = []
      var gradients: [[Float]] = []
      for workers in [1, 2, 5, 5] {
        try Parallel.withWorkerCount(workers) {
          let output = test.forward(test.input, test.parameters)
          let pool = GradientPool(test.parameters.layout)
          let gradient = try #require(test.backward(output, test.input, test.parameters, pool))
          outputs.append(output.values + gradient.values)
          gradients.append(pool.sum().part(test.weight.offset, test.weight.count).array)
        }
      }
      #expect(outputs.allSatisfy { $0 == outputs[0] })
      #expect(gradients[2] == gradients[3])
    }
  }

  // MARK: -

  /// (n - 1) stride - 2 padding + kernel + outputPadding along each axis.
  private func extents(_ size: Extent3D, _ c: VolumeConvolutionCase) -> [Int] {
    [size.depth, size.height, size.width].map {
      ($0 - 1) * c.stride - 2 * c.padding + c.kernel + c.outputPadding
    }
  }

  /// The definition applied to both volumes of the batch, with the bias.
  private func reference(
    _ test: LayerUnderTest, outputPlane: Int, _ map: ([Float], [Float]) -> [Double]
  ) -> [Double] {
    let bias = test.bias.map { test.parameters[$0].array }
    return (0..<2).flatMap { image in
      map(test.input.entry(image).array, test.parameters[test.weight].array).enumerated().map {
        $0.element + Double(bias?[$0.offset / outputPlane] ?? 0)
      }
    }
  }

  /// <Ax, y> = <x, A'y>, by the input and by the weights, and the bias's gradient is the sum of y.
  private func expectAdjoint(_ test: LayerUnderTest) throws {
    let output = test.forward(test.input, test.parameters)
    let upstream = Tensor(output.shape, randomValues(output.count, seed: 4))
    let pool = GradientPool(test.parameters.layout)
    let gradient = try #require(test.backward(upstream, test.input, test.parameters, pool))
    let sum = pool.sum()
    var linear = innerProduct(output.values, upstream.values)
    if let bias = test.bias {
      let biasGradient = sum.part(bias.offset, bias.count).array
      linear -= innerProduct(test.parameters[bias].array, biasGradient)
      let plane = output.count / 2 / bias.count
      let sums = (0..<bias.count).map { channel in
        (0..<2).reduce(0.0) { total, image in
          upstream.entry(image).part(channel * plane, plane).array.reduce(total) {
            $0 + Double($1)
          }
        }
      }
      // Sums of up to some thousand numbers of size one.
      expectClose(biasGradient, sums, rtol: 1e-5, atol: 1e-4, "bias")
    }
    let scale =
      (innerProduct(output.values, output.values)
      * innerProduct(upstream.values, upstream.values)).squareRoot()
    expectClose(
      innerProduct(test.input.values, gradient.values), linear, atol: 1e-5 * scale, "input")
    expectClose(
      innerProduct(
        test.parameters[test.weight].array, sum.part(test.weight.offset, test.weight.count).array),
      linear, atol: 1e-5 * scale, "weight")
  }

  private func expectGradients(_ test: LayerUnderTest) throws {
    let output = test.forward(test.input, test.parameters)
    let upstream = Tensor(output.shape, randomValues(output.count, seed: 4))
    let pool = GradientPool(test.parameters.layout)
    let gradient = try #require(test.backward(upstream, test.input, test.parameters, pool))
    expectGradient(
      gradient.values,
      of: {
        innerProduct(
          test.forward(Tensor(test.input.shape, $0), test.parameters).values, upstream.values)
      }, at: test.input.values, "input gradient")
    let sum = pool.sum()
    for parameter in [test.weight, test.bias].compactMap({ $0 }) {
      expectGradient(
        sum, of: { innerProduct(test.forward(test.input, $0).values, upstream.values) },
        parameter, at: test.parameters)
    }
  }
}
