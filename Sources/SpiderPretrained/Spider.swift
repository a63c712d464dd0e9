import SpiderCore
import SpiderDRR

/// From X-rays to a CT and its anatomy in one call, with the models that come with Spider: what
/// `spider reconstruct` does, to the bit.
///
/// ```swift
/// let head = try Spider.reconstruct([pa, left])
/// ```
public enum Spider {
  /// Looks at X-rays, reconstructs, and brings the volume to agree with them.
  ///
  /// - Parameters:
  ///   - radiographs: one for each view that the model reads, in any order; bone is bright, the geometry their
  ///     own.
  ///   - model: which of the models.
  ///   - grid: where answers are wanted, world RAS+ mm; nil takes 128^3 voxels over the field of view.
  ///   - isocenter: the middle of the field of view, world mm; nil takes it from the radiographs.
  ///   - refinement: how it is brought to agree; ``/SpiderDRR/Refinement/iterations`` of 0 leaves the model's answer. Of
  ///     grids that cannot be refined (``/SpiderDRR/Refinement/obstacle(on:isocenter:side:)``) the answer is left, too; the
  ///     warnings say so.
  ///   - options: what may be done to save time, and what is asked for beside the CT.
  ///   - progress: called now and then with the share of the reconstruction that is done.
  /// - Returns: CT numbers in HU, labels, and what the user should know. Labels and uncertainty are the model's.
  /// - Throws: ``PretrainedError``, `ViewError` for X-rays that are not those the model reads or that something is wrong
  ///   with, `CancellationError`.
  public static func reconstruct(
    _ radiographs: [Radiograph], with model: PretrainedModel = .head, on grid: VoxelGrid? = nil,
    isocenter: Vector3? = nil, refinement: Refinement = Refinement(),
    options: ReconstructionOptions = ReconstructionOptions(),
    progress: ((Double) -> Void)? = nil
  ) throws -> Reconstruction {
    let reconstructor = try Reconstructor.pretrained(model)
    var result = try reconstructor.reconstruct(
      radiographs, on: grid, isocenter: isocenter, options: options, progress: progress)
    guard refinement.iterations > 0 else { return result }
    let center = try isocenter ?? Isocenter.of(radiographs.map(\.geometry))
    let side = reconstructor.model.description.fieldOfView
    if let obstacle = Refinement.obstacle(on: result.ct.grid, isocenter: center, side: side) {
      result.summary.warnings.append("not refined: \(obstacle)")
    } else {
      let seen = PreparedViews.masked(radiographs, borders: options.borders).radiographs
      let refined = try refinement.refined(result.ct, to: seen)
      result.ct = refined.ct
      result.labels = refined.clearing(result.labels)
      result.uncertainty = result.uncertainty.map(refined.clearing)
    }
    return result
  }
}
