import SpiderSupport

/// A way to make a volume of a patient's X-rays: SPIDER, a published network, or one of the trivial baselines
/// beside which every network must stand.
///
/// A model describes itself and answers slab by slab; all that is the same for every model is below:
/// preparing the X-rays, the default grid, workers, cancellation, warnings, gathering a whole volume.
public protocol ReconstructionModel: Sendable {
  /// What it is called, what it reads, what it shows.
  var traits: ModelTraits { get }

  /// The most bytes that it holds while it answers for a grid, the model's numbers included; what others
  /// keep of the slabs is not.
  func memory(for grid: VoxelGrid, options: ReconstructionOptions) -> Int

  /// Answers for the voxels of a grid. For `reconstruct` and `slabs` to call, which see to the rest.
  ///
  /// - Parameters:
  ///   - views: prepared for this model.
  ///   - grid: where answers are wanted, world RAS+ mm.
  ///   - options: what may be done to save time.
  ///   - progress: to be called now and then with the share that is done. What it throws ends the work.
  ///   - sink: takes the slabs, in the order of their slices, all of them. What it throws ends the work.
  func answer(
    _ views: PreparedViews, on grid: VoxelGrid, options: ReconstructionOptions,
    progress: (Double) throws -> Void, into sink: (ReconstructionSlab) throws -> Void
  ) throws -> ReconstructionSummary
}

extension ReconstructionModel {
  /// Reconstructs slab by slab, for volumes that need never be in memory. The bits are those of the whole
  /// volume.
  ///
  /// - Parameters:
  ///   - views: X-rays prepared for this model.
  ///   - grid: where answers are wanted, world RAS+ mm; nil takes 128^3 voxels over the field of view.
  ///   - options: what may be done to save time, and by how many workers.
  ///   - progress: called now and then with the share that is done.
  ///   - sink: takes the slabs, in the order of their slices. What it throws ends the work.
  /// - Returns: how it came about; ``PreparedViews/notes`` are not among its warnings.
  /// - Throws: `CancellationError` between slabs when the task was cancelled, what the sink throws, and
  ///   what the model has against the X-rays.
  public func reconstruct(
    _ views: PreparedViews, on grid: VoxelGrid? = nil,
    options: ReconstructionOptions = ReconstructionOptions(), progress: ((Double) -> Void)? = nil,
    into sink: (ReconstructionSlab) throws -> Void
  ) throws -> ReconstructionSummary {
    let grid = grid ?? traits.grid(about: views.isocenter)
    var summary = try Parallel.withWorkerCount(options.workers ?? Parallel.workerCount) {
      try Task.checkCancellation()
      return try answer(
        views, on: views.isMirrored ? grid.mirrored(atX: views.isocenter.x) : grid,
        options: options,
        progress: { share in
          progress?(share)
          try Task.checkCancellation()
        }, into: sink)
    }
    summary.warnings =
      traits.warnings(for: grid, isocenter: views.isocenter) + summary.warnings
    return summary
  }

  /// Reconstructs slab by slab from X-rays as they were read.
  ///
  /// - Parameters:
  ///   - radiographs: one a view, in any order; their geometries say where they belong.
  ///   - grid: where answers are wanted, world RAS+ mm; nil takes 128^3 voxels over the field of view.
  ///   - isocenter: the middle of the model's field of view, mm; nil takes it from the radiographs.
  ///   - options: what may be done to save time, and by how many workers.
  ///   - progress: called now and then with the share that is done.
  ///   - sink: takes the slabs, in the order of their slices. What it throws ends the work.
  /// - Throws: ``/SpiderImaging/ViewError`` when the radiographs contradict the model, `CancellationError` between slabs,
  ///   and what the sink throws.
  public func reconstruct(
    _ radiographs: [Radiograph], on grid: VoxelGrid? = nil, isocenter: Vector3? = nil,
    options: ReconstructionOptions = ReconstructionOptions(), progress: ((Double) -> Void)? = nil,
    into sink: (ReconstructionSlab) throws -> Void
  ) throws -> ReconstructionSummary {
    let clock = Stopwatch()
    let views = try PreparedViews(
      radiographs, for: traits, isocenter: isocenter, borders: options.borders,
      inspection: options.inspection)
    let seconds = clock.total
    var summary = try reconstruct(
      views, on: grid, options: options, progress: progress, into: sink)
    summary.encodeSeconds += seconds
    summary.warnings = views.notes.map(\.description) + summary.warnings
    return summary
  }

  /// Reconstructs a whole volume from X-rays as they were read; see
  /// ``reconstruct(_:on:isocenter:options:progress:into:)``.
  public func reconstruct(
    _ radiographs: [Radiograph], on grid: VoxelGrid? = nil, isocenter: Vector3? = nil,
    options: ReconstructionOptions = ReconstructionOptions(), progress: ((Double) -> Void)? = nil
  ) throws -> ReconstructedVolume {
    let clock = Stopwatch()
    let views = try PreparedViews(
      radiographs, for: traits, isocenter: isocenter, borders: options.borders,
      inspection: options.inspection)
    let seconds = clock.total
    let grid = grid ?? traits.grid(about: views.isocenter)
    var hounsfield: [Float] = []
    var labels: [UInt8] = []
    var uncertainty: [Float] = []
    hounsfield.reserveCapacity(grid.count)
    if traits.scheme != nil { labels.reserveCapacity(grid.count) }
    var summary = try reconstruct(views, on: grid, options: options, progress: progress) { slab in
      hounsfield += slab.hounsfield
      labels += slab.labels ?? []
      uncertainty += slab.uncertainty ?? []
    }
    summary.encodeSeconds += seconds
    summary.warnings = views.notes.map(\.description) + summary.warnings
    return ReconstructedVolume(
      ct: Volume(grid: grid, values: hounsfield),
      labels: traits.scheme == nil ? nil : LabelVolume(grid: grid, values: labels),
      uncertainty: uncertainty.isEmpty ? nil : Volume(grid: grid, values: uncertainty),
      summary: summary)
  }
}
