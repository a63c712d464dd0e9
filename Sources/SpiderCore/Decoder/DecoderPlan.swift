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
    placement: GridProjection, hoisting: Bool
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
  /// and cost about twice as much; otherwise it is `features` a point.
  private static func lines(_ features: Int, nodesPerPoint: Double) -> Bool {
    2 * 2 + Self.nodes(nodesPerPoint) * Double(features) < Double(features)
  }

  /// Nodes a point that a line cut into blocks takes: two ends belong to each block.
  private static func nodes(_ density: Double) -> Double {
    density + (2 - density) / Double(DecoderKernel.block)
  }

  /// Multiplications of weights by numbers that are left to do for a point, on average.
  ///
  /// - Parameters:
  ///   - columns: inputs of the first layer that are multiplied at each point.
  ///   - layers: all layers, their true widths.
  func products(
    columns: Int, layers: [DenseLayer], code: CodeStructure, placement: GridProjection
  ) -> Double {
    var count = Double(columns * layers[0].outputs)
    for layer in layers.dropFirst() { count += Double(layer.inputs * layer.outputs) }
    guard case .lattice(let lined) = self.code, case .lattice(let lattice) = code,
      let axes = placement.axes
    else { return count }
    let step = abs(placement.step(axes[0], 0))
    for (resolution, isLined) in zip(lattice.resolutions, lined) where isLined {
      count +=
        Self.nodes(step * Double(resolution)) * Double(lattice.features * layers[0].outputs)
    }
    return count
  }
}
