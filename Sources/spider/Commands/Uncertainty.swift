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
      The network's answers stay what they are. `spider reconstruct --uncertainty` then writes a map.
      Example: spider uncertainty --model run/best.safetensors --data data --out model.safetensors
      """)

  @Option(
    help: ArgumentHelp(
      "A trained model of spider: head, head-research, head-any or a file.", valueName: "model"))
  var model: String
  @Option(help: ArgumentHelp("The data set's folder.", valueName: "folder")) var data: String
  @Option(help: ArgumentHelp("The model file to write.", valueName: "file")) var out: String
  @Option(help: "Batches that the head is fitted to.") var steps = 200
  @Option(help: "Voxels along a side of the volumes by which the intervals are stretched.")
  var size = 64
  @Option(help: "Seed of all randomness.", transform: SeedArgument.read)
  var seed: UInt64 = 1
  @Flag(help: "Replace the file if it exists.") var overwrite = false
  @OptionGroup var common: CommonOptions

  func validate() throws {
    guard (1...100_000).contains(steps) else {
      throw ValidationError("--steps must be 1 to 100000")
    }
    guard out.lowercased().hasSuffix(".safetensors") else {
      throw ValidationError("--out is a model file; its name must end in .safetensors")
    }
    guard (16...256).contains(size) else { throw ValidationError("--size must be 16 to 256") }
  }

  func run() throws {
    common.apply()
    let target = URL(fileURLWithPath: out)
    let file = try ModelArgument(model).url
    try OutputFolder.checkTargets([target], reading: [file], overwrite: overwrite)
    var model = try ModelFile.read(file)
    let (dataSet, warnings) = try DataSet(open: URL(fileURLWithPath: data, isDirectory: true))
      .sound([.train, .val], skippingDamaged: false)
    for warning in warnings { Console.say(warning) }
    guard dataSet.index.scheme == model.description.scheme,
      dataSet.index.fieldOfView == model.description.fieldOfView
    else {
      throw CommandFailure(
        "\(data): its scheme or field of view is not the model's; give the data set that the model was trained on"
      )
    }
    let (training, validation) = (CaseLibrary(dataSet, .train), CaseLibrary(dataSet, .val))
    for (split, cases) in [(DataSetIndex.Split.train, training), (.val, validation)]
    where cases.isEmpty {
      throw DataSetError.noCases(split: split.rawValue, dataSet: dataSet.url.path)
    }
    let progress = ProgressDisplay("uncertainty")
    model.uncertainty = try UncertaintyFit(model, training: training, seed: seed)
      .head(steps: steps) { progress.update(0.7 * $0) }
    let found = try UncertaintyCalibration(model, size: size)(
      validation.count, patient: { try validation.patient($0).patient },
      progress: { progress.update(0.7 + 0.3 * $0) })
    model.uncertainty?.factor = found.factor
    let report = UncertaintyReport(model: target.path, found)
    model.description.training["uncertainty"] = report.text
    try ModelFile.write(model, to: target, overwrite: overwrite)
    if found.patients.count < 5 {
      Console.say(
        "the intervals rest on \(found.patients.count) of the val split: that is too few to know how they do on others"
      )
    }
    if common.json { return try Console.printJSON(report) }
    for patient in found.patients {
      print(
        String(
          format: "%@: %.1f %% of the body's voxels held, half width %.0f HU", patient.id,
          100 * patient.coverage, patient.halfWidth))
    }
    print(report.text)
    print(target.path)
  }
}

/// How the intervals do, for records.
private struct UncertaintyReport: Encodable {
  let model: String
  /// Half an interval's width in scales of the head.
  let factor: Float
  /// The mean over the patients, each with a factor of the others.
  let coverage: Double
  let patients: [UncertaintyCalibration.Patient]

  init(model: String, _ found: (factor: Float, patients: [UncertaintyCalibration.Patient])) {
    self.model = model
    factor = found.factor
    patients = found.patients
    coverage = patients.map(\.coverage).reduce(0, +) / Double(max(1, patients.count))
  }

  var text: String {
    let shares = patients.map(\.coverage)
    return String(
      format:
        "intervals hold %.1f %% of a body's voxels (%.1f to %.1f %% of each; val patients: %d)",
      100 * coverage, 100 * (shares.min() ?? 0), 100 * (shares.max() ?? 0), shares.count)
  }
}
