import ArgumentParser
import Foundation
import SpiderCore
import SpiderDataSet
import SpiderEvaluation
import SpiderIO
import SpiderPretrained
import SpiderReport

/// The model that a command uses: one that comes with Spider, by its name, or a file.
struct ModelArgument {
  let url: URL
  let model: any StorableModel
  /// What it is called: the name by which it was asked for, or that of its file.
  let name: String
  /// What the user of a model should know that comes with Spider.
  let note: String?
  /// What a page says of where the model is from.
  let facts: [ReportPage.Fact]

  /// A file of the name of a model is asked for as ./head.
  init(_ name: String?) throws {
    let name = name ?? PretrainedModel.head.rawValue
    url = try Self.url(name)
    self.name = PretrainedModel(rawValue: name) == nil ? url.stem : name
    model = try ModelReader.read(url)
    let known = PretrainedModel(rawValue: name)
    note = known.map(Self.note)
    facts = [
      .init("Model", known.map { "'\($0.rawValue)', comes with Spider" } ?? url.lastPathComponent),
      .init("Licence of its weights", known?.licence ?? "not known: a file of your own"),
    ]
  }

  /// How its training went, where it lies in the folder of its run.
  var curve: LearningCurve? {
    LearningCurve(
      log: url.deletingLastPathComponent().appendingPathComponent(LearningCurve.logName))
  }

  /// Where the model of a name is, or of a path.
  static func url(_ name: String) throws -> URL {
    if let model = PretrainedModel(rawValue: name) { return try model.url }
    let isWord = !name.contains { $0 == "/" || $0 == "." }
    guard !isWord || FileManager.default.fileExists(atPath: name) else {
      let known = PretrainedModel.allCases.map(\.rawValue).joined(separator: ", ")
      throw ValidationError("no model and no file is called '\(name)'; models: \(known)")
    }
    return URL(fileURLWithPath: name)
  }

  private static func note(on model: PretrainedModel) -> String {
    switch model {
    case .head:
      "model 'head': on real heads 'head-research' is nearer by 2.2 dB (PSNR in the body, 15 heads; \(PretrainedModel.headResearch.licence), "
        + "not for commercial use): --model head-research"
    case .headResearch:
      "model 'head-research': its weights are under \(model.licence), not for commercial use"
    case .headAny:
      "model 'head-any': of a pair from behind and from a side 'head' makes 0.7 dB more"
    }
  }

  /// What is scored on a data set: a model file, or a trivial baseline by its name.
  static func scored(_ name: String, on dataSet: DataSet) throws -> any ReconstructionModel {
    if let trivial = ComparedMethod.trivial(dataSet).first(where: { $0.name == name }) {
      return try trivial.load()
    }
    return try ModelArgument(name).model
  }
}

extension DataSet {
  /// This data set with the files of some splits looked at: damaged cases are an error, or are left out
  /// and named.
  func sound(
    _ splits: [DataSetIndex.Split], skippingDamaged: Bool
  ) throws -> (dataSet: DataSet, warnings: [String]) {
    let (dataSet, skipped) = try checked(splits, skippingDamaged: skippingDamaged)
    return (dataSet, skipped.map { "leaving out '\($0.entry.id)': \($0.fault)" })
  }
}
