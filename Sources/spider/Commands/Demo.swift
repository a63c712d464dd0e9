import ArgumentParser
import Foundation
import SpiderAnatomy
import SpiderCore
import SpiderDRR
import SpiderEvaluation
import SpiderIO
import SpiderPhantom
import SpiderReport
import SpiderSupport

struct Demo: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Do the main job at once: a phantom head, its X-rays, the reconstruction.",
    discussion: """
      Writes ct.nii.gz and labels.nii.gz (the result), truth.nii.gz and truth_labels.nii.gz, the X-rays \
      (pa.* and left.*), slices.png and report.html, and prints how good the result is.
      Example: spider demo --out demo
      """)

  @Option(
    help: "Voxels along a side of the field of view (default: 128).", transform: CubeSize.read)
  var size = 128
  @Option(
    help: ArgumentHelp(
      "head or head-research, or a model file (default: head).",
      valueName: "head|head-research|file"))
  var model: String?
  @OptionGroup var refining: RefinementOptions
  @Option(help: "Folder to write to; made if it is not there.") var out: String
  @Flag(help: "Replace files that exist.") var overwrite = false
  @OptionGroup var common: CommonOptions

  func validate() throws {
    guard (8...512).contains(size) else {
      throw ValidationError("--size is \(size); it must be 8 to 512")
    }
  }

  func run() throws {
    common.apply()
    let folder = try OutputFolder(planned: out)
    let argument = try ModelArgument(model)
    let model = argument.model
    let views = model.traits.views.map { RadiographOutput($0.description, in: folder) }
    let volumes = ["ct", "labels", "truth", "truth_labels"].map { folder.file("\($0).nii.gz") }
    let (slices, page) = (folder.file("slices.png"), folder.file("report.html"))
    let outputs = volumes + views.flatMap(\.all) + [slices, page]
    try OutputFolder.refuseExisting(outputs, overwrite: overwrite)

    let grid = model.traits.grid(about: .zero, size: size)
    let steps = try refining.steps(
      on: grid, isocenter: .zero, side: grid.spacing.x * Double(grid.nx))
    let demo = DemoRun(model: model, size: size, refine: steps.count)
    let progress = ProgressDisplay("demo")
    let outcome = try demo { progress.update($0) }
    var report = demo.report(outcome)
    if let obstacle = steps.obstacle {
      Console.say("not refined: \(obstacle)")
      report.warnings.append("not refined: \(obstacle)")
    }
    report.facts += argument.facts
    report.curve = argument.curve
    let picture = report.slices()

    try folder.create()
    try NIfTI.write(outcome.result.ct, to: volumes[0], datatype: .int16, overwrite: overwrite)
    try NIfTI.write(outcome.labels, to: volumes[1], overwrite: overwrite)
    try NIfTI.write(outcome.truth.ct, to: volumes[2], datatype: .int16, overwrite: overwrite)
    try NIfTI.write(outcome.truth.labels, to: volumes[3], overwrite: overwrite)
    for (radiograph, output) in zip(outcome.radiographs, views) {
      try output.write(radiograph, overwrite: overwrite)
    }
    try PNG.writeRGB8(
      picture.pixels, width: picture.width, height: picture.height, to: slices,
      overwrite: overwrite)
    try report.page().write(to: page, overwrite: overwrite)

    if common.json {
      try Console.printJSON(
        Record(
          metrics: outcome.metrics, seconds: outcome.seconds, outputs: outputs.map(\.path)))
    } else {
      let summary = EvaluationSummary(cases: [outcome.metrics])
      let tables = EvaluationTables(
        summary, scheme: model.traits.scheme ?? .head, baselines: report.baselines
      ).all
      let time = String(format: "Reconstruction: %.2f s", outcome.seconds)
      try Console.answer(
        (tables.map { $0.text() } + ["\(time)\nSee \(page.path)"]).joined(separator: "\n\n"))
    }
  }

  /// What `--json` prints.
  private struct Record: Encodable {
    let metrics: CaseMetrics
    let seconds: Double
    let outputs: [String]
  }
}

/// The steps of `spider demo`: a head that no training has seen, its X-rays, the reconstruction, and
/// how good it is.
struct DemoRun {
  /// The head's seed; training takes its phantoms from far below.
  static let seed: UInt64 = 4000
  /// X-rays are made of a head of so many voxels a side, whatever grid is reconstructed.
  private static let fineSize = 128

  let model: any ReconstructionModel
  /// Voxels along a side of the reconstruction.
  let size: Int
  /// Steps of refinement.
  let refine: Int

  /// What comes out.
  struct Outcome {
    let truth: (ct: Volume, labels: LabelVolume)
    let radiographs: [Radiograph]
    let result: ReconstructedVolume
    /// The model's labels, or the automatic labeller's where it tells no tissues apart.
    let labels: LabelVolume
    let metrics: CaseMetrics
    let refinement: RefinementRecord
    /// From the X-rays to the volume.
    let seconds: Double
  }

  func callAsFunction(progress: @escaping @Sendable (Double) -> Void) throws -> Outcome {
    let traits = model.traits
    let grid = traits.grid(about: .zero, size: size)
    let head = HeadPhantom(seed: Self.seed)
    let truth = head.render(on: grid)
    let fine =
      size == Self.fineSize
      ? truth.ct
      : head.render(on: traits.grid(about: .zero, size: Self.fineSize)).ct
    let radiographs = DigitalRadiograph().make(
      ct: fine, geometries: try traits.views.map { try traits.setup.geometry(of: $0) })
    let clock = Stopwatch()
    var result: ReconstructedVolume = try model.reconstruct(
      radiographs, on: grid, progress: progress)
    let refined = try Refinement(iterations: refine).refined(result.ct, to: radiographs)
    let record = RefinementRecord(refined, of: result.ct)
    result.ct = refined.ct
    result.labels = result.labels.map(refined.clearing)
    let seconds = clock.total
    let labels = result.labels ?? AutomaticLabeller().labels(of: result.ct)
    let metrics = VolumeMetrics.evaluate(
      id: "phantom-\(Self.seed)", candidate: result.ct, reference: truth.ct,
      candidateLabels: labels, referenceLabels: truth.labels, scheme: traits.scheme ?? .head,
      reprojectionRelativeError: Reprojection.relativeError(of: result.ct, radiographs))
    return Outcome(
      truth: truth, radiographs: radiographs, result: result, labels: labels, metrics: metrics,
      refinement: record, seconds: seconds)
  }

  /// The page about an outcome.
  func report(_ outcome: Outcome) -> ReconstructionReport {
    let panels = zip(model.traits.views, outcome.radiographs).map {
      RadiographFigure.Panel(title: $0.description, radiograph: $1)
    }
    var report = ReconstructionReport(
      views: panels, result: (outcome.result.ct, outcome.labels),
      model: .init(model.traits))
    report.title = "Demo: a phantom head from two X-rays"
    report.truth = (outcome.truth.ct, outcome.truth.labels)
    report.evaluation = EvaluationSummary(cases: [outcome.metrics])
    report.baselines = TrivialAnswers.scores(
      reference: outcome.truth.ct, labels: outcome.truth.labels, on: outcome.result.ct.grid,
      outcome.radiographs, scheme: model.traits.scheme ?? .head)
    report.fits = Reprojection.views(of: outcome.result.ct, outcome.radiographs)
    report.warnings =
      ["The head is a phantom: real heads are harder."] + outcome.result.summary.warnings
    report.facts = [
      .init("Phantom's seed", String(Self.seed)),
      .init("Reconstruction", String(format: "%.2f s", outcome.seconds)),
    ]
    report.facts += outcome.refinement.facts(of: panels.map(\.title))
    report.facts += panels.map { PageProvenance.fact($0.title, $0.radiograph.geometry) }
    report.facts += PageProvenance.program
    return report
  }
}
