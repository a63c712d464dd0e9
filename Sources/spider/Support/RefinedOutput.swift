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
      "Steps that bring the volume to agree with its X-rays, where it covers the field of view; 0 leaves the "
        + "model's answer as it is (default: \(Refinement.usualIterations)).", valueName: "n"))
  var refine: Int?

  func validate() throws {
    if let refine, !(0...Refinement.mostIterations).contains(refine) {
      throw ValidationError(
        "--refine is \(refine); it is 0 to \(Refinement.mostIterations): after some six steps nothing is gained"
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

/// What `--json` prints of a refinement.
struct RefinementRecord: Encodable {
  let iterations: Int
  let views: [Refinement.Result.View]

  private struct View: Encodable {
    let view: Refinement.Result.View

    enum CodingKeys: String, CodingKey {
      case use, share
      case before = "residual_before"
      case after = "residual_after"
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(view.use, forKey: .use)
      try container.encode(view.share, forKey: .share)
      try container.encode(view.residualBefore, forKey: .before)
      try container.encode(view.residualAfter, forKey: .after)
    }
  }

  enum CodingKeys: CodingKey { case iterations, views }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(iterations, forKey: .iterations)
    try container.encode(views.map { View(view: $0) }, forKey: .views)
  }

  /// What a page says of it.
  func facts(of names: [String]) -> [ReportPage.Fact] {
    var facts = [
      ReportPage.Fact("Refinement", "\(counted(iterations, "step")); labels are the model's")
    ]
    for (name, view) in zip(names, views) {
      guard let before = view.residualBefore, let after = view.residualAfter else { continue }
      facts.append(
        ReportPage.Fact(
          "Residual of \(name)",
          String(format: "%.3f before refinement, %.3f after", before, after),
          beside: view.use.words))
    }
    return facts
  }
}

extension ViewUse {
  /// In words.
  fileprivate var words: String {
    switch self {
    case .lineIntegrals: "read as line integrals"
    case .toned: "read by a fitted tone curve"
    case .contradicted: "no line integrals at 70 keV: read by a fitted tone curve"
    case .unused: "not used"
    }
  }
}
