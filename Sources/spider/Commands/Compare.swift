import ArgumentParser
import Foundation
import SpiderDataSet
import SpiderEvaluation
import SpiderIO
import SpiderReport
import SpiderTraining

struct Compare: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Compare models and baselines on one data set.",
    discussion: """
      Scores every model, and always the trivial baselines mean-volume, two-view and nearest-case, on \
      the same patients: means with 95 % intervals, differences in pairs, and with --robustness what \
      becomes of them when something is wrong with the X-rays. A model in the folder of its run brings \
      its learning curve, and is called not converged where that still rose at the end. With --out, \
      finished parts are kept there, and a comparison that was interrupted goes on.
      Example: spider compare --model spider=runs/a/best.safetensors --model x2ct=runs/b/best.safetensors \
      --data data --out comparison
      """)

  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      "A model file, repeatable; the name is for the tables.", valueName: "[name=]file"),
    transform: ComparedMethodArgument.read)
  var model: [ComparedMethodArgument] = []
  @Option(help: ArgumentHelp("A data set's folder.", valueName: "folder")) var data: String
  @Option(help: "The part of the data set: train, val or test (default: test).") var split:
    DataSetIndex.Split?
  @Option(
    help: "Voxels along a side of the reconstructions (default: 64).", transform: CubeSize.read)
  var size = 64
  @Flag(help: "Also with a turned view, a wrong distance, noise and collimation.")
  var robustness = false
  @Option(help: "How many patients the page shows (default: 3).", transform: WholeNumber.read)
  var pictures = 3
  @Option(
    help: ArgumentHelp(
      "Folder for comparison.json, .md and .html, and for the parts to go on from.",
      valueName: "folder"))
  var out: String?
  @Option(help: ArgumentHelp("An HTML page to write.", valueName: "file")) var report: String?
  @Flag(help: "Leave damaged cases out instead of refusing the data set.") var skipDamaged = false
  @Flag(help: "Replace results that exist.") var overwrite = false
  @OptionGroup var common: CommonOptions

  func validate() throws {
    guard (8...512).contains(size) else {
      throw ValidationError("--size is \(size); it must be 8 to 512")
    }
    guard (0...20).contains(pictures) else {
      throw ValidationError("--pictures is \(pictures); it must be 0 to 20")
    }
  }

  func run() throws {
    common.apply()
    let folder = try out.map { try OutputFolder($0) }
    let files = ["json", "md", "html"].compactMap { folder?.file("comparison.\($0)") }
    let page = report.map { URL(fileURLWithPath: $0) }
    try OutputFolder.checkTargets(files + [page].compactMap { $0 }, overwrite: overwrite)
    let (dataSet, warnings) = try DataSet(open: URL(fileURLWithPath: data, isDirectory: true))
      .sound([split ?? .test, .train], skippingDamaged: skipDamaged)
    for warning in warnings { Console.say(warning) }
    let methods = try methods(dataSet)
    let needsPictures = folder != nil || page != nil
    let comparison = try ComparisonRun(
      dataSet, split: split ?? .test, size: size, folder: folder?.url,
      pictures: needsPictures ? pictures : 0)
    let progress = ProgressDisplay("compare")
    let result = try comparison(
      methods, disturbances: robustness ? XRayDisturbance.all : [],
      progress: { progress.update($0) })

    let tables = ComparisonTables(result.comparison)
    if needsPictures {
      let content = ComparisonPage(result.comparison, result.shown).page()
      for file in [page, folder?.file("comparison.html")].compactMap({ $0 }) {
        try content.write(to: file, overwrite: overwrite)
      }
    }
    if let folder {
      try AtomicFile.write(
        Data(tables.markdown.utf8), to: folder.file("comparison.md"), overwrite: overwrite)
      try AtomicFile.write(
        Console.json(result.comparison), to: folder.file("comparison.json"), overwrite: overwrite)
    }
    if common.json {
      try Console.printJSON(result.comparison)
    } else {
      try Console.answer(tables.all.map { $0.text() }.joined(separator: "\n\n"))
    }
  }

  /// The models in the order given, then the trivial baselines; all names differ.
  private func methods(_ dataSet: DataSet) throws -> [ComparedMethod] {
    let trivial = ComparedMethod.trivial(dataSet)
    var names = Set(trivial.map(\.name))
    let models = try model.map { given in
      guard names.insert(given.name).inserted else {
        throw CommandFailure(
          "--model: two methods are called '\(given.name)'; name them, as in --model first=\(given.path)"
        )
      }
      return try ComparedMethod(name: given.name, model: ModelArgument.url(given.path))
    }
    return models + trivial
  }
}

/// A model file with the name that tables give it: by default that of the file, or of its folder where it
/// is called best or last as those of all runs are.
struct ComparedMethodArgument {
  let name: String
  let path: String

  static func read(_ text: String) throws -> ComparedMethodArgument {
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    if parts.count == 2, !parts[0].contains("/") {
      guard !parts[0].isEmpty, !parts[1].isEmpty else {
        throw ValidationError(
          "give a model file, or a name and a file, as mine=run/best.safetensors")
      }
      return ComparedMethodArgument(name: String(parts[0]), path: String(parts[1]))
    }
    guard !text.isEmpty else { throw ValidationError("give a model file; this is no name") }
    let url = URL(fileURLWithPath: text)
    let stem = url.deletingPathExtension().lastPathComponent
    let name =
      ["best", "last"].contains(stem)
      ? url.deletingLastPathComponent().lastPathComponent : stem
    return ComparedMethodArgument(name: name, path: text)
  }
}
