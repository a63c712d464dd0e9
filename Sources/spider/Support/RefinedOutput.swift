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
  /// Less than this of tissue in air is the rim that any answer has, ml.
  private static let fewestEmptied = 50.0

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

  /// What the user should know of how his X-rays were read.
  func warnings(of names: [String], _ radiographs: [Radiograph]) -> [String] {
    let emptied = record.flatMap { $0.emptied >= Self.fewestEmptied ? [$0.emptied] : nil } ?? []
    let notes = emptied.map {
      "\(Int($0.rounded())) ml of the answer lay where an X-ray shows nothing at all: taken for air"
    }
    let uses = (record?.views ?? []).map(\.use)
    // What is said of several is said once.
    var told: [(words: String, names: [String])] = []
    for index in uses.indices {
      guard let words = Self.warning(on: radiographs[index], uses[index]) else { continue }
      if let same = told.firstIndex(where: { $0.words == words }) {
        told[same].names.append(names[index])
      } else {
        told.append((words, [names[index]]))
      }
    }
    return notes + told.map { "\($0.names.joined(separator: ", ")): \($0.words)" }
      + Self.warning(onEnergiesOf: radiographs)
  }

  /// One volume has one attenuation: where files state several energies, one of them is wrong.
  private static func warning(onEnergiesOf radiographs: [Radiograph]) -> [String] {
    let energies = Set(radiographs.compactMap(\.photonEnergy)).sorted()
    guard energies.count > 1 else { return [] }
    let list = energies.map { String(format: "%.4g", $0) }.joined(separator: " and ")
    return [
      "the geometry files state line integrals at \(list) keV, and those of one volume are at one energy: correct "
        + "\"photon_energy_kev\""
    ]
  }

  /// What the user should know of how an X-ray was read.
  private static func warning(on radiograph: Radiograph, _ use: ViewUse) -> String? {
    switch use {
    case .contradicted:
      let stated = radiograph.photonEnergy.map {
        String(format: "\"photon_energy_kev\": %.4g in the geometry file was not believed", $0)
      }
      return
        "the X-rays' numbers are not the volume's line integrals (another scale, a hardened beam, scatter, hidden "
        + "borders, wrong distances, or an answer that is far off, as from a single X-ray): they were read by a fitted tone curve, and the volume is refined little; "
        + (stated
          ?? "\"photon_energy_kev\": 70 in the geometry file would say that they are line integrals")
    case .unused:
      return "too few rays say something of the volume: not refined by it"
    case .lineIntegrals, .toned: return nil
    }
  }
}

/// What `--json` prints of a refinement.
struct RefinementRecord: Encodable {
  let iterations: Int
  let views: [Refinement.Result.View]
  /// Tissue of the answer that X-rays showed to be air, ml.
  let emptied: Double

  /// Takes down what became of an answer.
  init(_ result: Refinement.Result, of answer: Volume) {
    iterations = result.iterations
    views = result.views
    let tissue = zip(result.emptied?.values ?? [], answer.values).count { $0 && $1 > -300 }
    emptied = Double(tissue) * abs(answer.grid.affine.determinant) / 1000
  }

  private struct View: Encodable {
    let use: ViewUse
    let share: Double
    @NullWhenNil var before: Double?
    @NullWhenNil var after: Double?

    enum CodingKeys: String, CodingKey {
      case use, share
      case before = "residual_before"
      case after = "residual_after"
    }
  }

  enum CodingKeys: String, CodingKey {
    case iterations, views
    case emptied = "emptied_ml"
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(iterations, forKey: .iterations)
    let rows = views.map {
      View(use: $0.use, share: $0.share, before: $0.residualBefore, after: $0.residualAfter)
    }
    try container.encode(rows, forKey: .views)
    try container.encode(emptied, forKey: .emptied)
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
