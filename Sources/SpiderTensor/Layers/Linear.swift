import SpiderSupport

/// A linear layer on rows, with ReLU after it when asked: y = relu(x W^T + b).
///
/// Works on blocks of rows, one thread a block: the caller owns the parallelism.
package struct Linear: Sendable {
  /// Numbers of a row in.
  package let inputs: Int
  /// Numbers of a row out.
  package let outputs: Int
  /// Whether ReLU follows.
  package let relu: Bool
  /// (outputs, inputs).
  package let weight: Parameter
  /// (outputs).
  package let bias: Parameter

  /// Builds the layer.
  package init(
    _ name: String, inputs: Int, outputs: Int, relu: Bool, layout: inout ParameterLayout
  ) {
    self.inputs = inputs
    self.outputs = outputs
    self.relu = relu
    weight = layout.add("\(name).weight", [outputs, inputs], .he(inputs: inputs), perWorker: true)
    bias = layout.add("\(name).bias", [outputs], .constant(0), perWorker: true)
  }

  /// Rows (M, inputs) to rows (M, outputs).
  package func forward(_ input: FloatSlice, _ parameters: ParameterArena, into output: FloatSlice) {
    let rows = input.count / inputs
    precondition(output.count == rows * outputs, "\(output.count) numbers for \(rows) rows")
    BLAS.multiply(
      m: rows, n: outputs, k: inputs, .rows(input, stride: inputs),
      .transposed(parameters[weight], stride: inputs), into: output, stride: outputs)
    Elements.addBias(parameters[bias], to: output, relu: relu)
  }

  /// The gradient of the rows in from that of the rows out, which is overwritten by its masked form.
  /// `beta` 1 adds to what `inputGradient` holds. Parameter gradients go to the worker's sums.
  package func backward(
    _ gradient: FloatSlice, input: FloatSlice, output: FloatSlice, _ parameters: ParameterArena,
    _ pool: GradientPool, worker: Int, into inputGradient: FloatSlice, beta: Float = 0
  ) {
    let rows = input.count / inputs
    if relu { Elements.reluBackward(gradient, output: output) }
    BLAS.multiply(
      m: outputs, n: inputs, k: rows, .transposed(gradient, stride: outputs),
      .rows(input, stride: inputs), into: pool.slice(weight, worker: worker), stride: inputs,
      beta: 1)
    Elements.addColumnSums(gradient, to: pool.slice(bias, worker: worker))
    BLAS.multiply(
      m: rows, n: inputs, k: outputs, .rows(gradient, stride: outputs),
      .rows(parameters[weight], stride: inputs), into: inputGradient, stride: inputs, beta: beta)
  }
}

/// A 1x1 convolution that leaves its output channel-last: (N, C in, H, W) to (N, H, W, C out), with ReLU after it when
/// asked.
///
/// All features of one pixel then lie together in memory, as the pixel-aligned sampler reads them.
package struct PixelProjection: Sendable {
  /// Channels in.
  package let inputChannels: Int
  /// Channels out.
  package let outputChannels: Int
  /// Whether ReLU follows.
  package let relu: Bool
  /// (C out, C in).
  package let weight: Parameter
  /// (C out).
  package let bias: Parameter

  /// Builds the layer.
  package init(
    _ name: String, inputChannels: Int, outputChannels: Int, relu: Bool = false,
    layout: inout ParameterLayout
  ) {
    self.inputChannels = inputChannels
    self.outputChannels = outputChannels
    self.relu = relu
    weight = layout.add(
      "\(name).weight", [outputChannels, inputChannels, 1, 1], .he(inputs: inputChannels),
      perWorker: true)
    bias = layout.add("\(name).bias", [outputChannels], .constant(0), perWorker: true)
  }

  /// Pixels that are worked on at once: they stay in the cache for all products.
  private static let block = 1024

  /// The projected pixels.
  package func forward(
    _ input: ImageSlice, _ parameters: ParameterArena, into output: FloatSlice
  ) {
    forEachBlock(of: input, limit: nil, output) { _, x, pixels, y in
      project(x, stride: input.plane, pixels: pixels, parameters, into: y)
    }
  }

  /// Y (pixels x C out) = X^T (pixels x C in) W^T + b.
  private func project(
    _ x: FloatSlice, stride: Int, pixels: Int, _ parameters: ParameterArena, into y: FloatSlice
  ) {
    BLAS.multiply(
      m: pixels, n: outputChannels, k: inputChannels, .transposed(x, stride: stride),
      .transposed(parameters[weight], stride: inputChannels), into: y, stride: outputChannels)
    Elements.addBias(parameters[bias], to: y, relu: relu)
  }

  /// Numbers of scratch that the backward pass needs with so many workers.
  package func scratchCount(workers: Int) -> Int {
    relu ? workers * Self.block * outputChannels : 0
  }

  /// The gradient of the input from that of the output; adds the parameters' gradients to the pool.
  /// The gradient of the input takes the memory of the input. With ReLU the output, whose memory that of the
  /// output's gradient may have taken, is worked out once more, block by block.
  package func backward(
    _ gradient: FloatSlice, replacing input: ImageSlice, _ parameters: ParameterArena,
    _ pool: GradientPool, scratch: FloatSlice
  ) {
    forEachBlock(of: input, limit: pool.workerCount, gradient) { worker, x, pixels, up in
      if relu {
        let output = scratch.part(
          worker * Self.block * outputChannels, pixels * outputChannels)
        project(x, stride: input.plane, pixels: pixels, parameters, into: output)
        Elements.reluBackward(up, output: output)
      }
      BLAS.multiply(
        m: outputChannels, n: inputChannels, k: pixels, .transposed(up, stride: outputChannels),
        .transposed(x, stride: input.plane), into: pool.slice(weight, worker: worker),
        stride: inputChannels, beta: 1)
      Elements.addColumnSums(up, to: pool.slice(bias, worker: worker))
      BLAS.multiply(
        m: inputChannels, n: pixels, k: outputChannels,
        .transposed(parameters[weight], stride: inputChannels),
        .transposed(up, stride: outputChannels), into: x, stride: input.plane)
    }
  }

  /// Runs `body` for every block of pixels: their channels in, a plane apart, and their rows out.
  private func forEachBlock(
    of input: ImageSlice, limit: Int?, _ output: FloatSlice,
    _ body: @Sendable (_ worker: Int, _ x: FloatSlice, _ pixels: Int, _ y: FloatSlice) -> Void
  ) {
    let plane = input.plane
    precondition(
      input.channels == inputChannels && output.count == input.count * plane * outputChannels,
      "from \(input.place) to \(output.count) numbers for \(inputChannels) channels")
    let blocks = (plane + Self.block - 1) / Self.block
    Parallel.forEachWorker(splitting: input.count * blocks, limit: limit) { worker, range in
      for item in range {
        let start = item % blocks * Self.block
        let pixels = min(Self.block, plane - start)
        body(
          worker,
          input.image(item / blocks).part(start, (inputChannels - 1) * plane + pixels), pixels,
          output.part(
            (item / blocks * plane + start) * outputChannels, pixels * outputChannels))
      }
    }
  }
}
