import ArgumentParser
import Foundation
import SpiderAnatomy
import SpiderCore
import SpiderDRR
import SpiderDataSet
import SpiderEvaluation
import SpiderIO
import SpiderReport
import SpiderTraining

struct Evaluate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Score a volume against a reference, or a method on a data set.",
    discussion: """
      Metrics are computed on the candidate's grid, HU in [-1000, 2000]. Labels that are not given are \
      made by thresholds. Volumes whose patients do not overlap are refused, and so is a volume of air; \
      where the candidate covers a part of the patient, that is said, and --grid reference counts the \
      rest as air. Methods are model files, of SPIDER or a published network, and the baselines \
      mean-volume (the same mean head for everybody), two-view (back-projection of the two X-rays, 50 \
      SIRT iterations) and nearest-case (the training patient whose X-rays are most alike). What a model \
      file answers is refined before it is scored, as spider reconstruct does it (--refine 0: the answer \
      itself); baselines are refined where --refine is given.
      Many cases are shared out among processes, on whatever machines: each scores a shard, and --merge \
      joins what they printed to what one process prints.
      Examples: spider evaluate --reference ct.nii.gz --candidate result.nii.gz
                spider evaluate --model run/best.safetensors --data data --split test
                spider evaluate --model head --data data --shard 2/8 --json > part-2.json
                spider evaluate --merge part-*.json
      """)

  /// On which voxels a volume is compared.
  enum Grid: String, CaseIterable, ExpressibleByArgument { case candidate, reference }

  @Option(help: ArgumentHelp("The true CT.", valueName: "ct")) var reference: String?
  @Option(help: ArgumentHelp("The CT to score.", valueName: "ct")) var candidate: String?
  @Option(help: ArgumentHelp("The true labels.", valueName: "labels")) var referenceLabels: String?
  @Option(help: ArgumentHelp("The candidate's labels.", valueName: "labels"))
  var candidateLabels: String?
  @Option(
    help: ArgumentHelp(
      "Compare on the candidate's voxels, or on the reference's (air beyond the candidate; default: "
        + "candidate)."))
  var grid: Grid?
  @OptionGroup(title: "X-rays, for the re-projection error") var radiographs: RadiographOptions
  @Option(
    help: ArgumentHelp("The method to score.", valueName: "file|mean-volume|two-view|nearest-case"))
  var model: String?
  @Option(help: ArgumentHelp("A data set's folder.", valueName: "folder")) var data: String?
  @Option(help: "The part of the data set: train, val or test (default: test).") var split:
    DataSetIndex.Split?
  @Option(
    help: "Voxels along a side of the reconstructions of a data set (default: 64).",
    transform: CubeSize.read)
  var size: Int?
  @Option(
    help: ArgumentHelp(
      "The X-rays that a model of any views is given of the patients of a data set: pa, ap, left, right or gantry "
        + "angles, as pa,left,45 (default: the model's own).", valueName: "views"),
    transform: DataViews.read)
  var dataViews: DataViews?
  @Flag(help: "Leave damaged cases of a data set out instead of refusing it.")
  var skipDamaged = false
  @Option(
    help: ArgumentHelp(
      "Score one part of the cases only, those of shard i of n (from 1/n to n/n), and print it with "
        + "--json for --merge.", valueName: "i/n"))
  var shard: String?
  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp("Join all parts of an evaluation.", valueName: "file"))
  var merge: [String] = []
  @Option(help: ArgumentHelp("An interactive HTML page to write.", valueName: "file"))
  var report: String?
  @Flag(help: "Replace a page that exists.") var overwrite = false
  @OptionGroup var refining: RefinementOptions
  @OptionGroup var volume: VolumeOptions
  @OptionGroup var common: CommonOptions

  private var isPair: Bool { reference != nil || candidate != nil }

  func validate() throws {
    let pairOnly = referenceLabels != nil || candidateLabels != nil || grid != nil
    let setOnly =
      model != nil || data != nil || split != nil || size != nil || dataViews != nil || skipDamaged
      || refining.refine != nil || shard != nil
    guard merge.isEmpty else {
      guard !isPair, !pairOnly, !setOnly, radiographs.views.isEmpty else {
        throw ValidationError(
          "--merge joins what shards have scored; beside it give --json or --report, and nothing to "
            + "score")
      }
      return
    }
    if isPair {
      guard reference != nil, candidate != nil else {
        throw ValidationError("give both --reference and --candidate")
      }
      guard !setOnly else {
        throw ValidationError(
          "--model, --data, --split, --size, --data-views, --refine, --shard and --skip-damaged score a data set; "
            + "leave them away with --reference")
      }
    } else {
      guard model != nil, data != nil else {
        throw ValidationError("give --reference and --candidate, or --model and --data")
      }
      guard !pairOnly, radiographs.views.isEmpty else {
        throw ValidationError("--view, --grid and labels go with --reference and --candidate")
      }
    }
    if try ShardArgument.shard(shard) != nil {
      guard common.json, report == nil else {
        throw ValidationError(
          "--shard prints a part for --merge: give --json, and --report where the parts are merged")
      }
    }
    if let size, !(8...512).contains(size) {
      throw ValidationError("--size is \(size); it must be 8 to 512")
    }
  }

  /// The whole that the parts make.
  private func joined() throws -> EvaluationPart.Whole {
    do {
      return try EvaluationPart.merged(merge.map { URL(fileURLWithPath: $0) })
    } catch {
      guard case FileError.unsupported = error as any Error else { throw error }
      throw CommandFailure(
        "\(error)\nHint: spider evaluate --shard i/n --json > part.json prints a part")
    }
  }

  func run() throws {
    common.apply()
    let target = report.map { URL(fileURLWithPath: $0) }
    try OutputFolder.checkTargets([target].compactMap { $0 }, overwrite: overwrite)
    var part: EvaluationPart?
    let summary: EvaluationSummary
    var warnings: [String] = []
    var page = EvaluationPage()
    var refined = 0
    var views = dataViews?.description
    if !merge.isEmpty {
      let whole = try joined()
      (summary, refined, warnings) = (whole.summary, whole.refine, whole.warnings)
      views = whole.settings["views"]
      page.isMerged = true
    } else if let reference, let candidate {
      let scored = try pair(URL(fileURLWithPath: reference), URL(fileURLWithPath: candidate))
      summary = EvaluationSummary(cases: [scored.metrics])
      warnings = scored.warnings
      if target != nil { page.compared = (scored.pair, scored.views) }
    } else if let model, let data {
      let splits: [DataSetIndex.Split] =
        ["mean-volume", "nearest-case"].contains(model)
        ? [split ?? .test, .train] : [split ?? .test]
      let found = try DataSet(open: URL(fileURLWithPath: data))
        .sound(splits, skippingDamaged: skipDamaged)
      warnings = found.warnings
      let scored = try ModelArgument.scored(model, on: found.dataSet)
      let side = scored.traits.fieldOfView ?? found.dataSet.index.fieldOfView
      var scorer = ModelScorer(scored, size: size ?? 64, fieldOfView: side)
      if let dataViews { scorer.views = try dataViews.checked(by: scored.traits) }
      // Baselines are refined only where that is asked for: else nothing is said of it either.
      if scored is any StorableModel || refining.refine != nil {
        let steps = try refining.steps(
          on: .canonical(size: size ?? 64, side: side), isocenter: .zero, side: side)
        if steps.count > 0 { scorer.refinement = Refinement(iterations: steps.count) }
        refined = steps.count
        if let obstacle = steps.obstacle { warnings.append("not refined: \(obstacle)") }
      }
      let progress = ProgressDisplay("evaluate")
      var extremes = ExtremeCases()
      let shard = try ShardArgument.shard(shard)
      summary = try found.dataSet.evaluate(
        split ?? .test, with: scorer, shard: shard, progress: { progress.update($0) },
        each: { if target != nil { extremes.add($0, $1) } })
      if target != nil { page.extremes = extremes }
      if let shard {
        let plan = try plan(of: model, on: found.dataSet, refined: refined)
        part = EvaluationPart(shard, of: plan, summary, refine: refined, warnings: warnings)
        if summary.cases.isEmpty {
          Console.say("shard \(shard) has no case: there are \(plan.cases.count)")
        }
      }
    } else {
      throw ValidationError("give --reference and --candidate, or --model and --data")
    }
    for warning in warnings { Console.say(warning) }
    if let target {
      try page.page(summary, warnings: warnings).write(to: target, overwrite: overwrite)
    }
    if let part {
      try Console.printJSON(part)
    } else if common.json {
      try Console.printJSON(
        Record(
          summary: summary, refined: model == nil && merge.isEmpty ? nil : refined,
          views: views?.split(separator: ",").map(String.init), warnings: warnings))
    } else {
      let tables = EvaluationTables(summary).all.map { $0.text() }
      try Console.answer(tables.joined(separator: "\n\n"))
    }
  }

  /// What all shards of an evaluation must agree about.
  private func plan(
    of model: String, on dataSet: DataSet, refined: Int
  ) throws -> EvaluationPart.Plan {
    let isTrivial = ComparedMethod.trivial(dataSet).contains { $0.name == model }
    let digest = isTrivial ? "" : " (sha256 \(try SHA256.digest(of: ModelArgument.url(model))))"
    let name = isTrivial ? model : try ModelArgument.url(model).lastPathComponent
    var settings = [
      "model": name + digest, "data set": try Checksum.of(encoding: dataSet.index),
      "split": (split ?? .test).rawValue,
      "size": "\(size ?? 64)", "refinement": "\(refined)",
      "version": SpiderRelease.version,
    ]
    settings["views"] = dataViews?.description
    return EvaluationPart.Plan(
      cases: dataSet.entries(split ?? .test).map(\.id), settings: settings)
  }

  private func pair(
    _ reference: URL, _ candidate: URL
  ) throws -> (
    metrics: CaseMetrics, warnings: [String], pair: VolumePair, views: [ViewerContent.View]
  ) {
    let options = volume.readOptions
    let loaded = try radiographs.read()
    func load(
      _ url: URL, isScored: Bool
    ) throws -> (numbers: CTNumbers, ct: Volume, warnings: [String]) {
      try volume.load(
        url,
        bytesPerVoxel: isScored ? MemoryLimits.bytesPerScoredVoxel : MemoryLimits.bytesPerVoxel)
    }
    let truth = try load(reference, isScored: grid == .reference)
    let result = try load(candidate, isScored: grid != .reference)
    let views = PreparedViews.masked(loaded.map(\.radiograph), borders: radiographs.borders)
    var warnings = radiographs.notes(on: loaded, views.notes) + truth.warnings + result.warnings
    // The same rule as where it was made: a part of the head cannot explain the whole X-ray.
    let isWhole =
      try loaded.isEmpty
      || result.ct.grid.coversCube(
        about: radiographs.commonIsocenter(of: loaded), side: Self.fieldOfView)
    if !isWhole {
      warnings.append(
        "\(candidate.lastPathComponent): it is a part of the field of view of "
          + "\(Int(Self.fieldOfView)) mm about the isocentre; no re-projection error")
    }
    var comparison = VolumePair(
      id: candidate.stem,
      reference: truth.ct, candidate: result.ct,
      referenceLabels: try referenceLabels.map {
        try LabelScheme.head.scored(URL(fileURLWithPath: $0), options: options)
      },
      candidateLabels: try candidateLabels.map {
        try LabelScheme.head.scored(URL(fileURLWithPath: $0), options: options)
      },
      radiographs: isWhole ? views.radiographs : [])
    func name(_ path: String?) -> String {
      path.map { URL(fileURLWithPath: $0).lastPathComponent } ?? ""
    }
    comparison.labelNames = (name(referenceLabels), name(candidateLabels))
    do {
      warnings += try comparison.check(onReferenceGrid: grid == .reference)
        .map { "\(candidate.lastPathComponent): \($0)" }
      warnings += comparison.labelNotes
    } catch {
      throw CommandFailure("\(candidate.path) against \(reference.path)", error)
    }
    let shown = zip(radiographs.views, views.radiographs).map {
      ViewerContent.View(
        $0.view?.description ?? $0.image.stem, $1, explainedBy: isWhole ? result.ct : nil)
    }
    return (
      comparison.metrics(onReferenceGrid: grid == .reference), warnings, comparison, shown
    )
  }

  /// The canonical field of view of the head scheme, mm: no file says which model made a volume.
  private static let fieldOfView = 256.0

  /// What `--json` prints: the summary's keys, and what the user should know.
  private struct Record: Encodable {
    let summary: EvaluationSummary
    /// Steps of refinement; nil of a pair of volumes.
    let refined: Int?
    /// The X-rays that were asked for; nil: the model's own.
    let views: [String]?
    let warnings: [String]

    enum CodingKeys: CodingKey { case refine, views, warnings }

    func encode(to encoder: any Encoder) throws {
      try summary.encode(to: encoder)
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(refined, forKey: .refine)
      try container.encode(views, forKey: .views)
      try container.encode(warnings, forKey: .warnings)
    }
  }
}

extension DataSetIndex.Split: ExpressibleByArgument {}
