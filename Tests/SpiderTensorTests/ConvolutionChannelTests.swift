import SpiderTensor
import SpiderTestSupport
import Testing

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
