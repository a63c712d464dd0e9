import SpiderSupport

/// Reconstructs a CT volume and its anatomy from X-rays: views + model + any grid -> HU and labels.
///
/// ```swift
/// let reconstructor = Reconstructor(model: model)
/// let result = try reconstructor.reconstruct([pa, left])
/// ```
///
/// This page is the whole way, and each step has a page of its own:
///
/// 1. **Views** (``PreparedViews``): borders masked, pictures that are not what they should be refused
///    (``XrayInspector``), order, hanging, detector and numbers brought to what the model was trained with.
/// 2. **Features** (`UNetEncoder`): one U-Net reads each X-ray; every pixel gets a feature vector.
/// 3. **Hull** (``VisualHull``): points whose rays met nothing but air in some view are air.
/// 4. **Decoder** (``VolumeDecoder``): for every other point, the features under it in each view and its
///    positional code go through an MLP, which answers with its CT number and tissue class.
/// 5. **Slabs** (``ReconstructionSlab``): answers are handed on slice by slice, so that a volume need never
///    be in memory.
///
/// The grid may be any: coarse, fine, oblique, or a small box around a joint. The canonical frame, a cube
/// about the isocentre, stays the same whatever grid is asked for.
public struct Reconstructor: Sendable {
  /// The model that answers.
  public let model: SpiderModel
  /// Who looks at the X-rays first, unless the options name another; nil: nobody does.
  public var inspection: XrayInspection?

  /// Builds a reconstructor.
  public init(model: SpiderModel, inspection: XrayInspection? = nil) {
    self.model = model
    self.inspection = inspection
  }

  /// Steps 2 to 5, of views that are prepared.
  func answer(
    _ views: PreparedViews, on grid: VoxelGrid, options: ReconstructionOptions,
    progress: (Double) throws -> Void, into sink: (ReconstructionSlab) throws -> Void
  ) throws -> ReconstructionSummary {
    let clock = Stopwatch()
    var summary = ReconstructionSummary(points: grid.count)
    let features = model.network.encoder.forward(
      NetworkInput.tensor(views.input, planes: model.network.architecture.imageChannels),
      model.parameters)
    summary.encodeSeconds = clock.lap()

    let hull =
      options.culling
      ? VisualHull(
        views.seen, model: model.description, isocenter: views.isocenter,
        tolerance: options.poseTolerance
      ).prepared(for: grid) : nil
    let decoder = VolumeDecoder(
      model: model, features: features, matrices: views.input.map(\.geometry.matrix),
      isocenter: views.isocenter, grid: grid, hoisting: options.hoisting,
      bfloat16: options.bfloat16, isUncertain: options.uncertainty, margins: options.margins)
    for slices in ReconstructionSlab.slices(of: grid) {
      let kept = hull?.keep(slices: slices)
      let answers = decoder.answers(slices: slices, keeping: kept)
      if let kept { summary.pointsCulled += answers.hounsfield.count - kept.count }
      summary.decodeSeconds += clock.lap()
      try sink(
        ReconstructionSlab(
          slices: slices, hounsfield: answers.hounsfield, labels: answers.labels,
          uncertainty: answers.uncertainty, margins: answers.margins))
      try progress(Double(slices.upperBound) / Double(grid.nz))
      _ = clock.lap()
    }
    return summary
  }
}

extension SpiderModel: ReconstructionModel {
  /// What it is called, what it reads, what it shows.
  public var traits: ModelTraits {
    var traits = ModelTraits(
      name: "SPIDER", views: description.views, anyViews: description.architecture.anyViews,
      setup: description.setup,
      input: .matched(description.intensity), fieldOfView: description.fieldOfView,
      window: description.window, scheme: description.scheme,
      tellsUncertainty: uncertainty != nil, training: description.training)
    traits.measurements = measurements
    return traits
  }

  /// The peak of its ``MemoryPlan``.
  public func memory(for grid: VoxelGrid, options: ReconstructionOptions) -> Int {
    MemoryPlan(model: self, grid: grid, options: options).peak
  }

  /// Answers for the voxels of a grid; the page that shows how is ``Reconstructor``.
  public func answer(
    _ views: PreparedViews, on grid: VoxelGrid, options: ReconstructionOptions,
    progress: (Double) throws -> Void, into sink: (ReconstructionSlab) throws -> Void
  ) throws -> ReconstructionSummary {
    try Reconstructor(model: self).answer(
      views, on: grid, options: options, progress: progress, into: sink)
  }
}

extension Reconstructor {
  /// Reconstructs a whole volume.
  ///
  /// - Parameters:
  ///   - radiographs: one a view, in any order; their geometries say where they belong.
  ///   - grid: where answers are wanted, world RAS+ mm; nil takes 128^3 voxels over the field of view.
  ///   - isocenter: the middle of the model's field of view, mm; nil takes it from the radiographs.
  ///   - options: what may be done to save time, and by how many workers.
  ///   - progress: called after every slab with the share of points answered.
  /// - Throws: ``/SpiderImaging/ViewError`` when the radiographs contradict the model, and
  ///   `CancellationError` between slabs.
  public func reconstruct(
    _ radiographs: [Radiograph], on grid: VoxelGrid? = nil, isocenter: Vector3? = nil,
    options: ReconstructionOptions = ReconstructionOptions(), progress: ((Double) -> Void)? = nil
  ) throws -> Reconstruction {
    let result: ReconstructedVolume = try model.reconstruct(
      radiographs, on: grid, isocenter: isocenter, options: inspected(options), progress: progress)
    guard let labels = result.labels else { preconditionFailure("SPIDER labels every voxel") }
    return Reconstruction(
      ct: result.ct, labels: labels, uncertainty: result.uncertainty, summary: result.summary)
  }

  /// Reconstructs slab by slab, for volumes that need never be in memory. The bits are those of the
  /// whole volume.
  ///
  /// - Parameters:
  ///   - radiographs: one a view, in any order; their geometries say where they belong.
  ///   - grid: where answers are wanted, world RAS+ mm; nil takes 128^3 voxels over the field of view.
  ///   - isocenter: the middle of the model's field of view, mm; nil takes it from the radiographs.
  ///   - options: what may be done to save time, and by how many workers.
  ///   - progress: called after every slab with the share of points answered.
  ///   - sink: takes the slabs, in the order of their slices. What it throws ends the work.
  /// - Throws: ``/SpiderImaging/ViewError`` when the radiographs contradict the model, `CancellationError`
  ///   between slabs, and what `sink` throws.
  public func reconstruct(
    _ radiographs: [Radiograph], on grid: VoxelGrid? = nil, isocenter: Vector3? = nil,
    options: ReconstructionOptions = ReconstructionOptions(), progress: ((Double) -> Void)? = nil,
    into sink: (ReconstructionSlab) throws -> Void
  ) throws -> ReconstructionSummary {
    try model.reconstruct(
      radiographs, on: grid, isocenter: isocenter, options: inspected(options), progress: progress,
      into: sink)
  }

  /// The options with this reconstructor's inspection where they name none.
  private func inspected(_ options: ReconstructionOptions) -> ReconstructionOptions {
    var options = options
    options.inspection = options.inspection ?? inspection
    return options
  }

  /// The slabs of a reconstruction as they become known; see
  /// ``ReconstructionModel/slabs(_:on:isocenter:options:finished:)``.
  public func slabs(
    _ radiographs: [Radiograph], on grid: VoxelGrid? = nil, isocenter: Vector3? = nil,
    options: ReconstructionOptions = ReconstructionOptions(),
    finished: @escaping @Sendable (ReconstructionSummary) -> Void = { _ in }
  ) -> ReconstructionSlabs {
    model.slabs(
      radiographs, on: grid, isocenter: isocenter, options: inspected(options), finished: finished)
  }
}
