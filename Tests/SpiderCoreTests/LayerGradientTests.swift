import SpiderCore
import SpiderTensor
import SpiderTestSupport
import Testing

/// Every layer's backward pass against finite differences of its forward pass.
@Suite struct LayerGradientTests {
  private func images(_ shape: [Int], seed: UInt64) -> Tensor {
    Tensor(shape, randomValues(shape.reduce(1, *), seed: seed))
  }

  @Test(arguments: [(8, 4, true), (6, 4, true), (5, 8, false)])
  func groupNorm(channels: Int, groups: Int, relu: Bool) {
    var layout = ParameterLayout()
    let layer = GroupNorm("norm", channels: channels, groups: groups, relu: relu, layout: &layout)
    var parameters = ParameterArena(layout)
    parameters.set(layer.gamma, randomValues(channels, seed: 1).map { 1 + 0.3 * $0 })
    parameters.set(layer.beta, randomValues(channels, seed: 2))
    // A seed for which no value lies so close to the kink of the positive part that a step crosses it.
    let input = images([2, channels, 5, 3], seed: 13)
    let output = layer.forward(input, parameters)
    expectClose(
      output.values, layer.referenceForward(input, parameters), atol: 1e-5, "against the definition"
    )
    let upstream = images(output.shape, seed: 4)
    let pool = GradientPool(layout)
    let gradient = layer.backward(upstream, input: input, parameters, pool)
    let sum = pool.sum()
    func value(_ x: Tensor, _ p: ParameterArena) -> Double {
      innerProduct(layer.forward(x, p).values, upstream.values)
    }
    expectGradient(
      gradient.values, of: { value(Tensor(input.shape, $0), parameters) }, at: input.values,
      step: 2e-3, rtol: 2e-2, "input")
    for parameter in [layer.gamma, layer.beta] {
      expectGradient(
        sum, of: { value(input, $0) }, parameter, at: parameters, step: 2e-3, rtol: 2e-2)
    }
  }

  @Test func groupNormHasMeanZeroAndVarianceOne() {
    var layout = ParameterLayout()
    let layer = GroupNorm("norm", channels: 6, groups: 3, relu: false, layout: &layout)
    let parameters = ParameterArena(layout, seed: 0)
    let input = Tensor([1, 6, 16, 16], randomValues(1536, seed: 5).map { 40 + 3 * $0 })
    let output = layer.forward(input, parameters).values
    for group in 0..<3 {
      let values = output[group * 512..<(group + 1) * 512].map(Double.init)
      let mean = values.reduce(0, +) / 512
      let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 512
      expectClose([mean, variance], [0, 1], atol: 1e-4)
    }
  }

  /// What statistics round is the same for a whole channel, and normalisations after it over few values amplify
  /// it: many values about a mean of many deviations cost no digit.
  @Test func groupNormOfManyValuesFarFromZero() {
    let side = 128
    var layout = ParameterLayout()
    let layer = GroupNorm("norm", channels: 1, groups: 1, relu: false, layout: &layout)
    let parameters = ParameterArena(layout, seed: 0)
    let count = side * side
    let input = Tensor([1, 1, side, side], randomValues(count, seed: 6).map { 20 + $0 })
    let x = input.values.map(Double.init)
    let mean = x.reduce(0, +) / Double(count)
    let variance = x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count)
    let exact = x.map { ($0 - mean) / (variance + 1e-5).squareRoot() }
    expectClose(layer.forward(input, parameters).values, exact, atol: 1e-6)
  }

  @Test func averagePoolAndUpsampleAreAdjoint() {
    let small = images([2, 3, 4, 5], seed: 1)
    let large = images([2, 3, 8, 10], seed: 2)
    expectClose(
      innerProduct(AveragePool.forward(large).values, small.values),
      innerProduct(large.values, AveragePool.backward(small).values), atol: 1e-4, "pool")
    expectClose(
      innerProduct(Upsample.forward(small).values, large.values),
      innerProduct(small.values, Upsample.backward(large).values), atol: 1e-4, "upsample")
    expectClose(AveragePool.forward(Upsample.forward(small)).values, small.values, atol: 1e-6)
    let means = AveragePool.forward(Tensor([1, 1, 2, 4], [1, 2, 3, 4, 5, 6, 7, 8]))
    expectClose(means.values, [3.5, 5.5] as [Float], atol: 0)
  }

  /// Layers write into some of the channels of a batch and read them, and leave the others alone.
  @Test func someChannelsOfABatchAreABatch() throws {
    var layout = ActivationLayout()
    let joined = layout.images([2, 5, 8, 6])
    let memory = ActivationArena(layout)
    memory[joined].all.fill(7)
    let (large, small) = (images([2, 3, 8, 6], seed: 1), images([2, 2, 4, 3], seed: 2))
    for n in 0..<2 { memory[joined.channels(0..<3)].image(n).copy(from: large.entry(n)) }
    Upsample.forward(small.images, into: memory[joined.channels(3..<5)])
    let doubled = Upsample.forward(small)
    for n in 0..<2 {
      expectClose(
        memory[joined].image(n).array, large.entry(n).array + doubled.entry(n).array, atol: 0)
    }
    var halved = Tensor([2, 3, 4, 3])
    AveragePool.forward(memory[joined.channels(0..<3)], into: halved.mutableImages())
    expectClose(halved.values, AveragePool.forward(large).values, atol: 0)
    AveragePool.backward(halved.images, addingTo: memory[joined.channels(0..<3)])
    let spread = AveragePool.backward(halved)
    expectClose(
      memory[joined].image(1).array,
      zip(large.entry(1).array, spread.entry(1).array).map(+) + doubled.entry(1).array, atol: 1e-6)
    var summed = Tensor([2, 2, 4, 3])
    Upsample.backward(memory[joined.channels(3..<5)], into: summed.mutableImages())
    expectClose(summed.values, small.values.map { 4 * $0 }, rtol: 1e-6, atol: 0)
  }

  /// ReLU passes on the gradient of what is above 0: what the plain projection makes of the masked gradient, to the bit.
  @Test func pixelProjectionWithReLU() {
    var (layout, same) = (ParameterLayout(), ParameterLayout())
    let plain = PixelProjection(
      "projection", inputChannels: 5, outputChannels: 7, layout: &layout)
    let layer = PixelProjection(
      "projection", inputChannels: 5, outputChannels: 7, relu: true, layout: &same)
    var parameters = ParameterArena(layout, seed: 1)
    parameters.set(layer.bias, randomValues(7, seed: 2))
    let input = images([2, 5, 33, 40], seed: 3)
    let (linear, output) = (
      plain.forward(input, parameters), layer.forward(input, parameters)
    )
    #expect(output.values == linear.values.map { max(0, $0) })
    #expect((2000...16000).contains(output.values.count { $0 == 0 }))
    let upstream = images(output.shape, seed: 4)
    let masked = Tensor(output.shape, zip(upstream.values, output.values).map { $1 > 0 ? $0 : 0 })
    let pools = (GradientPool(layout), GradientPool(layout))
    let gradients = (
      layer.backward(upstream, input: input, parameters, pools.0),
      plain.backward(masked, input: input, parameters, pools.1)
    )
    #expect(gradients.0.values == gradients.1.values)
    #expect(pools.0.sum().array == pools.1.sum().array)
  }

  @Test func pixelProjection() {
    var layout = ParameterLayout()
    let layer = PixelProjection(
      "projection", inputChannels: 5, outputChannels: 7, layout: &layout)
    var parameters = ParameterArena(layout, seed: 1)
    parameters.set(layer.bias, randomValues(7, seed: 2))
    let input = images([2, 5, 33, 40], seed: 3)  // more than one block of pixels
    let output = layer.forward(input, parameters)
    #expect(output.shape == [2, 33, 40, 7])
    let upstream = images(output.shape, seed: 4)
    let pool = GradientPool(layout)
    let gradient = layer.backward(upstream, input: input, parameters, pool)
    let sum = pool.sum()
    expectGradient(
      gradient.values,
      of: {
        innerProduct(layer.forward(Tensor(input.shape, $0), parameters).values, upstream.values)
      }, at: input.values, "input")
    for parameter in [layer.weight, layer.bias] {
      expectGradient(
        sum, of: { innerProduct(layer.forward(input, $0).values, upstream.values) }, parameter,
        at: parameters)
    }
  }

  @Test(arguments: [true, false]) func linear(relu: Bool) {
    var layout = ParameterLayout()
    let layer = Linear("linear", inputs: 6, outputs: 4, relu: relu, layout: &layout)
    var parameters = ParameterArena(layout, seed: 1)
    parameters.set(layer.bias, randomValues(4, seed: 2))
    let input = randomValues(6 * 9, seed: 3)
    let upstream = randomValues(4 * 9, seed: 4)
    func value(_ x: [Float], _ p: ParameterArena) -> (Double, FloatSlice) {
      let output = FloatSlice.scratch(4 * 9)
      let rows = FloatSlice.scratch(x.count)
      rows.copy(from: x)
      layer.forward(rows, p, into: output)
      return (innerProduct(output.array, upstream), output)
    }
    let pool = GradientPool(layout)
    let (rows, up, dx) = (
      FloatSlice.scratch(54), FloatSlice.scratch(36), FloatSlice.scratch(54)
    )
    rows.copy(from: input)
    up.copy(from: upstream)
    dx.fill(1)
    layer.backward(
      up, input: rows, output: value(input, parameters).1, parameters, pool, worker: 0, into: dx,
      beta: 1)
    let sum = pool.sum()
    expectGradient(
      dx.array.map { $0 - 1 }, of: { value($0, parameters).0 }, at: input, step: 1e-3, "input")
    for parameter in [layer.weight, layer.bias] {
      expectGradient(
        sum, of: { value(input, $0).0 }, parameter, at: parameters, step: 1e-3)
    }
  }

  @Test func convolutionBlock() {
    var layout = ParameterLayout()
    let block = ConvolutionBlock("block", inputChannels: 2, outputChannels: 8, layout: &layout)
    let parameters = ParameterArena(layout, seed: 1)
    let input = images([1, 2, 6, 6], seed: 2)
    var activations = ActivationLayout()
    let plan = block.plan(images: 1, height: 6, width: 6, forTraining: true, &activations)
    let memory = ActivationArena(activations)
    func forward(_ x: Tensor, _ p: ParameterArena) -> [Float] {
      block.forward(x.images, plan, memory, p)
      return memory[plan.output].all.array
    }
    let upstream = randomValues(8 * 36, seed: 3)
    let pool = GradientPool(layout)
    var gradient = input
    let images = gradient.mutableImages()
    _ = forward(gradient, parameters)
    memory[plan.output].all.copy(from: upstream)
    block.backward(images, plan, memory, parameters, pool, into: images)
    expectGradient(
      gradient.values, of: { innerProduct(forward(Tensor(input.shape, $0), parameters), upstream) },
      at: input.values, step: 1e-3, rtol: 5e-2, "input")
    expectGradient(
      pool.sum().array,
      of: {
        var moved = parameters
        moved.storage.mutableSlice().copy(from: $0)
        return innerProduct(forward(input, moved), upstream)
      }, at: parameters.storage.values, step: 1e-3, rtol: 5e-2, "parameters")
  }
}
