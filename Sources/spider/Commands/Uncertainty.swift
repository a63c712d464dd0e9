import ArgumentParser
import Foundation
import SpiderCore
import SpiderDataSet
import SpiderEvaluation
import SpiderIO
import SpiderTraining

struct Uncertainty: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Teach a model how far its CT numbers may be off.",
    discussion: """
      Fits a small head to a trained model of spider, on the data set's train split, and stretches its intervals \
      until they hold 90 % of the voxels of the bodies of the val split, of which the model must not have learned. \
      The network's answers stay what they are. `spider reconstruct --uncertainty` then writes a map. On the same \
      val split it calibrates 90 % intervals of the figures derived from the labels of a head; \
      --measurements-only does this alone and leaves a map that the model has as it is.
      Examples: spider uncertainty --model run/best.safetensors --data data --out model.safetensors
                spider uncertainty --measurements-only --model head --data data --out model.safetensors
      """)

  @Option(
    help: ArgumentHelp(
      "A trained model of spider: head, head-research, head-any or a file.", valueName: "model"))
  var model: String
  @Option(help: ArgumentHelp("The data set's folder.", valueName: "folder")) var data: String
  @Option(help: ArgumentHelp("The model file to write.", valueName: "file")) var out: String
  @Option(
    help: "Batches that the head is fitted to (default: 200).", transform: WholeNumber.read)
  var steps = 200
  @Option(
    help: "Voxels along a side of the volumes by which the intervals are stretched (default: 64).",
    transform: CubeSize.read)
  var size = 64
  @Flag(
    help: ArgumentHelp(
      "Calibrate the intervals of measurements alone: the map stays as it is, and no train split is needed."
    ))
  var measurementsOnly = false
  @Option(
    help: "Voxels along a side of the volumes that are measured (default: 128).",
    transform: CubeSize.read)
  var measuredSize = 128
  @Option(help: "Seed of all randomness.", transform: SeedArgument.read)
  var seed: UInt64 = 1
  @Flag(help: "Replace the file if it exists.") var overwrite = false
  @OptionGroup var common: CommonOptions

  func validate() throws {
    guard (1...100_000).contains(steps) else {
      throw ValidationError("--steps is \(steps); it must be 1 to 100000")
    }
    guard out.lowercased().hasSuffix(".safetensors") else {
      throw ValidationError("--out is a model file; its name must end in .safetensors")
    }
    guard (16...256).contains(size) else {
      throw ValidationError("--size is \(size); it must be 16 to 256")
    }
    guard (16...256).contains(measuredSize) else {
      throw ValidationError("--measured-size is \(measuredSize); it must be 16 to 256")
    }
  }

  func run() throws {
    common.apply()
    let target = URL(fileURLWithPath: out)
    let file = try ModelArgument(model).url
    try OutputFolder.checkTargets([target], reading: [file], overwrite: overwrite)
    var model = try ModelFile.read(file)
    let splits: [DataSetIndex.Split] = measurementsOnly ? [.val] : [.train, .val]
    let (dataSet, warnings) = try DataSet(open: URL(fileURLWithPath: data, isDirectory: true))
      .sound(splits, skippingDamaged: false)
    for warning in warnings { Console.say(warning) }
    guard dataSet.index.scheme == model.description.scheme,
      dataSet.index.fieldOfView == model.description.fieldOfView
    else {
      throw CommandFailure(
        "\(data): its scheme or field of view is not the model's; give the data set that the model was trained on"
      )
    }
    let isHead = model.description.scheme == .head
    guard isHead || !measurementsOnly else {
      throw CommandFailure(
        "--measurements-only: the model's labels are no head's: nothing to measure")
    }
    let libraries = splits.map { ($0, CaseLibrary(dataSet, $0)) }
    for (split, cases) in libraries where cases.isEmpty {
      throw DataSetError.noCases(split: split.rawValue, dataSet: dataSet.url.path)
    }
    let validation = libraries[splits.count - 1].1
    var report = UncertaintyReport(model: target.path)
    if !measurementsOnly {
      report.map = try map(&model, training: libraries[0].1, validation)
      model.description.training["uncertainty"] = report.map?.text
    }
    if isHead {
      let progress = ProgressDisplay("measurements")
      let found = try MeasurementCalibration(model, size: measuredSize)(
        validation.count, patient: { try validation.patient($0).patient },
        progress: { progress.update($0) })
      model.measurements = found.intervals
      report.measurements = MeasurementReport(found)
    }
    try ModelFile.write(model, to: target, overwrite: overwrite)
    for warning in report.warnings { Console.say(warning) }
    if common.json { return try Console.printJSON(report) }
    for line in report.lines { print(line) }
    print(target.path)
  }

  /// Fits the head of uncertainty and stretches its intervals.
  private func map(
    _ model: inout SpiderModel, training: CaseLibrary, _ validation: CaseLibrary
  ) throws -> UncertaintyReport.Map {
    let progress = ProgressDisplay("uncertainty")
    model.uncertainty = try UncertaintyFit(model, training: training, seed: seed)
      .head(steps: steps) { progress.update(0.7 * $0) }
    let found = try UncertaintyCalibration(model, size: size)(
      validation.count, patient: { try validation.patient($0).patient },
      progress: { progress.update(0.7 + 0.3 * $0) })
    model.uncertainty?.factor = found.factor
    return UncertaintyReport.Map(found)
  }
}
