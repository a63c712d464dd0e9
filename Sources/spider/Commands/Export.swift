import ArgumentParser
import Foundation
import SpiderEvaluation
import SpiderIO
import SpiderTraining

struct Export: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write a model in half precision, to ship or to store.",
    discussion: """
      Half precision halves the file; the difference to the answers is far below the model's error. \
      Notes are added to the training record inside the file.
      Example: spider export run/best.safetensors --note "data=48 phantoms" --out head.safetensors
      """)

  @Argument(help: "A model file, as spider train writes it.") var model: String
  @Option(help: ArgumentHelp("How numbers are stored.", valueName: "float16|float32"))
  var precision = "float16"
  @Option(
    help: ArgumentHelp("A line for the training record, repeatable.", valueName: "name=text"))
  var note: [String] = []
  @Option(help: "The file to write.") var out: String
  @Flag(help: "Replace the file if it exists.") var overwrite = false
  @OptionGroup var common: CommonOptions

  func validate() throws {
    guard ["float16", "float32"].contains(precision) else {
      throw ValidationError("--precision is float16 or float32")
    }
    for text in note where !text.contains("=") {
      throw ValidationError("--note '\(text)' is not name=text")
    }
  }

  func run() throws {
    common.apply()
    var model = try ModelReader.read(URL(fileURLWithPath: model))
    let notes = note.map { text in
      let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      return (String(parts[0]), String(parts[1]))
    }
    model.training.merge(notes) { _, last in last }
    let target = URL(fileURLWithPath: out)
    try model.write(
      to: target, precision: precision == "float16" ? .float16 : .float32, overwrite: overwrite)
    if common.json { try Console.printJSON(["output": target.path]) }
  }
}
