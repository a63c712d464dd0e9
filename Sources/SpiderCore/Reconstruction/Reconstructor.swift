import Foundation

/// Reconstructs a CT volume and its anatomy from X-rays: views + model + any grid -> HU and labels.
///
/// ```swift
/// let reconstructor = Reconstructor(model: model)
/// let result = try reconstructor.reconstruct([pa, left], on: .canonical(size: 128))
/// ```
///
/// The grid may be any: coarse, fine, oblique, or a small box around a joint. The canonical frame,
/// a cube about the isocentre, stays the same whatever grid is asked for.
public struct Reconstructor: Sendable {
  /// The model that answers.
  public let model: SpiderModel

  /// Builds a reconstructor.
  public init(model: SpiderModel) { self.model = model }

  /// Reconstructs on a grid.
  ///
  /// - Parameters:
  ///   - radiographs: one a view, in any order; their geometries say where they belong.
  ///   - grid: where answers are wanted, world RAS+ mm.
  ///   - isocenter: the middle of the model's field of view, mm; nil takes it from the radiographs.
  ///   - options: what may be done to save time.
  ///   - progress: called now and then with the share of points answered, from any thread.
  /// - Throws: ``ViewError`` when the radiographs contradict the model.
  public func reconstruct(
    _ radiographs: [Radiograph], on grid: VoxelGrid, isocenter: Vector3? = nil,
    options: ReconstructionOptions = ReconstructionOptions(),
    progress: (@Sendable (Double) -> Void)? = nil
  ) throws -> Reconstruction {
    var hounsfield: [Float] = []
    var labels: [UInt8] = []
    hounsfield.reserveCapacity(grid.count)
    labels.reserveCapacity(grid.count)
    let summary = try reconstruct(
      radiographs, on: grid, isocenter: isocenter, options: options, progress: progress
    ) { slab in
      hounsfield += slab.hounsfield
      labels += slab.labels
    }
    return Reconstruction(
      ct: Volume(grid: grid, values: hounsfield), labels: LabelVolume(grid: grid, values: labels),
      summary: summary)
  }

  /// Reconstructs slab by slab, for volumes that need never be in memory. The bits are those of the
  /// whole volume.
  ///
  /// - Parameters:
  ///   - radiographs: one a view, in any order; their geometries say where they belong.
  ///   - grid: where answers are wanted, world RAS+ mm.
  ///   - isocenter: the middle of the model's field of view, mm; nil takes it from the radiographs.
  ///   - options: what may be done to save time.
  ///   - progress: called after every slab with the share of points answered.
  ///   - sink: takes the slabs, in the order of their slices. What it throws ends the work.
  /// - Throws: ``ViewError`` when the radiographs contradict the model, and what `sink` throws.
  public func reconstruct(
    _ radiographs: [Radiograph], on grid: VoxelGrid, isocenter: Vector3? = nil,
    options: ReconstructionOptions = ReconstructionOptions(),
    progress: (@Sendable (Double) -> Void)? = nil, into sink: (ReconstructionSlab) throws -> Void
  ) throws -> ReconstructionSummary {
    var start = Date()
    func lap() -> Double {
      let begun = start
      start = Date()
      return start.timeIntervalSince(begun)
    }
    let center = try isocenter ?? Isocenter.of(radiographs.map(\.geometry))
    let views = try ViewMatching.fit(radiographs, to: model.description, isocenter: center)
    let images = try NetworkImages.make(views, intensity: model.description.intensity)
    let features = model.network.encoder.forward(images, model.parameters)
    var summary = ReconstructionSummary(
      points: grid.count,
      warnings: ReconstructionWarnings.of(
        radiographs, on: grid, isocenter: center, setup: model.description.setup,
        fieldOfView: model.description.fieldOfView))
    summary.encodeSeconds = lap()

    let hull =
      options.culling
      ? VisualHull(
        radiographs, model: model.description, isocenter: center,
        tolerance: options.poseTolerance
      ).prepared(for: grid) : nil
    let decoder = VolumeDecoder(
      model: model, features: features, matrices: views.map(\.geometry.matrix), isocenter: center,
      grid: grid, hoisting: options.hoisting)
    let thickness = ReconstructionSlab.thickness(of: grid)
    for first in stride(from: 0, to: grid.nz, by: thickness) {
      let slices = first..<min(first + thickness, grid.nz)
      let kept = hull?.keep(slices: slices)
      let (hounsfield, labels) = decoder.decode(slices: slices, keeping: kept)
      if let kept { summary.pointsCulled += hounsfield.count - kept.count }
      summary.decodeSeconds += lap()
      try sink(ReconstructionSlab(slices: slices, hounsfield: hounsfield, labels: labels))
      progress?(Double(slices.upperBound) / Double(grid.nz))
      _ = lap()
    }
    return summary
  }
}
