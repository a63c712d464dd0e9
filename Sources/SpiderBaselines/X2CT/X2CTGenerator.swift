import SpiderCore
import SpiderTensor

/// The multi-view generator of X2CT-GAN: two X-rays to one CT volume.
///
/// Each view has an encoder and a decoder of its own; level by level the volumes of both are brought
/// to CT order and averaged, the average feeds a third decoder and goes back into both views.
/// Parameters have the names and shapes of the published state dict.
public struct X2CTGenerator: Sendable {
  /// The volumes of one pass (N, 1, S, S, S).
  public struct Output {
    /// The reconstruction, in CT order.
    package let volume: Tensor
    /// Each view's own volume in the view's order; nil unless asked for.
    package let views: [Tensor]?
  }

  /// Widths.
  public let configuration: X2CTConfiguration
  /// Which of the published variants.
  public let variant: X2CTVariant
  /// Names and places of the parameters.
  package let layout: ParameterLayout
  private let branches: [ViewBranch]
  private let fused: FusedDecoder

  /// Builds the network. `published` are the names in a file of weights, where one is to be read: it
  /// decides which convolutions have a bias.
  public init(
    _ configuration: X2CTConfiguration = X2CTConfiguration(),
    _ variant: X2CTVariant = X2CTVariant(),
    published: Set<String>? = nil
  ) {
    precondition(configuration.fault == nil, configuration.fault ?? "")
    self.configuration = configuration
    self.variant = variant
    var builder = LayerBuilder(
      published: published, initializer: .normal(0.02), smallImages: .columns)
    branches = (1...2).map { ViewBranch("view\($0)Model", configuration, variant, &builder) }
    fused = FusedDecoder(configuration, variant, &builder)
    layout = builder.layout
  }

  /// Two X-rays (N, 1, S, S), PA and lateral, in the published orientation, to the volume. `needsViews`
  /// asks for the views' own volumes, which nothing in the published method uses.
  package func forward(_ images: [Tensor], _ tape: Tape, needsViews: Bool = false) -> Output {
    let result = run(images.map { Activation($0, isConstant: true) }, tape, needsViews: needsViews)
    return Output(volume: result.volume.value, views: result.views.map { $0.map(\.value) })
  }

  /// The same on activations, for training.
  func run(
    _ images: [Activation], _ tape: Tape, needsViews: Bool = false
  ) -> (volume: Activation, views: [Activation]?) {
    let features = zip(branches, images).map { $0.encode($1, tape) }
    // At full size a volume of the finest level takes half as much memory as the weights. So a level's decoders
    // run when the next level asks for what they make, and volumes go when they have been read.
    var average: Activation?
    var own: [Activation?] = [nil, nil]
    var result: Activation?
    func volume(_ view: Int, after level: Int) -> Activation? {
      let entered =
        variant.feedsBack ? average.map { variant.orders[view].toView($0, tape) } : own[view].take()
      return entered.map { branches[view].decode(level, $0, tape) }
    }
    for level in stride(from: X2CTConfiguration.coarsest, through: -1, by: -1) {
      let next = VolumeOrder.mean(variant.orders, tape) { view in
        let entered = branches[view].enter(
          level, volume(view, after: level + 1), features[view], tape)
        if !variant.feedsBack { own[view] = entered }
        return entered
      }
      tape.tap("fused\(level)", next)
      if let last = average.take() { result = fused.decode(level + 1, last, result.take(), tape) }
      average = next
    }
    let views =
      needsViews
      ? branches.indices.compactMap { view in
        volume(view, after: -1).map { branches[view].finish($0, tape) }
      } : nil
    own = []
    guard let last = average.take() else { preconditionFailure("no levels") }
    return (fused.finish(fused.decode(-1, last, result.take(), tape), tape), views)
  }
}
