import Foundation
import SpiderCore
import SpiderDICOM
import SpiderDRR
import SpiderEvaluation
import SpiderIO
import SpiderReport
import SpiderSupport

/// The steps of `spider reconstruct`: X-rays and a model in, files out, nothing half-written. What is done to
/// the X-rays, and with them, is the library's; here are files and words.
struct ReconstructionRun {
  let radiographs: RadiographOptions
  let estimation: GeometryEstimation
  let grid: GridOptions
  let limits: MemoryLimits
  let options: ReconstructionOptions
  let refining: RefinementOptions
  /// A model file; nil is the one that comes with Spider.
  let model: String?
  let mesh: MeshOptions
  let truth: ReferenceArgument?
  let targets: ReconstructionTargets

  func callAsFunction() throws -> ReconstructionRecord {
    let clock = Stopwatch()
    let geometryFiles = estimation.isWanted ? targets.geometryFiles(of: images) : []
    try targets.check(
      reading: images + [truth?.ct, truth?.labels].compactMap { $0 }, geometries: geometryFiles)
    var loaded = try radiographs.read(unnamed: estimation.isWanted ? .pa : nil)
    let argument = try ModelArgument(model)
    let (model, traits) = (argument.model, argument.model.traits)
    let truth = try truth?.read(traits.scheme ?? .head)
    let surfaces = try MeshWriting(
      mesh.labels, of: traits.scheme ?? .head, faces: mesh.faces, space: mesh.space)
    var record = ReconstructionRecord(
      model: argument.url.path, digest: try SHA256.digest(of: argument.url))
    record.seconds.read = clock.lap()

    var (found, geometries) = ([Int: String](), [Int: ProjectionGeometry]())
    if estimation.isWanted {
      (loaded, found, geometries) = try estimation.place(loaded, radiographs, by: model)
    }
    let views = try radiographs.naming {
      try PreparedViews(
        loaded.map(\.radiograph), for: traits, isocenter: radiographs.isocenter?.point,
        borders: options.borders, inspection: options.inspection)
    }
    record.isocenter = views.isocenter
    record.seconds.encode = clock.lap()

    let plan = try ReconstructionPlan(
      self, views, pixels: loaded.reduce(0) { $0 + $1.radiograph.geometry.count }, by: argument,
      digest: record.digest, surfaces: surfaces)
    record.plannedMemory = plan.memory
    let carried =
      plan.steps > 0
      ? try plan.whole.map {
        try CarriedRefinement(model, views, on: $0, steps: plan.steps, options: plan.options)
      } : nil
    record.seconds.refine = carried == nil ? 0 : clock.lap()
    let (before, summary) = try answer(plan, model, views, carried, clock, &record)
    record.warnings =
      radiographs.notes(on: loaded, views.notes, estimated: found) + summary
      + [plan.note].compactMap { $0 } + (truth?.warnings ?? [])
    // What makes the whole volume wrong comes first.
    let grave = views.faults.filter(\.isGrave).map { "\(names[$0.index]): \($0.text)" }
    record.warnings =
      record.warnings.filter(grave.contains) + record.warnings.filter { !grave.contains($0) }
    if traits.scheme == nil, targets.labels != nil {
      record.warnings.append(
        "\(traits.name) tells no tissues apart: the labels are the automatic labeller's")
    }
    let fits =
      carried?.fits.after
      ?? (plan.isWhole ? plan.output.preview?.ct : nil).map {
        Reprojection.views(of: $0, views.given)
      }
    record.add(
      radiographs.views, views, explainedBy: fits, before: before,
      isFine: (plan.whole ?? plan.voxels).spacing.max() <= 5)
    let caveat = MeasuredFigure.caveat(
      of: traits, views.given, on: plan.voxels,
      hasFaults: record.views.contains { !$0.faults.isEmpty })
    record.measurements = plan.output.measurements.map {
      MeasuredFigure.all(
        of: $0, by: traits.measurements, radiographs: views.given.count, caveat: caveat,
        isWhole: plan.isWhole)
    }
    var content = plan.output.shown.map {
      page(about: $0, of: views, by: argument, on: plan.voxels, record)
    }
    content?.fits = fits
    content?.whole = carried?.whole
    content?.measurements = record.measurements ?? []
    content?.uncertainty = plan.output.shownUncertainty
    if let truth, var compared = content {
      record.warnings += truth.hold(
        to: &compared, hasLabels: traits.scheme != nil, plan.isWhole ? views.given : [])
      content = compared
    }
    say(record, argument.note)

    _ = clock.lap()
    try plan.output.finish()
    for (index, geometry) in geometries {
      try GeometrySidecar(geometry: geometry, photonEnergy: views.given[index].photonEnergy)
        .write(to: geometryFiles[index], overwrite: targets.overwrite)
    }
    try write(plan, content, surfaces, traits.scheme ?? .head, &record)
    record.seconds.write = plan.output.seconds + clock.lap()
    record.seconds.total = clock.total
    record.peakMemory = PeakMemory.bytes
    if let file = targets.record {
      try AtomicFile.write(Console.json(record), to: file, overwrite: targets.overwrite)
    }
    return record
  }

  private var images: [URL] { radiographs.views.map(\.image) }

  /// The names of the pictures, in the order given.
  var names: [String] { images.map(\.lastPathComponent) }

  /// Lets the model answer, and refines what it answers.
  ///
  /// - Returns: how the answer explained the X-rays before refinement, and the model's warnings.
  private func answer(
    _ plan: ReconstructionPlan, _ model: any StorableModel, _ views: PreparedViews,
    _ carried: CarriedRefinement?, _ clock: Stopwatch, _ record: inout ReconstructionRecord
  ) throws -> (before: [Reprojection.View]?, warnings: [String]) {
    let progress = ProgressDisplay("reconstruct")
    let output = plan.output
    try output.start()
    let refined =
      plan.steps > 0 && carried == nil ? RefinedOutput(on: plan.voxels, steps: plan.steps) : nil
    let summary = try radiographs.naming {
      try model.reconstruct(
        views, on: plan.voxels, options: plan.options, progress: { progress.update($0) }
      ) { answered in
        let slab = carried?.applied(to: answered, of: plan.voxels) ?? answered
        output.keepMargins(of: slab)
        if let refined { refined.add(slab) } else { try output.add(slab) }
      }
    }
    _ = clock.lap()
    let before = try carried?.fits.before ?? refined?.refine(to: views.given, into: output)
    record.refinement = carried?.record ?? refined?.record
    record.seconds.refine += clock.lap()
    try output.label()
    record.seconds.encode += summary.encodeSeconds
    record.seconds.decode = summary.decodeSeconds + clock.lap()
    record.points = summary.points
    record.pointsCulled = summary.pointsCulled
    return (before, summary.warnings + (record.refinement?.warnings(of: names, views.given) ?? []))
  }

  /// Tells the user what he should know of the result.
  private func say(_ record: ReconstructionRecord, _ note: String?) {
    for warning in record.warnings { Console.say(warning) }
    note.map { Console.say($0) }
    for view in record.views {
      guard let agreement = view.agreement else { continue }
      let name = URL(fileURLWithPath: view.file).lastPathComponent
      Console.say(String(format: "%@: agreement with the reconstruction %.3f", name, agreement))
    }
  }

  /// Writes what is made of the volume beside its own files.
  private func write(
    _ plan: ReconstructionPlan, _ content: ReconstructionReport?, _ surfaces: MeshWriting,
    _ scheme: LabelScheme, _ record: inout ReconstructionRecord
  ) throws {
    if let table = targets.labelTable {
      try LabelTable.write(scheme, to: table, overwrite: targets.overwrite)
    }
    if let dicom = targets.dicom, let shown = plan.output.shown {
      try CTSeriesWriter.write(shown.ct, to: dicom, provenance: plan.provenance)
    }
    if let mesh = targets.mesh, let shown = plan.output.shown {
      try write(surfaces, of: shown.labels, plan, to: mesh, &record)
    }
    if let report = targets.report, var content {
      content.warnings = record.warnings
      try content.page().write(to: report, overwrite: targets.overwrite)
    }
    let isMeshed = record.surfaces?.isEmpty == false
    // Another head's surface must not stay beside this one's volume.
    if let old = targets.mesh, !isMeshed { try? FileManager.default.removeItem(at: old) }
    record.outputs = targets.outputs(isMeshed: isMeshed)
  }

  /// Writes the surfaces of labels, which may be coarser than the volume.
  private func write(
    _ surfaces: MeshWriting, of labels: LabelVolume, _ plan: ReconstructionPlan, to url: URL,
    _ record: inout ReconstructionRecord
  ) throws {
    var (found, warnings) = try surfaces(
      labels, margins: plan.output.margins, to: url, overwrite: targets.overwrite)
    if labels.grid != plan.voxels {
      let edge = labels.grid.spacing.max()
      warnings.append(
        String(format: "the mesh is made of voxels of %.3g mm: the volume has too many", edge))
    }
    for warning in warnings { Console.say(warning) }
    record.warnings += warnings
    record.surfaces = found.map { SurfaceRecord($0) }
  }
}
