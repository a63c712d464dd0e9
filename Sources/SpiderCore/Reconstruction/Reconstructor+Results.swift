extension SpiderModel: ReconstructionModel {
  /// What it is called, what it reads, what it shows.
  public var traits: ModelTraits {
    ModelTraits(
      name: "SPIDER", views: description.views, setup: description.setup,
      input: .matched(description.intensity), fieldOfView: description.fieldOfView,
      window: description.window, scheme: description.scheme,
      tellsUncertainty: uncertainty != nil, training: description.training)
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
