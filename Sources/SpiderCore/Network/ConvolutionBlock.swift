import SpiderTensor

/// Twice a 3x3 convolution, group normalisation and ReLU: the block of the U-Net.
package struct ConvolutionBlock: Sendable {
  let first: Convolution
  let firstNorm: GroupNorm
  let second: Convolution
  let secondNorm: GroupNorm

  /// Where a pass keeps the activations of a block.
  package struct Plan: Sendable {
    let firstConvolution: ConvolutionPlan
    let secondConvolution: ConvolutionPlan
    let first: ImagePlace
    let firstStatistics: NumbersPlace
    let middle: ImagePlace
    let second: ImagePlace
    let secondStatistics: NumbersPlace
    /// Where the answer goes, (N, C out, H, W), and then its gradient.
    package let output: ImagePlace
  }

  /// Builds the block.
  package init(
    _ name: String, inputChannels: Int, outputChannels: Int, layout: inout ParameterLayout
  ) {
    // The normalisation takes any bias away again, so the convolutions have none.
    first = Convolution(
      "\(name).first", over: .images, inputChannels: inputChannels, outputChannels: outputChannels,
      hasBias: false, layout: &layout)
    firstNorm = GroupNorm("\(name).firstNorm", channels: outputChannels, layout: &layout)
    second = Convolution(
      "\(name).second", over: .images, inputChannels: outputChannels,
      outputChannels: outputChannels,
      hasBias: false, layout: &layout)
    secondNorm = GroupNorm("\(name).secondNorm", channels: outputChannels, layout: &layout)
  }

  /// Plans a pass over N images of a height and a width. The answer goes to `output`, or to a place of
  /// its own. A pass that runs forward only normalises in place and keeps nothing but its answer.
  package func plan(
    images: Int, height: Int, width: Int, output: ImagePlace? = nil, forTraining: Bool,
    _ layout: inout ActivationLayout
  ) -> Plan {
    let convolutions = [first, second].map { $0.plan(images: images, height: height, width: width) }
    for plan in convolutions {
      layout.needScratch(forTraining ? plan.scratchCount : plan.forwardScratchCount)
    }
    let shape = [images, first.outputChannels, height, width]
    let numbers = firstNorm.statisticsCount(images: images)
    let one = layout.images(shape)
    let middle = forTraining ? layout.images(shape) : one
    let two = layout.images(shape)
    let plan = Plan(
      firstConvolution: convolutions[0], secondConvolution: convolutions[1],
      first: one, firstStatistics: layout.numbers(numbers), middle: middle,
      second: two, secondStatistics: layout.numbers(numbers),
      output: output ?? (forTraining ? layout.images(shape) : two))
    if !forTraining {
      layout.release(one)
      if output != nil { layout.release(two) }
    }
    return plan
  }

  /// (N, C in, H, W) to the plan's output, (N, C out, H, W).
  package func forward(
    _ input: ImageSlice, _ plan: Plan, _ memory: ActivationArena, _ parameters: ParameterArena
  ) {
    first.forward(
      input, plan.firstConvolution, parameters, into: memory[plan.first], scratch: memory.scratch)
    firstNorm.forward(
      memory[plan.first], parameters, into: memory[plan.middle],
      statistics: memory[plan.firstStatistics])
    second.forward(
      memory[plan.middle], plan.secondConvolution, parameters, into: memory[plan.second],
      scratch: memory.scratch)
    secondNorm.forward(
      memory[plan.second], parameters, into: memory[plan.output],
      statistics: memory[plan.secondStatistics])
  }

  /// The gradient of the input from that of the output, which stands in the output's place. Without
  /// `inputGradient` it is not computed; it may be the memory of the input.
  package func backward(
    _ input: ImageSlice, _ plan: Plan, _ memory: ActivationArena, _ parameters: ParameterArena,
    _ pool: GradientPool, into inputGradient: ImageSlice?
  ) {
    let (one, middle, two) = (memory[plan.first], memory[plan.middle], memory[plan.second])
    secondNorm.backward(
      memory[plan.output], input: two, statistics: memory[plan.secondStatistics], parameters, pool,
      into: two)
    second.backward(
      two, input: middle, plan.secondConvolution, parameters, pool, into: middle,
      scratch: memory.scratch)
    firstNorm.backward(
      middle, input: one, statistics: memory[plan.firstStatistics], parameters, pool, into: one)
    first.backward(
      one, input: input, plan.firstConvolution, parameters, pool, into: inputGradient,
      scratch: memory.scratch)
  }
}
