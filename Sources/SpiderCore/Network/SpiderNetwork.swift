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
      "encoder", inputChannels: architecture.imageChannels, widths: architecture.encoderWidths,
      features: architecture.featuresPerView, relu: architecture.anyViews != nil, layout: &layout)
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

/// How the features of several views become one input of the decoder.
public enum ViewPooling: String, CaseIterable, Codable, Sendable {
  /// Side by side: the order of the views matters, and their number is fixed (as in SPIDER).
  case concatenate
  /// The mean over views: any number of views, in any order.
  case mean
}

/// Between how many views a network reads.
public struct ViewCounts: Codable, Hashable, Sendable, CustomStringConvertible {
  /// The fewest.
  public var least: Int
  /// The most.
  public var most: Int

  /// States both.
  public init(least: Int = 1, most: Int = 4) { (self.least, self.most) = (least, most) }

  /// Both, for people.
  public var description: String {
    least == most ? "\(least) from any side" : "\(least) to \(most) from any side"
  }
}

/// The sizes of a SPIDER network: all that is needed to build it.
public struct SpiderArchitecture: Codable, Hashable, Sendable {
  /// Channels of the encoder's levels, finest first.
  public var encoderWidths: [Int]
  /// Features a view gives a point.
  public var featuresPerView: Int
  /// How many views the network reads; with mean pooling, how many it was trained with.
  public var viewCount: Int
  /// How views are put together.
  public var pooling: ViewPooling
  /// Between how many views it reads, whatever their directions; nil: only those its description names. It then
  /// sees beside each X-ray where the pixels' rays come from (`RayPlanes`), and its features go through ReLU before
  /// their mean is taken: the mean of a linear projection knows no more than that of the channels projected.
  public var anyViews: ViewCounts?
  /// What the decoder is told about the place of a point.
  public var code: PositionalCodeChoice
  /// Widths of the decoder's hidden layers.
  public var hiddenWidths: [Int]
  /// Tissue classes.
  public var classes: Int

  /// The default network: a light encoder, Fourier code, three hidden layers.
  public init(
    encoderWidths: [Int] = [24, 48, 96, 192], featuresPerView: Int = 64, viewCount: Int = 2,
    pooling: ViewPooling = .concatenate, anyViews: ViewCounts? = nil,
    code: PositionalCodeChoice = .fourier(octaves: 6),
    hiddenWidths: [Int] = [128, 128, 128], classes: Int = LabelScheme.head.count
  ) {
    self.encoderWidths = encoderWidths
    self.featuresPerView = featuresPerView
    self.viewCount = viewCount
    self.pooling = pooling
    self.anyViews = anyViews
    self.code = code
    self.hiddenWidths = hiddenWidths
    self.classes = classes
  }

  /// The network as far as the SPIDER paper is known: four-level U-Net, hash code of 11 levels of 8
  /// features, concatenation, MLP, parallel structure head (arXiv 2507.04684). Widths are ours.
  public static let paper = SpiderArchitecture(
    encoderWidths: [32, 64, 128, 256], code: .paper, hiddenWidths: [256, 256, 256])

  /// Planes of an image that the encoder reads: the X-ray, and where its rays come from.
  package var imageChannels: Int { anyViews == nil ? 1 : 1 + RayPlanes.count }

  /// The most views that it reads.
  package var mostViews: Int { anyViews?.most ?? viewCount }

  /// Why a network of these sizes cannot be, or nil: for sizes that come from a file.
  public var fault: String? {
    let sizes = encoderWidths + hiddenWidths + [featuresPerView, viewCount, classes]
    guard (1...8).contains(encoderWidths.count), (1...16).contains(hiddenWidths.count) else {
      return "\(encoderWidths.count) encoder levels and \(hiddenWidths.count) hidden layers"
    }
    guard sizes.allSatisfy({ (1...8192).contains($0) }), viewCount <= 64, classes <= 250 else {
      return "a layer width, view count or class count out of range"
    }
    if let anyViews {
      guard pooling == .mean else { return "any views, but not the mean over them" }
      guard 1 <= anyViews.least, anyViews.least <= anyViews.most, anyViews.most <= 16 else {
        return
          "anyViews of \(anyViews.least) to \(anyViews.most) views; it must go up, from 1 to 16"
      }
      guard (anyViews.least...anyViews.most).contains(viewCount) else {
        return "\(viewCount) views (viewCount, views) where anyViews says \(anyViews.least) to "
          + "\(anyViews.most)"
      }
    }
    switch code {
    case .fourier(let octaves):
      return (0...16).contains(octaves) ? nil : "\(octaves) octaves of Fourier features"
    case .hash(let levels, let features, let tableBits, let coarsest, let finest):
      let fine =
        (1...32).contains(levels) && (1...16).contains(features) && (1...22).contains(tableBits)
        && (1...4096).contains(coarsest) && (coarsest...4096).contains(finest)
      return fine ? nil : "a hash code of impossible sizes"
    }
  }
}
