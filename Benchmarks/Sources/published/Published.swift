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
    let isocenter = try Isocenter.of(radiographs.map(\.geometry))
    let reconstructor = BaselineReconstructor(model: network)
    while readLine() != nil {
      let result = try reconstructor.reconstruct(
        radiographs, on: network.description.grid(about: isocenter), isocenter: isocenter)
      FileHandle.standardOutput.write(Data("\(result.seconds)\n".utf8))
    }
  }
}
