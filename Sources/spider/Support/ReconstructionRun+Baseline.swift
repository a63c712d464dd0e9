import Foundation
import SpiderAnatomy
import SpiderBaselines
import SpiderCore
import SpiderDRR
import SpiderIO
import SpiderReport
import SpiderSupport
import SpiderTraining

extension ReconstructionRun {
  /// The steps with a published network, from the X-rays on. It knows no tissues: labels are the
  /// automatic labeller's, and there is nothing to cull or to hoist.
  func reconstruct(
    _ loaded: [LoadedRadiograph], with model: BaselineModel, _ file: URL, _ clock: Stopwatch
  ) throws -> ReconstructionRecord {
    let description = model.description
    let center = try radiographs.commonIsocenter(of: loaded)
    let voxels = try grid.grid(
      center: center, fieldOfView: description.fieldOfView, limit: limits.maxVoxels)
    let float = MemoryLayout<Float>.stride
    let planned =
      model.memoryForUse + (voxels.count + description.grid(about: center).count) * 3 * float
    try limits.check(planned, for: voxels)
    var record = ReconstructionRecord(model: file.path)
    record.plannedMemory = planned
    record.seconds.read = clock.lap()

    let images = loaded.map(\.radiograph)
    let progress = ProgressDisplay("reconstruct")
    let result: BaselineReconstructor.Result
    do {
      result = try BaselineReconstructor(model: model).reconstruct(
        images, on: voxels, isocenter: center, progress: { progress.update($0) })
    } catch  where error is ViewError || error is GeometryError || error is BaselineError {
      throw CommandFailure("\(radiographs.fileNames): \(error)")
    }
    let needsLabels = labels != nil || report != nil
    let found = needsLabels ? AutomaticLabeller().labels(of: result.ct) : nil
    record.seconds.decode = clock.lap()
    record.points = voxels.count
    record.isocenter = center
    record.warnings = radiographs.notes(on: loaded) + result.warnings
    if labels != nil {
      record.warnings.append(
        "\(description.architecture.name) tells no tissues apart: the labels are the automatic "
          + "labeller's")
    }
    let isWhole = voxels.coversCube(about: center, side: description.fieldOfView)
    record.views = zip(radiographs.views, images).map { view, image in
      let error = isWhole ? Reprojection.relativeError(of: result.ct, [image]) : nil
      return .init(
        file: view.image.path, absolute: image.intensity == .absolute, errorBefore: error,
        error: error)
    }
    for warning in record.warnings { Console.say(warning) }

    _ = clock.lap()
    try NIfTI.write(result.ct, to: ct, datatype: .int16, overwrite: overwrite)
    if let labels, let found { try NIfTI.write(found, to: labels, overwrite: overwrite) }
    if let report, let found {
      var content = ReconstructionReport(
        views: panels(images), result: (result.ct, found),
        model: .init(
          views: description.views, fieldOfView: description.fieldOfView,
          window: description.window, training: description.training))
      content.facts = [
        .init("Network", description.architecture.name),
        .init("Answering for the voxels", String(format: "%.2f s", record.seconds.decode)),
      ]
      try write(content, to: report, record)
    }
    record.seconds.write = clock.lap()
    record.seconds.total = clock.total
    record.peakMemory = PeakMemory.bytes
    record.outputs = [
      "ct": ct.path, "labels": labels?.path, "uncertainty": nil, "mesh": nil,
      "report": report?.path,
    ]
    return record
  }
}
