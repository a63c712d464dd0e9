import SpiderCore
import SpiderDRR
import SpiderIO
import SpiderSupport

/// The refinement of a grid that cannot be refined itself, a region or too many voxels: the whole field of view is
/// reconstructed and refined for it, and the change is carried over.
struct CarriedRefinement {
  /// What was done.
  let record: RefinementRecord
  /// How the whole field of view explains the X-rays, before refinement and after it.
  let fits: (before: [Reprojection.View], after: [Reprojection.View])
  /// The whole, refined.
  let whole: Volume
  private let change: RefinementChange

  /// Reconstructs and refines the whole.
  ///
  /// - Parameters:
  ///   - whole: a grid over the field of view.
  ///   - steps: of refinement.
  init(
    _ model: any StorableModel, _ views: PreparedViews, on whole: VoxelGrid, steps: Int,
    options: ReconstructionOptions
  ) throws {
    var plain = options
    (plain.uncertainty, plain.margins) = (false, [])
    let progress = ProgressDisplay("whole field of view")
    var hounsfield: [Float] = []
    _ = try model.reconstruct(
      views, on: whole, options: plain, progress: { progress.update($0) }
    ) { hounsfield += $0.hounsfield }
    let answer = Volume(grid: whole, values: hounsfield)
    let refining = ProgressDisplay("refine")
    let result = try Refinement(iterations: steps).refined(answer, to: views.given) {
      refining.update($0)
    }
    fits = (
      Reprojection.views(of: answer, views.given), Reprojection.views(of: result.ct, views.given)
    )
    self.whole = result.ct
    record = RefinementRecord(result, of: answer, isCarried: true)
    change = RefinementChange(from: answer, to: result)
  }

  /// The most bytes that are held for it while the whole is refined, and while the change is carried over.
  static func memory(on whole: VoxelGrid) -> (refining: Int, carrying: Int) {
    (
      RefinedOutput.memory(for: whole),
      whole.count * (2 * MemoryLayout<Float>.stride + MemoryLayout<UInt8>.stride)
    )
  }

  /// A slab of the grid with the change. Labels and uncertainty stay the model's, but where an X-ray shows that
  /// nothing is.
  func applied(to slab: ReconstructionSlab, of grid: VoxelGrid) -> ReconstructionSlab {
    let (hounsfield, emptied) = change.applied(
      to: slab.hounsfield, slices: slab.slices, of: grid)
    var (labels, uncertainty, margins) = (slab.labels, slab.uncertainty, slab.margins)
    if let emptied {
      let classes = (margins?.count ?? 0) / emptied.count
      for voxel in emptied.indices where emptied[voxel] {
        labels?[voxel] = 0
        uncertainty?[voxel] = 0
        for index in voxel * classes..<(voxel + 1) * classes {
          let margin = margins?[index] ?? 0
          margins?[index] = -abs(margin)
        }
      }
    }
    return ReconstructionSlab(
      slices: slab.slices, hounsfield: hounsfield, labels: labels, uncertainty: uncertainty,
      margins: margins)
  }
}
