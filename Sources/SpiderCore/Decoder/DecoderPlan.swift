/// What of the first layer is worked out beforehand, and what at each point. The one place where that is
/// decided; `Docs/Decoding.md` has the arithmetic.
struct DecoderPlan: Equatable {
  /// How the positional code comes into the first layer.
  enum Code: Equatable {
    /// Encoded point by point and multiplied.
    case given
    /// Three tables of products along the voxel axes, added.
    case tables
    /// Interpolated along lines of voxels; on the lined levels, the products of the nodes are.
    case lattice(lined: [Bool])
  }

  /// Whether the first layer is applied to the pixels of the maps instead of to the points.
  var hoistsMaps: Bool
  var code: Code

  /// - Parameters:
  ///   - points: how many points will be answered for.
  ///   - pixels: pixels of a view.
  ///   - views: how many there are.
  ///   - hoisting: whether anything may be worked out beforehand.
  init(
    points: Int, pixels: Int, views: Int, pooling: ViewPooling, code: CodeStructure,
    placement: GridPlacement, hoisting: Bool
  ) {
    // Per output of the layer and feature of a view: a multiplication for each pixel, against one for
    // each point; pooled views share the one.
    let products = pooling == .mean ? points : points * views
    hoistsMaps = hoisting && products > pixels * views
    switch (code, placement.axes) {
    case (.separable, .some):
      self.code = hoisting ? .tables : .given
    case (.lattice(let lattice), let axes?):
      let step = abs(placement.step(axes[0], 0))
      self.code = .lattice(
        lined: lattice.resolutions.map { resolution in
          hoisting && Self.lines(lattice.features, nodesPerPoint: step * Double(resolution))
        })
    default: self.code = .given
    }
  }

  /// Whether a level's products are made at the nodes of a line of voxels. Per output of the layer that
  /// takes `features` multiplications a node and two a point, which have no register tiles to live in
  /// and cost about twice as much; otherwise it is `features` a point. A line of 64 voxels has two nodes
  /// more than its length.
  private static func lines(_ features: Int, nodesPerPoint: Double) -> Bool {
    let nodes = nodesPerPoint + 2 / Double(DecoderKernel.block)
    return 2 * 2 + nodes * Double(features) < Double(features)
  }
}
