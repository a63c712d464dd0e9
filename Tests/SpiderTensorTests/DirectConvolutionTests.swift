import SpiderSupport
import SpiderTensor
import SpiderTestSupport
import Testing

/// Convolutions straight from the rows, wide kernels and doubling volumes, against their definition in
/// double, at every instruction set.
@Suite struct DirectConvolutionTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var inputs: Int
    var outputs: Int
    var size: Extent3D
    var kernel = Extent3D(7)
    var padding = Extent3D(3)
    var images = 1
    var testDescription: String { "\(images)x \(inputs)->\(outputs) \(size) \(kernel) \(padding)" }

    /// A wide kernel over the size, or the convolution that halves twice the size.
    func shape(halving: Bool) -> ConvolutionShape {
      halving
        ? ConvolutionShape(
          inputChannels: outputs, outputChannels: inputs,
          input: Extent3D(depth: 2 * size.depth, height: 2 * size.height, width: 2 * size.width),
          kernel: Extent3D(3), stride: Extent3D(2), padding: Extent3D(1))
        : ConvolutionShape(
          inputChannels: inputs, outputChannels: outputs, input: size, kernel: kernel,
          stride: Extent3D(1), padding: padding)
    }
  }

  /// Blocks of 8 x 32 that are whole and cut, one voxel, odd numbers of channels, a kernel deeper than the
  /// volume, kernels that are not as deep as wide, no padding and the most.
  private static let wide = [
    Case(inputs: 3, outputs: 1, size: Extent3D(depth: 9, height: 16, width: 64)),
    Case(inputs: 2, outputs: 3, size: Extent3D(depth: 4, height: 11, width: 37), images: 2),
    Case(inputs: 1, outputs: 1, size: Extent3D(1)),
    Case(
      inputs: 2, outputs: 2, size: Extent3D(depth: 9, height: 8, width: 41),
      kernel: Extent3D(depth: 3, height: 7, width: 7), padding: Extent3D(0)),
    Case(
      inputs: 2, outputs: 1, size: Extent3D(depth: 3, height: 5, width: 9),
      kernel: Extent3D(depth: 2, height: 7, width: 7),
      padding: Extent3D(depth: 1, height: 6, width: 6)),
    Case(
      inputs: 1, outputs: 1, size: Extent3D(depth: 20, height: 3, width: 70),
      kernel: Extent3D(depth: 1, height: 7, width: 7),
      padding: Extent3D(depth: 0, height: 6, width: 0)),
  ]
  private static let doubled = [
    Case(inputs: 3, outputs: 5, size: Extent3D(depth: 3, height: 4, width: 7)),
    Case(inputs: 2, outputs: 4, size: Extent3D(depth: 2, height: 3, width: 16), images: 2),
    Case(inputs: 17, outputs: 2, size: Extent3D(depth: 2, height: 2, width: 37)),
    Case(inputs: 1, outputs: 1, size: Extent3D(1)),
    Case(inputs: 40, outputs: 3, size: Extent3D(depth: 1, height: 5, width: 8), images: 3),
  ]

  /// Numbers that start where no vector is aligned.
  private func misaligned(_ values: [Float]) -> FloatSlice {
    let slice = FloatSlice.scratch(values.count + 1).part(1, values.count)
    slice.copy(from: values)
    return slice
  }

  private func scratch(_ count: Int) -> FloatSlice {
    let slice = FloatSlice.scratch(count)
    slice.fill(.nan)
    return slice
  }

  /// The pass of a case: forward of a wide kernel, the gradient of the input where volumes are doubled.
  private func pass(
    _ c: Case, halving: Bool, workers: Int = 2, _ level: InstructionSet = .best,
    input: [Float]? = nil, addingTo sum: [Float]? = nil
  ) -> [Float] {
    let s = c.shape(halving: halving)
    let weights = misaligned(randomValues(s.weightCount, seed: 2))
    let bias = misaligned(randomValues(c.outputs, seed: 3))
    let values = input ?? self.input(c, halving: halving)
    let count = c.images * (halving ? s.inputCount : s.outputCount)
    let memory = FloatSlice.scratch(count + 34)
    memory.fill(77)
    let output = memory.part(17, count)
    output.copy(from: sum ?? [Float](repeating: .nan, count: count))
    if halving {
      let layer = HalvingConvolution(s, images: c.images, workers: workers, level: level)
      layer.backwardData(
        misaligned(values), weights: weights, bias: bias, into: output,
        scratch: scratch(layer.dataScratchCount))
    } else {
      let layer = WideKernelConvolution(s, images: c.images, workers: workers, level: level)
      layer.forward(
        misaligned(values), weights: weights, bias: bias, into: output, adding: sum != nil,
        scratch: scratch(layer.forwardScratchCount))
    }
    let around = memory.part(0, 17).array + memory.part(count + 17, 17).array
    #expect(around.allSatisfy { $0 == 77 }, "wrote beyond its output")
    return output.array
  }

  private func input(_ c: Case, halving: Bool) -> [Float] {
    let s = c.shape(halving: halving)
    return randomValues(c.images * (halving ? s.outputCount : s.inputCount), seed: 1)
  }

  private func expected(_ c: Case, halving: Bool) -> [Double] {
    let s = c.shape(halving: halving)
    let reference = ConvolutionReference(s, images: c.images)
    let weights = randomValues(s.weightCount, seed: 2)
    let bias = randomValues(c.outputs, seed: 3)
    guard halving else {
      return reference.forward(input(c, halving: false), weights: weights, bias: bias)
    }
    let plane = s.input.count
    return reference.backwardData(input(c, halving: true), weights: weights).enumerated().map {
      $0.element + Double(bias[$0.offset / plane % c.outputs])
    }
  }

  private func expectAccurate(_ actual: [Float], _ expected: [Double], _ what: String) {
    let largest = expected.reduce(0) { max($0, abs($1)) }
    expectClose(actual, expected, atol: 2e-6 * largest, what)
  }

  @Test(arguments: wide) func wideKernelsAgreeWithTheirDefinition(_ c: Case) {
    let expected = expected(c, halving: false)
    let earlier = randomValues(expected.count, seed: 4)
    for level in InstructionSet.available {
      expectAccurate(pass(c, halving: false, level), expected, "\(level)")
      expectAccurate(
        pass(c, halving: false, level, addingTo: earlier),
        zip(expected, earlier).map { $0 + Double($1) }, "\(level), added")
    }
  }

  @Test(arguments: doubled) func doubledVolumesAgreeWithTheirDefinition(_ c: Case) {
    let expected = expected(c, halving: true)
    for level in InstructionSet.available {
      expectAccurate(pass(c, halving: true, level), expected, "\(level)")
    }
  }

  @Test func workersDoNotShow() {
    for (c, halving) in [(Self.wide[1], false), (Self.wide[0], false), (Self.doubled[1], true)] {
      let one = pass(c, halving: halving, workers: 1)
      for workers in [2, 3, 8] {
        #expect(pass(c, halving: halving, workers: workers) == one, "\(workers) workers")
      }
    }
  }

  /// A NaN reaches the outputs that see it and no others.
  @Test func notANumberTravels() {
    let c = Case(inputs: 2, outputs: 2, size: Extent3D(depth: 9, height: 17, width: 40))
    let (z, y, x) = (4, 8, 20)
    for (halving, places) in [(false, [(-3, 3)]), (true, [(-1, 1)])] {
      var values = input(c, halving: halving)
      values[((c.size.depth + z) * c.size.height + y) * c.size.width + x] = .nan
      let size = halving ? c.shape(halving: true).input : c.size
      let scale = halving ? 2 : 1
      for level in InstructionSet.available {
        let output = pass(c, halving: halving, level, input: values)
        let wrong = output.indices.filter { index in
          let place = [
            index / (size.height * size.width) % size.depth - scale * z,
            index / size.width % size.height - scale * y, index % size.width - scale * x,
          ]
          let sees = place.allSatisfy { $0 >= places[0].0 && $0 <= places[0].1 }
          return output[index].isNaN != sees
        }
        #expect(wrong.isEmpty, "\(level): \(wrong.count) of \(output.count)")
      }
    }
  }

  @Test func pathsFollowTheShape() {
    let size = Extent3D(depth: 8, height: 16, width: 32)
    let wide = Case(inputs: 16, outputs: 1, size: size).shape(halving: false)
    let halving = Case(inputs: 16, outputs: 8, size: size).shape(halving: true)
    #expect(ConvolutionPath.choose(wide, images: 1) == .wideKernel)
    #expect(ConvolutionPath.choose(halving, images: 1) == .halving)
    var odd = halving
    odd.input.width += 1
    #expect(ConvolutionPath.choose(odd, images: 1) == .columns)
    // The other passes are those of the general algorithms: on every path the three are one convolution.
    for shape in [wide, halving] {
      let plan = ConvolutionPlan(shape, images: 1)
      let columns = ConvolutionPlan(shape, images: 1, path: .columns)
      func weightGradient(_ plan: ConvolutionPlan) -> [Float] {
        let sum = misaligned(randomValues(shape.weightCount, seed: 5))
        plan.backwardWeights(
          misaligned(randomValues(shape.outputCount, seed: 6)),
          input: misaligned(randomValues(shape.inputCount, seed: 7)), addingTo: sum,
          scratch: scratch(plan.scratchCount))
        return sum.array
      }
      expectClose(weightGradient(plan), weightGradient(columns), rtol: 1e-5, atol: 2e-3)
    }
  }
}
