import SpiderTensor

/// The MLP that answers for a point: hidden layers with ReLU, then an intensity head and a structure
/// head side by side. Works on one block of points at a time, which stays in cache through all layers.
package struct PointDecoder: Sendable {
  let hidden: [Linear]
  let intensity: Linear
  let structure: Linear

  /// Builds the decoder.
  package init(
    _ name: String, inputs: Int, hiddenWidths: [Int], classes: Int, layout: inout ParameterLayout
  ) {
    var hidden: [Linear] = []
    var width = inputs
    for (index, next) in hiddenWidths.enumerated() {
      hidden.append(
        Linear("\(name).hidden.\(index)", inputs: width, outputs: next, relu: true, layout: &layout)
      )
      width = next
    }
    self.hidden = hidden
    intensity = Linear("\(name).intensity", inputs: width, outputs: 1, relu: false, layout: &layout)
    structure = Linear(
      "\(name).structure", inputs: width, outputs: classes, relu: false, layout: &layout)
  }

  /// Fills the block's hidden layers, intensity and logits from its input.
  package func forward(_ block: PointBlock, _ parameters: ParameterArena) {
    var x = block.input
    for (layer, output) in zip(hidden, block.hidden) {
      layer.forward(x, parameters, into: output)
      x = output
    }
    intensity.forward(x, parameters, into: block.intensity)
    structure.forward(x, parameters, into: block.logits)
  }

  /// Numbers of scratch a worker needs in the backward pass of a block: two rows of the widest hidden
  /// layer a point.
  func scratchCount(points: Int) -> Int { 2 * points * widest }

  /// Adds the gradients of the parameters to the worker's sums, from those of intensity and logits,
  /// which stand in the places of these; leaves that of the block's input in its place.
  package func backward(
    _ block: PointBlock, _ parameters: ParameterArena, _ pool: GradientPool, worker: Int,
    scratch: FloatSlice
  ) {
    // The gradient of one layer's output is read while that of its input is written.
    func target(_ depth: Int) -> FloatSlice {
      guard depth > 0 else { return block.input }
      return scratch.part(
        depth % 2 * block.count * widest, block.count * hidden[depth - 1].outputs)
    }
    let top = block.hidden.last ?? block.input
    let topGradient = target(hidden.count)
    structure.backward(
      block.logits, input: top, output: block.logits, parameters, pool, worker: worker,
      into: topGradient)
    intensity.backward(
      block.intensity, input: top, output: block.intensity, parameters, pool, worker: worker,
      into: topGradient, beta: 1)
    for depth in Swift.stride(from: hidden.count, to: 0, by: -1) {
      hidden[depth - 1].backward(
        target(depth), input: depth > 1 ? block.hidden[depth - 2] : block.input,
        output: block.hidden[depth - 1], parameters, pool, worker: worker, into: target(depth - 1))
    }
  }

  private var widest: Int { hidden.map(\.outputs).max() ?? 0 }
}
