import SpiderTensor

/// The SPIDER network: a shared encoder reads the X-rays, a decoder answers for points from their
/// pixel-aligned features and positional code (arXiv 2507.04684).
///
/// The struct holds the plan, not the numbers: parameters are an arena of its `layout`.
package struct SpiderNetwork: Sendable {
  /// The sizes it was built from.
  package let architecture: SpiderArchitecture
  /// Where each parameter lies.
  package let layout: ParameterLayout
  /// Reads each X-ray.
  package let encoder: UNetEncoder
  /// Codes the place of a point.
  package let code: any PositionalCode
  /// Answers for a point.
  package let decoder: PointDecoder

  /// Plans a network.
  package init(_ architecture: SpiderArchitecture) {
    var layout = ParameterLayout()
    encoder = UNetEncoder(
      "encoder", widths: architecture.encoderWidths, features: architecture.featuresPerView,
      layout: &layout)
    code = architecture.code.build("code", layout: &layout)
    let pooled = architecture.pooling == .concatenate ? architecture.viewCount : 1
    decoder = PointDecoder(
      "decoder", inputs: pooled * architecture.featuresPerView + code.width,
      hiddenWidths: architecture.hiddenWidths, classes: architecture.classes, layout: &layout)
    self.architecture = architecture
    self.layout = layout
  }

  /// Numbers a point gives the decoder.
  package var decoderInputs: Int { viewInputs + code.width }

  /// Of these, the ones that come from the views.
  var viewInputs: Int {
    architecture.featuresPerView
      * (architecture.pooling == .concatenate ? architecture.viewCount : 1)
  }

  /// Working memory for `count` points of its own.
  package func makeBlock(_ count: Int, views: Int) -> PointBlock {
    PointBlock(
      count: count, points: .scratch(count * 3),
      pixels: (0..<views).map { _ in .scratch(count * 2) },
      input: .scratch(count * decoderInputs),
      hidden: architecture.hiddenWidths.map { .scratch(count * $0) }, intensity: .scratch(count),
      logits: .scratch(count * architecture.classes))
  }

  /// Answers for a block of points whose places are filled in. `features` are the maps (H, W, F) of
  /// the views, in the order of the block's pixels.
  package func decode(
    _ block: PointBlock, features: [FloatSlice], height: Int, width: Int,
    _ parameters: ParameterArena
  ) {
    gather(block, features: features, height: height, width: width, parameters)
    decoder.forward(block, parameters)
  }

  /// The first half of `decode`: pixel-aligned features and code become the decoder's input.
  private func gather(
    _ block: PointBlock, features: [FloatSlice], height: Int, width: Int,
    _ parameters: ParameterArena
  ) {
    let shape = mapShape(height: height, width: width)
    for view in features.indices {
      let place = placement(view, of: features.count)
      PixelSampling.forward(
        features[view], shape, at: block.pixels[view], scale: place.scale,
        accumulate: place.accumulate,
        into: block.input.part(place.column, block.input.count - place.column),
        stride: decoderInputs)
    }
    code.encode(
      block.points, parameters, into: block.input.part(viewInputs, block.input.count - viewInputs),
      stride: decoderInputs)
  }

  /// The backward pass of the pixel-aligned sampling of one view: adds onto its map's gradient.
  package func sampleBackward(
    _ inputGradient: FloatSlice, view: Int, of views: Int, pixels: FloatSlice, height: Int,
    width: Int, addingTo map: FloatSlice
  ) {
    let place = placement(view, of: views)
    PixelSampling.backward(
      inputGradient.part(place.column, inputGradient.count - place.column), stride: decoderInputs,
      mapShape(height: height, width: width), at: pixels, scale: place.scale, addingTo: map)
  }

  /// The backward pass of one table of the positional code, over all points of a batch.
  func codeBackward(
    _ inputGradient: FloatSlice, table: Int, of batch: TrainingBatch, _ pool: GradientPool
  ) {
    code.backward(
      inputGradient.part(viewInputs, inputGradient.count - viewInputs), stride: decoderInputs,
      points: batch.points.slice, table: table, pool)
  }

  private func mapShape(height: Int, width: Int) -> FeatureMapShape {
    FeatureMapShape(height: height, width: width, channels: architecture.featuresPerView)
  }

  /// Where a view's features go in the decoder's input, and with which weight.
  private func placement(_ view: Int, of views: Int) -> (
    column: Int, scale: Float, accumulate: Bool
  ) {
    switch architecture.pooling {
    case .concatenate: return (view * architecture.featuresPerView, 1, false)
    case .mean: return (0, 1 / Float(views), view > 0)
    }
  }
}
