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
  ///   - refinement: how it is brought to agree; ``/SpiderDRR/Refinement/iterations`` of 0 leaves the model's answer. For
  ///     a region, or more voxels than are refined, all of the field of view is refined at 2 mm, and the change carried over
  ///     (``/SpiderDRR/RefinementChange``). Of voxels that are too coarse the answer is left; the warnings say so.
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
    let seen = PreparedViews.masked(radiographs, borders: options.borders).radiographs
    switch Refinement.obstacle(on: result.ct.grid, isocenter: center, side: side) {
    case nil:
      let refined = try refinement.refined(result.ct, to: seen)
      result.take(refined.ct, emptied: refined.emptied)
    case .tooCoarse?:
      result.summary.warnings.append("not refined: \(Refinement.Obstacle.tooCoarse)")
    case .partial?, .tooMany?:
      var plain = options
      (plain.uncertainty, plain.margins) = (false, [])
      let whole = try reconstructor.reconstruct(
        radiographs, on: .canonical(size: RefinementChange.usualSize, side: side, center: center),
        isocenter: center, options: plain)
      let change = RefinementChange(
        from: whole.ct, to: try refinement.refined(whole.ct, to: seen))
      let (ct, emptied) = change.applied(to: result.ct)
      result.take(ct, emptied: emptied)
    }
    return result
  }
}

extension Reconstruction {
  /// Takes a refined CT; what an X-ray has emptied is background, and certain.
  fileprivate mutating func take(_ refined: Volume, emptied: Mask?) {
    ct = refined
    guard let emptied else { return }
    for voxel in emptied.values.indices where emptied.values[voxel] {
      labels.values[voxel] = 0
      uncertainty?.values[voxel] = 0
    }
  }
}
