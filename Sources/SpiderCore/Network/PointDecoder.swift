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

/// The decoder's working memory for a block of points: what goes in, what every layer makes of it,
/// and what comes out. In use it is scratch of one worker; in training it is a part of larger tensors,
/// which the backward pass reads again.
package struct PointBlock: Sendable {
  /// How many points, P.
  package var count: Int
  /// Where they are in the canonical frame: (P, 3).
  package var points: FloatSlice
  /// Where each view sees them: one (P, 2) of (column, row) a view.
  package var pixels: [FloatSlice]
  /// View features and code: (P, inputs).
  package var input: FloatSlice
  /// The outputs of the hidden layers: (P, width) each.
  package var hidden: [FloatSlice]
  /// Window units, 0 ... 1: (P, 1).
  package var intensity: FloatSlice
  /// Class scores before softmax: (P, K).
  package var logits: FloatSlice

  /// The points from `start` on.
  package func part(_ start: Int, _ count: Int) -> PointBlock {
    func rows(_ slice: FloatSlice) -> FloatSlice {
      let width = slice.count / max(1, self.count)
      return slice.part(start * width, count * width)
    }
    return PointBlock(
      count: count, points: rows(points), pixels: pixels.map(rows), input: rows(input),
      hidden: hidden.map(rows), intensity: rows(intensity), logits: rows(logits))
  }
}
