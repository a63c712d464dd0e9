import SpiderCore

/// The multi-view generator of X2CT-GAN: two X-rays to one CT volume.
///
/// Each view has an encoder and a decoder of its own; level by level the volumes of both are brought
/// to CT order and averaged, the average feeds a third decoder and goes back into both views.
/// Parameters have the names and shapes of the published state dict.
public struct X2CTGenerator: Sendable {
  /// The volumes of one pass (N, 1, S, S, S).
  public struct Output {
    /// The reconstruction, in CT order.
    public let volume: Tensor
    /// Each view's own volume in the view's order; nil unless asked for.
    public let views: [Tensor]?
  }

  /// Widths.
  public let configuration: X2CTConfiguration
  /// Which of the published variants.
  public let variant: X2CTVariant
  /// Names and places of the parameters.
  public let layout: ParameterLayout
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
  public func forward(_ images: [Tensor], _ pass: Pass, needsViews: Bool = false) -> Output {
    let result = run(images.map { Activation($0, isConstant: true) }, pass, needsViews: needsViews)
    return Output(volume: result.volume.value, views: result.views.map { $0.map(\.value) })
  }

  /// The same on activations, for training.
  func run(
    _ images: [Activation], _ pass: Pass, needsViews: Bool = false
  ) -> (volume: Activation, views: [Activation]?) {
    let features = zip(branches, images).map { $0.encode($1, pass) }
    var volumes: [Activation?] = [nil, nil]
    var result: Activation?
    for level in stride(from: X2CTConfiguration.coarsest, through: -1, by: -1) {
      // A volume that has been read goes at once: at full size each takes as much as half the weights.
      var entered = branches.indices.map { view in
        defer { volumes[view] = nil }
        return branches[view].enter(level, volumes[view], features[view], pass)
      }
      let average = VolumeOrder.mean(entered, variant.orders, pass)
      pass.tap("fused\(level)", average)
      result = fused.decode(level, average, result, pass)
      guard level > -1 || needsViews else { break }
      if variant.feedsBack { entered = variant.orders.map { $0.toView(average, pass) } }
      volumes = zip(branches, entered).map { $0.decode(level, $1, pass) }
    }
    guard let result else { preconditionFailure("no levels") }
    let views = zip(branches, volumes).compactMap { branch, volume in
      needsViews ? volume.map { branch.finish($0, pass) } : nil
    }
    return (fused.finish(result, pass), needsViews ? views : nil)
  }
}
