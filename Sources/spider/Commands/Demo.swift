import ArgumentParser
import Foundation
import SpiderCore
import SpiderEvaluation
import SpiderIO
import SpiderReport

struct Demo: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Do the main job at once: a phantom head, its X-rays, the reconstruction.",
    discussion: """
      Writes ct.nii.gz and labels.nii.gz (the result), truth.nii.gz and truth_labels.nii.gz, the X-rays \
      (pa.* and left.*), slices.png and report.html, and prints how good the result is.
      Example: spider demo --out demo
      """)

  @Option(help: "Voxels along a side of the field of view.") var size = 128
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
