import Foundation
import SpiderCore
import SpiderDICOM
import SpiderDRR
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
  let ct: URL
  let labels: URL?
  let uncertainty: URL?
  let report: URL?
  let mesh: MeshOptions
  let labelTable: URL?
  let recordFile: URL?
  let dicom: URL?
  let truth: ReferenceArgument?
  let overwrite: Bool

  func callAsFunction() throws -> ReconstructionRecord {
    let clock = Stopwatch()
    try OutputFolder.checkTargets(
      [ct, labels, uncertainty, report, mesh.url, labelTable, recordFile].compactMap { $0 } + geometryFiles,
      reading: radiographs.views.map(\.image) + [truth?.ct, truth?.labels].compactMap { $0 },
      overwrite: overwrite)
    try dicom.map { try OutputFolder.checkNew($0) }
    var loaded = try radiographs.read(unnamed: estimation.isWanted ? .pa : nil)
    let truth = try truth?.read()
    let argument = try ModelArgument(model)
    let (model, traits) = (argument.model, argument.model.traits)
    guard uncertainty == nil || traits.tellsUncertainty else {
      throw CommandFailure(
        "--uncertainty: the model '\(argument.name)' does not say how far its CT numbers may be off; spider uncertainty "
          + "teaches it that, or leave the option away")
    }
    var options = options
    options.uncertainty = traits.tellsUncertainty && (uncertainty != nil || report != nil)
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
    record.seconds.encode = clock.lap()
    let side = traits.grid(about: views.isocenter, size: 1).spacing.x
    let voxels = try grid.grid(
      center: views.isocenter, fieldOfView: side, limit: limits.maxVoxels)
    // Only a volume that holds all the model shows can be held against the X-rays.
    let isWhole = voxels.coversCube(about: views.isocenter, side: side)
    if dicom != nil, voxels.count > ReconstructionOutput.shownVoxels {
      throw CommandFailure(
        "--dicom is for grids of up to \(ReconstructionOutput.shownVoxels) voxels, and this one has "
          + "\(voxels.count); choose a coarser one, or leave --dicom away")
    }
    let steps = try refining.steps(on: voxels, isWhole: isWhole)
    var provenance = Provenance(
      commit: BuildRecord.commit, model: .init(name: argument.name, sha256: record.digest),
      isocenter: views.isocenter, views: views.given.map(\.geometry))
    provenance.refinementSteps = steps
    let output = ReconstructionOutput(
      ct: ct, labels: labels, uncertainty: uncertainty,
      isShown: report != nil || mesh.url != nil || dicom != nil,
      hasLabels: traits.scheme != nil, isWhole: isWhole, grid: voxels, provenance: provenance,
      overwrite: overwrite)
    record.plannedMemory =
      model.memory(for: voxels, options: options) + output.memory
      + (steps > 0 ? RefinedOutput.memory(for: voxels) : 0)
    try limits.check(record.plannedMemory, for: voxels)

    let progress = ProgressDisplay("reconstruct")
    try output.start()
    let refined = steps > 0 ? RefinedOutput(on: voxels, steps: steps) : nil
    let summary = try radiographs.naming {
      try model.reconstruct(
        views, on: voxels, options: options, progress: { progress.update($0) }
      ) { slab in
        if let refined { refined.add(slab) } else { try output.add(slab) }
      }
    }
    _ = clock.lap()
    let before = try refined?.refine(to: views.given, into: output)
    record.refinement = refined?.record
    record.seconds.refine = clock.lap()
    try output.label()
    record.seconds.encode += summary.encodeSeconds
    record.seconds.decode = summary.decodeSeconds + clock.lap()
    record.points = summary.points
    record.pointsCulled = summary.pointsCulled
    record.isocenter = views.isocenter
    record.warnings =
      radiographs.notes(
        on: loaded, views.notes, estimated: found) + summary.warnings
      + (refined?.warnings(of: names) ?? []) + (truth?.warnings ?? [])
    if traits.scheme == nil, labels != nil {
      record.warnings.append(
        "\(traits.name) tells no tissues apart: the labels are the automatic labeller's")
    }
    let shown = isWhole ? output.preview?.ct : nil
    let fits = shown.map { Reprojection.views(of: $0, views.given) }
    record.add(
      radiographs.views, views, explainedBy: fits, before: before, isFine: voxels.spacing.max() <= 5)
    var content = output.shown.map { page(about: $0, of: views, by: argument, on: voxels, record) }
    content?.fits = fits
    content?.uncertainty = output.shownUncertainty
    if let truth, var compared = content {
      record.warnings += truth.hold(
        to: &compared, hasLabels: traits.scheme != nil, fits == nil ? [] : views.given)
      content = compared
    }
    for warning in record.warnings { Console.say(warning) }
    argument.note.map { Console.say($0) }
    for view in record.views { view.agreement.map { Console.say(Self.agreement($0, of: view)) } }

    _ = clock.lap()
    try output.finish()
    for (index, geometry) in geometries {
      try GeometrySidecar(geometry: geometry).write(to: geometryFiles[index], overwrite: overwrite)
    }
    if let labelTable {
      try LabelTable.write(traits.scheme ?? .head, to: labelTable, overwrite: overwrite)
    }
    if let dicom, let shown = output.shown {
      try CTSeriesWriter.write(shown.ct, to: dicom, provenance: provenance)
    }
    if let url = mesh.url, let shown = output.shown {
      try write(surfaces, of: shown.labels, on: voxels, to: url, &record)
    }
    if let report, var content {
      content.warnings = record.warnings
      try content.page().write(to: report, overwrite: overwrite)
    }
    record.seconds.write = output.seconds + clock.lap()
    record.seconds.total = clock.total
    record.peakMemory = PeakMemory.bytes
    let isMeshed = record.surfaces?.isEmpty == false
    // Another head's surface must not stay beside this one's volume.
    if let old = mesh.url, !isMeshed { try? FileManager.default.removeItem(at: old) }
    record.outputs = [
      "ct": ct.path, "labels": labels?.path, "uncertainty": uncertainty?.path,
      "mesh": isMeshed ? mesh.url?.path : nil, "report": report?.path,
      "label_table": labelTable?.path, "record": recordFile?.path,
      "dicom": dicom?.path,
    ]
    if let recordFile {
      try AtomicFile.write(Console.json(record), to: recordFile, overwrite: overwrite)
    }
    return record
  }

  /// Writes the surfaces of labels, which may be coarser than the volume.
  private func write(
    _ surfaces: MeshWriting, of labels: LabelVolume, on voxels: VoxelGrid, to url: URL,
    _ record: inout ReconstructionRecord
  ) throws {
    var (found, warnings) = try surfaces(labels, to: url, overwrite: overwrite)
    if labels.grid != voxels {
      let edge = labels.grid.spacing.max()
      warnings.append(
        String(format: "the mesh is made of voxels of %.3g mm: the volume has too many", edge))
    }
    for warning in warnings { Console.say(warning) }
    record.warnings += warnings
    record.surfaces = found.map { SurfaceRecord($0) }
  }

  /// The names of the pictures, in the order given.
  private var names: [String] { radiographs.views.map(\.image.lastPathComponent) }

  /// Where estimated geometries are written: beside the CT, one a picture.
  private var geometryFiles: [URL] {
    guard estimation.isWanted else { return [] }
    let stems = radiographs.views.map(\.image.stem)
    // Pictures of one name in two folders are numbered.
    let areNamed = Set(stems).count == stems.count
    return stems.enumerated().map { index, stem in
      let name = areNamed ? stem : "\(stem)_\(index + 1)"
      return ct.deletingLastPathComponent().appendingPathComponent("\(ct.stem)_\(name).json")
    }
  }

  private static func agreement(_ value: Double, of view: ReconstructionRecord.View) -> String {
    let name = URL(fileURLWithPath: view.file).lastPathComponent
    return String(format: "%@: agreement with the reconstruction %.3f", name, value)
  }

  /// The page about a reconstruction.
  private func page(
    about shown: (ct: Volume, labels: LabelVolume), of views: PreparedViews,
    by argument: ModelArgument, on voxels: VoxelGrid, _ record: ReconstructionRecord
  ) -> ReconstructionReport {
    let traits = argument.model.traits
    let panels = zip(radiographs.views, views.given).map {
      RadiographFigure.Panel(title: title(of: $0, $1.geometry), radiograph: $1)
    }
    var content = ReconstructionReport(views: panels, result: shown, model: .init(traits))
    content.grid = voxels
    content.curve = argument.curve
    content.facts = [
      .init("Network", traits.name),
      .init("Reading the X-rays", String(format: "%.2f s", record.seconds.encode)),
      .init("Answering for the voxels", String(format: "%.2f s", record.seconds.decode)),
    ]
    // Only some models know air from the X-rays alone.
    if record.pointsCulled > 0 {
      let share = 100 * Double(record.pointsCulled) / Double(record.points)
      content.facts.append(
        .init("Voxels taken for air by the X-rays", String(format: "%.0f %%", share)))
    }
    content.facts += record.refinement?.facts(of: names) ?? []
    content.facts.append(.init("CT", ct.lastPathComponent))
    for (view, scored) in zip(radiographs.views, record.views) {
      let error = scored.error.map { String(format: "%.3f", $0) } ?? "not known"
      content.facts.append(.init("Re-projection error of \(view.image.lastPathComponent)", error))
    }
    content.facts += panels.map { PageProvenance.fact($0.title, $0.radiograph.geometry) }
    content.facts += argument.facts + PageProvenance.program
    return content
  }

  /// The view's name where it was given or the geometry is just that view's, else the file's name.
  private func title(of view: ViewSpecification, _ geometry: ProjectionGeometry) -> String {
    let sides: [NamedView] = [.pa, .ap, .left, .right]
    // `agrees` allows 45 degrees to what the user names; what nobody named must be within 5.
    let known = sides.first {
      $0.agrees(with: geometry)
        && dot(-geometry.centralDirection, $0.sourceDirection) > cos(5 * Double.pi / 180)
    }
    return (view.view ?? known)?.description ?? view.image.stem
  }
}

extension ReconstructionReport.Model {
  /// What a report says about any model; one that shows any grid is shown over the default one.
  init(_ traits: ModelTraits) {
    self.init(
      views: traits.views, fieldOfView: traits.fieldOfView ?? 256, window: traits.window,
      scheme: traits.scheme ?? .head, training: traits.training)
  }
}
