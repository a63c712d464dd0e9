import ArgumentParser
import Foundation
import SpiderCore
import SpiderDRR
import SpiderReport
import SpiderSupport

/// Whether a reconstruction is brought to agree with its X-rays.
struct RefinementOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Steps that bring the volume to agree with its X-rays; 0 leaves the model's answer as it is (default: "
        + "\(Refinement.usualIterations), where voxels are at most 5 mm wide).", valueName: "n"),
    transform: RefinementOptions.read)
  var refine: Int?

  private static func read(_ text: String) throws -> Int {
    try WholeNumber.read(
      text,
      "a whole number of steps, 0 to \(Refinement.mostIterations); usual are \(Refinement.usualIterations)"
    )
  }

  func validate() throws {
    if let refine, !(0...Refinement.mostIterations).contains(refine) {
      throw ValidationError(
        "--refine is \(refine); it is 0 to \(Refinement.mostIterations): after some ten steps nothing is gained"
      )
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

/// A reconstruction on its way through refinement: gathers the slabs, refines the whole, and hands it on.
final class RefinedOutput {
  private let grid: VoxelGrid
  private let refinement: Refinement
  private var hounsfield: [Float] = []
  private var labels: [UInt8] = []
  private var uncertainty: [Float] = []
  /// What was done; nil before.
  private(set) var record: RefinementRecord?

  init(on grid: VoxelGrid, steps: Int) {
    self.grid = grid
    refinement = Refinement(iterations: steps)
  }

  /// The most bytes that are held for a grid.
  static func memory(for grid: VoxelGrid) -> Int {
    Refinement.memory(for: grid)
      + grid.count * (3 * MemoryLayout<Float>.stride + MemoryLayout<UInt8>.stride)
  }

  /// Takes the next slab.
  func add(_ slab: ReconstructionSlab) {
    hounsfield += slab.hounsfield
    labels += slab.labels ?? []
    uncertainty += slab.uncertainty ?? []
  }

  /// Refines what was gathered and hands it on. Labels and uncertainty stay the model's, but where an X-ray shows
  /// that nothing is.
  ///
  /// - Returns: how the answer explained the X-rays before.
  func refine(
    to radiographs: [Radiograph], into output: ReconstructionOutput
  ) throws -> [Reprojection.View] {
    let answer = Volume(grid: grid, values: hounsfield)
    hounsfield = []
    let before = Reprojection.views(of: answer, radiographs)
    let progress = ProgressDisplay("refine")
    let result = try refinement.refined(answer, to: radiographs) { progress.update($0) }
    record = RefinementRecord(result, of: answer)
    if let emptied = result.emptied {
      for index in emptied.values.indices where emptied.values[index] {
        if !labels.isEmpty { labels[index] = 0 }
        if !uncertainty.isEmpty { uncertainty[index] = 0 }
      }
      output.empty(emptied)
    }
    let plane = grid.nx * grid.ny
    try ReconstructionSlab.deliver(result.ct) { slab in
      let voxels = slab.slices.lowerBound * plane..<slab.slices.upperBound * plane
      try output.add(
        ReconstructionSlab(
          slices: slab.slices, hounsfield: slab.hounsfield,
          labels: labels.isEmpty ? nil : Array(labels[voxels]),
          uncertainty: uncertainty.isEmpty ? nil : Array(uncertainty[voxels])))
    }
    return before
  }
}
