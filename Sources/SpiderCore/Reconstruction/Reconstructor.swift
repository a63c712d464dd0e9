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
      NetworkInput.tensor(views.input), model.parameters)
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
      isUncertain: options.uncertainty)
    for slices in ReconstructionSlab.slices(of: grid) {
      let kept = hull?.keep(slices: slices)
      let answers = decoder.answers(slices: slices, keeping: kept)
      if let kept { summary.pointsCulled += answers.hounsfield.count - kept.count }
      summary.decodeSeconds += clock.lap()
      try sink(
        ReconstructionSlab(
          slices: slices, hounsfield: answers.hounsfield, labels: answers.labels,
          uncertainty: answers.uncertainty))
      try progress(Double(slices.upperBound) / Double(grid.nz))
      _ = clock.lap()
    }
    return summary
  }
}
