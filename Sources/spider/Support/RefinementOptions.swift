import ArgumentParser
import SpiderCore
import SpiderDRR

/// Whether a reconstruction is brought to agree with its X-rays.
struct RefinementOptions: ParsableArguments {
  /// The largest voxels that are refined, mm: coarser ones do not explain an X-ray.
  private static let coarsest = 5.0

  @Option(
    help: ArgumentHelp(
      "Steps that bring the volume to agree with its X-rays, where it covers the field of view; 0 leaves the "
        + "model's answer as it is (default: \(Refinement.usualIterations)).", valueName: "n"))
  var refine: Int?

  func validate() throws {
    if let refine, !(0...50).contains(refine) {
      throw ValidationError(
        "--refine is \(refine); it is 0 to 50: after some six steps nothing is gained")
    }
  }

  /// The steps for a grid: none where refinement cannot be, which is an error where it was asked for.
  ///
  /// - Parameter isWhole: whether the grid covers the model's field of view.
  func steps(on grid: VoxelGrid, isWhole: Bool) throws -> Int {
    guard refine != 0 else { return 0 }
    let obstacle: String? =
      if !isWhole {
        "the grid does not cover the field of view, and rays have tissue beyond it; leave --region away"
      } else if grid.count > Refinement.mostVoxels {
        "more than \(Refinement.mostVoxels) voxels are not refined; choose a coarser grid"
      } else if grid.spacing.max() > Self.coarsest {
        "voxels of more than \(Int(Self.coarsest)) mm explain no X-ray; choose a finer grid"
      } else {
        nil
      }
    if let obstacle {
      guard refine == nil else { throw CommandFailure("--refine: \(obstacle)") }
      return 0
    }
    return refine ?? Refinement.usualIterations
  }
}
