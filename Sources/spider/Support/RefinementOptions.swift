import ArgumentParser
import SpiderCore
import SpiderDRR

/// Whether a reconstruction is brought to agree with its X-rays.
struct RefinementOptions: ParsableArguments {
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
  /// - Parameters:
  ///   - isocenter: the middle of the field of view, world mm.
  ///   - side: its side, mm.
  /// - Returns: the steps, and why there are none where some are usual.
  func steps(
    on grid: VoxelGrid, isocenter: Vector3, side: Double
  ) throws -> (count: Int, obstacle: Refinement.Obstacle?) {
    guard refine != 0 else { return (0, nil) }
    if let obstacle = Refinement.obstacle(on: grid, isocenter: isocenter, side: side) {
      guard refine == nil else { throw CommandFailure("--refine: \(obstacle)") }
      return (0, obstacle)
    }
    return (refine ?? Refinement.usualIterations, nil)
  }
}
