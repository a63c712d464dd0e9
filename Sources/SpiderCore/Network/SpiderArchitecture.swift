/// How the features of several views become one input of the decoder.
public enum ViewPooling: String, Codable, Sendable {
  /// Side by side: the order of the views matters, and their number is fixed (as in SPIDER).
  case concatenate
  /// The mean over views: any number of views, in any order.
  case mean
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
  /// What the decoder is told about the place of a point.
  public var code: PositionalCodeChoice
  /// Widths of the decoder's hidden layers.
  public var hiddenWidths: [Int]
  /// Tissue classes.
  public var classes: Int

  /// The default network: a light encoder, Fourier code, three hidden layers.
  public init(
    encoderWidths: [Int] = [24, 48, 96, 192], featuresPerView: Int = 64, viewCount: Int = 2,
    pooling: ViewPooling = .concatenate, code: PositionalCodeChoice = .fourier(octaves: 6),
    hiddenWidths: [Int] = [128, 128, 128], classes: Int = LabelScheme.head.count
  ) {
    self.encoderWidths = encoderWidths
    self.featuresPerView = featuresPerView
    self.viewCount = viewCount
    self.pooling = pooling
    self.code = code
    self.hiddenWidths = hiddenWidths
    self.classes = classes
  }

  /// The network as far as the SPIDER paper is known: four-level U-Net, hash code of 11 levels of 8
  /// features, concatenation, MLP, parallel structure head (arXiv 2507.04684). Widths are ours.
  public static let paper = SpiderArchitecture(
    encoderWidths: [32, 64, 128, 256], code: .paper, hiddenWidths: [256, 256, 256])

  /// Why a network of these sizes cannot be, or nil: for sizes that come from a file.
  public var fault: String? {
    let sizes = encoderWidths + hiddenWidths + [featuresPerView, viewCount, classes]
    guard (1...8).contains(encoderWidths.count), (1...16).contains(hiddenWidths.count) else {
      return "\(encoderWidths.count) encoder levels and \(hiddenWidths.count) hidden layers"
    }
    guard sizes.allSatisfy({ (1...8192).contains($0) }), viewCount <= 64, classes <= 250 else {
      return "a layer width, view count or class count out of range"
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
