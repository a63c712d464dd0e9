import SpiderSupport
import SpiderTensor

/// The network's decoder as it is used: weights packed for the micro-kernel, what of the first layer can be
/// worked out beforehand, and a grid. Built once a reconstruction, then only read.
///
/// `SpiderNetwork.decode` is the same by the plain way, and its reference.
struct PackedDecoder: Sendable {
  let grid: VoxelGrid
  /// What it decided to work out beforehand.
  let plan: DecoderPlan
  /// Multiplications of weights by numbers it does for a point, on average.
  let productsPerPoint: Double
  private let kernel: DecoderKernel
  private let code: any PositionalCode
  private let parameters: ParameterArena

  /// Packs a decoder.
  ///
  /// - Parameters:
  ///   - features: maps of the views: (V, H, W, F).
  ///   - matrices: one a view, world to pixel.
  ///   - points: how many points will be answered for, by which the work beforehand is weighed.
  ///   - hoisting: whether any of the first layer may be worked out beforehand.
  ///   - bfloat16: whether the layers between the first and the heads may multiply numbers of 16 bits.
  ///   - margins: the classes of which margins are answered.
  ///   - uncertainty: the head that says how far the CT numbers may be off; nil: nobody asks.
  init(
    _ model: SpiderModel, features: Tensor, matrices: [ProjectionMatrix], isocenter: Vector3,
    grid: VoxelGrid, points: Int, hoisting: Bool, bfloat16: Bool = false,
    uncertainty: UncertaintyHead? = nil, margins: [UInt8] = [], instructions: InstructionSet
  ) {
    let network = model.network
    let placement = GridProjection(
      grid, isocenter: isocenter, fieldOfView: model.description.fieldOfView, matrices: matrices)
    let views = features.shape[0]
    let map = FeatureMapShape(
      height: features.shape[1], width: features.shape[2], channels: features.shape[3])
    let layers = network.decoder.layers(model.parameters, uncertainty)
    let first = layers[0]
    precondition(
      first.inputs == network.decoderInputs && map.channels == network.architecture.featuresPerView
        && matrices.count == views
        && (network.architecture.pooling == .mean || views == network.architecture.viewCount),
      "\(views) maps of \(map.channels) and \(matrices.count) matrices for \(first.inputs) inputs")
    let pooling = network.architecture.pooling
    plan = DecoderPlan(
      points: points, pixels: map.height * map.width, views: views, pooling: pooling,
      code: network.code.structure, placement: placement, hoisting: hoisting)
    self.grid = grid
    code = network.code
    parameters = model.parameters
    kernel = DecoderKernel(
      nx: grid.nx, ny: grid.ny, canonical: placement.canonical, instructions: instructions)

    // The inputs that are left to multiply at each point.
    let codeStart = network.viewInputs
    var columns = plan.hoistsMaps ? [] : Array(0..<codeStart)
    switch plan.code {
    case .given:
      kernel.setGivenCode(width: code.width)
      columns += codeStart..<first.inputs
    case .tables:
      kernel.setAxisTables(
        Self.axisTables(code, first, codeStart: codeStart, placement, parameters))
    case .lattice(let lined):
      guard case .lattice(let lattice) = code.structure, let axes = placement.axes else {
        preconditionFailure("a plan for another code")
      }
      func inputs(_ lined: [Bool], _ wanted: Bool) -> [Int] {
        lined.indices.filter { lined[$0] == wanted }.flatMap { level in
          (0..<lattice.features).map { codeStart + level * lattice.features + $0 }
        }
      }
      kernel.setLattice(
        lattice, table: parameters[lattice.table], axis: axes[0], lined: lined,
        weights: first.weights(of: inputs(lined, true)), outputs: first.outputs)
      columns += inputs(lined, false)
    }
    kernel.add(
      weight: first.weights(of: columns), bias: first.bias, inputs: columns.count, relu: first.relu)
    for (index, layer) in layers.enumerated().dropFirst() {
      let isLast = index == layers.count - 1
      if bfloat16, isLast, !layer.relu {
        kernel.addPairedHeads(weight: layer.weight, bias: layer.bias, inputs: layer.inputs)
      } else {
        kernel.add(
          weight: layer.weight, bias: layer.bias, inputs: layer.inputs, relu: layer.relu,
          isBrief: bfloat16 && !isLast)
      }
    }
    productsPerPoint = plan.products(
      columns: columns.count, layers: layers, code: network.code.structure, placement: placement)
    let (maps, shape) =
      plan.hoistsMaps
      ? Self.hoisted(features, map, first, pooling: pooling) : (features.slice, map)
    kernel.setViews(
      maps, shape, matrices: placement.matrices,
      scale: pooling == .mean ? 1 / Float(views) : 1, hoisted: plan.hoistsMaps,
      summed: pooling == .mean)
    let window = model.description.window
    kernel.setWindow(window)
    kernel.setMargins(margins)
    if let uncertainty {
      kernel.setScale(factor: uncertainty.factor * (window.high - window.low))
    }
  }

  /// Points a worker takes at a time.
  private static let piece = 4096

  /// Answers for a slab; every voxel that is not asked for is air, as is what lies beyond the frame.
  func decode(_ slab: DecoderSlab) {
    // Whole lines: a cut through one leaves a short block and costs ends of the lattice's lines.
    let lines = max(1, Self.piece / grid.nx) * grid.nx
    func pieces(_ count: Int, _ size: Int) -> Int { (count + size - 1) / size }
    Parallel.forEach(pieces(slab.count, lines)) { piece in
      kernel.clear(
        slab, piece * lines..<min((piece + 1) * lines, slab.count), air: -1000,
        outside: LabelScheme.outsideScan)
    }
    let size = slab.list == nil ? lines : Self.piece
    let scratch = (0..<Parallel.workerCount).map { _ in FloatSlice.scratch(kernel.scratchCount) }
    let codes = scratch.map { _ in FloatSlice.scratch(DecoderKernel.block * (3 + code.width)) }
    Parallel.forEachIndex(pieces(slab.asked, size)) { worker, piece in
      let range = piece * size..<min((piece + 1) * size, slab.asked)
      if plan.code == .given {
        encodeAndAnswer(slab, range, scratch: scratch[worker], codes: codes[worker])
      } else {
        kernel.run(slab, range, scratch: scratch[worker])
      }
    }
  }

  /// The general way: the code encodes each block's points.
  private func encodeAndAnswer(
    _ slab: DecoderSlab, _ range: Range<Int>, scratch: FloatSlice, codes: FloatSlice
  ) {
    let block = DecoderKernel.block
    let points = codes.part(0, 3 * block)
    let numbers = codes.part(3 * block, block * code.width)
    var start = range.lowerBound
    while start < range.upperBound {
      let placed = kernel.place(slab, start..<range.upperBound, scratch: scratch, into: points)
      start += placed.used
      guard placed.points > 0 else { continue }
      code.encode(
        points.part(0, 3 * placed.points), parameters, into: numbers, stride: code.width)
      kernel.answer(slab, codes: numbers, stride: code.width, scratch: scratch)
    }
  }
}

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
