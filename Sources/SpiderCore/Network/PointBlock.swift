import SpiderTensor

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
