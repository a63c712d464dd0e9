import ArgumentParser
import Foundation
import SpiderBaselines
import SpiderCore
import SpiderIO

/// Reconstructs with a published network as often as it is asked to, so that a peer can be timed in turns.
@main struct Published: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "published",
    abstract: "Answers every line on standard input with the seconds of a reconstruction.",
    discussion: "Example: published model.safetensors pa.nii.gz right.nii.gz < lines")

  @Argument(help: "The model file.") var model: String
  @Argument(help: "The X-rays, with their geometry files beside them.") var views: [String]
  @Option(help: "How many workers share the work; all processors without.") var threads: Int?

  func run() throws {
    try Parallel.withWorkerCount(threads ?? Parallel.workerCount) { try work() }
  }

  private func work() throws {
    let network = try BaselineModelFile.read(URL(fileURLWithPath: model))
    let radiographs = try views.map {
      try RadiographFile.read(image: URL(fileURLWithPath: $0)).radiograph
    }
    // The borders as they are stated: what a peer does not look for is not timed.
    let options = ReconstructionOptions(borders: .asStated)
    while readLine() != nil {
      let result: ReconstructedVolume = try network.reconstruct(radiographs, options: options)
      let summary = result.summary
      FileHandle.standardOutput.write(
        Data("\(summary.encodeSeconds + summary.decodeSeconds)\n".utf8))
    }
  }
}
