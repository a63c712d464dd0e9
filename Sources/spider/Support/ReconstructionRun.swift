import Foundation
import SpiderCore
import SpiderDRR
import SpiderIO
import SpiderReport
import SpiderSupport
import SpiderTraining

/// The steps of `spider reconstruct`: X-rays and a model in, files out, nothing half-written.
struct ReconstructionRun {
  let radiographs: RadiographOptions
  let grid: GridOptions
  let limits: MemoryLimits
  let options: ReconstructionOptions
  /// A model file; nil is the one that comes with Spider.
  let model: String?
  let ct: URL
  let labels: URL?
  let report: URL?
  let overwrite: Bool

  func callAsFunction() throws -> ReconstructionRecord {
    let clock = Stopwatch()
    try OutputFolder.checkTargets([ct, labels, report].compactMap { $0 }, overwrite: overwrite)
    let loaded = try radiographs.read()
    try refuseEmpty(loaded)
    let argument = try ModelArgument(model)
    let model: SpiderModel
    switch argument.model {
    case .spider(let spider): model = spider
    case .baseline(let baseline):
      return try reconstruct(loaded, with: baseline, argument.url, clock)
    }
    let description = model.description
    let center = try radiographs.commonIsocenter(of: loaded)
    let voxels = try grid.grid(
      center: center, fieldOfView: description.fieldOfView, limit: limits.maxVoxels)
    // Only a volume that holds all the model shows can be held against the X-rays.
    let isWhole = voxels.coversCube(about: center, side: description.fieldOfView)
    let plan = MemoryPlan(model: model, grid: voxels, options: options)
    let needsPreview = isWhole || report != nil
    // A preview is held together with its attenuation when it is projected.
    let planned = plan.peak + (needsPreview ? 2 * ReconstructionPreview.bytes(of: voxels) : 0)
    try limits.check(planned, for: voxels)
    var record = ReconstructionRecord(model: argument.url.path)
    record.plannedMemory = planned
    record.seconds.read = clock.lap()

    let images = loaded.map(\.radiograph)
    let output = try ReconstructionOutput(
      ct: ct, labels: labels, preview: needsPreview, grid: voxels, overwrite: overwrite)
    let progress = ProgressDisplay("reconstruct")
    let summary: ReconstructionSummary
    do {
      summary = try Reconstructor(model: model).reconstruct(
        images, on: voxels, isocenter: center, options: options,
        progress: { progress.update($0) }, into: output.add)
    } catch  where error is ViewError || error is GeometryError {
      throw CommandFailure("\(radiographs.fileNames): \(error)")
    }
    record.seconds.encode = summary.encodeSeconds
    record.seconds.decode = summary.decodeSeconds
    record.points = summary.points
    record.pointsCulled = summary.pointsCulled
    record.isocenter = center
    record.warnings = radiographs.notes(on: loaded) + summary.warnings
    record.views = zip(radiographs.views, images).map { view, image in
      let error =
        isWhole
        ? output.preview.flatMap { Reprojection.relativeError(of: $0.ct, [image]) } : nil
      return .init(
        file: view.image.path, absolute: image.intensity == .absolute, errorBefore: error,
        error: error)
    }
    for warning in record.warnings { Console.say(warning) }

    _ = clock.lap()
    try output.finish()
    if let report, let preview = output.preview {
      var content = ReconstructionReport(
        views: panels(images), result: (preview.ct, preview.labels), model: description)
      content.grid = voxels
      content.facts = [
        .init("Reading the X-rays", String(format: "%.2f s", record.seconds.encode)),
        .init("Answering for the voxels", String(format: "%.2f s", record.seconds.decode)),
        .init("Voxels taken for air by the X-rays", culledShare(record)),
      ]
      try write(content, to: report, record)
    }
    record.seconds.write = output.seconds + clock.lap()
    record.seconds.total = clock.total
    record.peakMemory = PeakMemory.bytes
    record.outputs = [
      "ct": ct.path, "labels": labels?.path, "uncertainty": nil, "mesh": nil,
      "report": report?.path,
    ]
    return record
  }

  private func refuseEmpty(_ loaded: [LoadedRadiograph]) throws {
    for (view, loaded) in zip(radiographs.views, loaded)
    where loaded.radiograph.relativeScale == nil {
      throw CommandFailure(
        "\(view.image.path): this X-ray shows nothing: all its pixels are the same; give another")
    }
  }

  /// Writes a page with what every reconstruction has to say.
  func write(
    _ content: ReconstructionReport, to report: URL, _ record: ReconstructionRecord
  ) throws {
    var content = content
    content.warnings = record.warnings
    content.facts.append(.init("CT", ct.lastPathComponent))
    for (view, scored) in zip(radiographs.views, record.views) {
      let error = scored.error.map { String(format: "%.3f", $0) } ?? "not known"
      let name = view.image.lastPathComponent
      content.facts.append(.init("Re-projection error of \(name)", error))
    }
    try AtomicFile.write(
      Data(content.page().html().utf8), to: report, overwrite: overwrite)
  }

  /// The X-rays with their titles.
  func panels(_ images: [Radiograph]) -> [RadiographFigure.Panel] {
    zip(radiographs.views, images).map {
      RadiographFigure.Panel(title: title(of: $0, $1.geometry), radiograph: $1)
    }
  }

  private func culledShare(_ record: ReconstructionRecord) -> String {
    guard options.culling else { return "culling is off" }
    return String(format: "%.0f %%", 100 * Double(record.pointsCulled) / Double(record.points))
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
