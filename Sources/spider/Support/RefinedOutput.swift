import Foundation
import SpiderCore
import SpiderDRR

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

  /// Refines what was gathered and hands it on. Labels and uncertainty stay the model's.
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
    record = RefinementRecord(iterations: result.iterations, views: result.views)
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

  /// What the user should know of how his X-rays were read.
  func warnings(of names: [String]) -> [String] {
    zip(names, record?.views ?? []).compactMap { name, view -> String? in
      switch view.use {
      case .contradicted:
        "\(name): the X-rays' numbers are not the volume's line integrals (another scale, a hardened beam, scatter, hidden "
          + "borders, or wrong distances): they were read by a fitted tone curve, and the volume is refined little"
      case .unused:
        "\(name): too few of its rays say something of the volume: not refined by it"
      case .lineIntegrals, .toned: nil
      }
    }
  }
}
