import SpiderCore
import SpiderSupport
import SpiderTensor

/// Group normalisation of 32 groups, and x sigmoid(x) after it when asked.
struct SwishNorm {
  private let norm: GroupNorm
  private let swishes: Bool

  init(_ name: String, channels: Int, swishes: Bool = true, _ builder: inout LayerBuilder) {
    precondition(channels % 32 == 0, "\(channels) channels in 32 groups")
    norm = GroupNorm(
      name, channels: channels, groups: 32, relu: false, epsilon: 1e-6, layout: &builder.layout)
    self.swishes = swishes
  }

  /// (N, C, H, W) to the same shape.
  func callAsFunction(_ x: Activation, _ tape: Tape) -> Activation {
    let statistics = FloatSlice.scratch(norm.statisticsCount(images: x.shape[0]))
    var y = Tensor(uninitialized: x.shape)
    norm.forward(
      x.value.images, tape.parameters, into: y.mutableImages(), statistics: statistics)
    let normal = tape.isRecording && swishes ? y : nil
    if swishes {
      let memory = y.mutableSlice()
      Parallel.forEachWorker(splitting: memory.count) { _, range in
        Elements.swish(memory.part(range.lowerBound, range.count))
      }
    }
    let output = Activation(y)
    tape.record(output) { gradient, pool in
      var up = gradient
      if let normal { Elements.swishBackward(up.mutableSlice(), input: normal.slice) }
      var inputGradient = Tensor(uninitialized: x.shape)
      norm.backward(
        up.images, input: x.value.images, statistics: statistics, tape.parameters, pool,
        into: inputGradient.mutableImages())
      x.add(inputGradient)
    }
    return output
  }
}
