import ArgumentParser
import Foundation
import RadiographLooks
import SpiderAnatomy
import SpiderCore
import SpiderEvaluation
import SpiderIO
import SpiderPhantom
import SpiderPretrained

/// How well `--geometry auto` finds how films were taken: two cropped films of each head, separated
/// from their geometry, with and without a scale.
@main struct AutoGeometry: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "autogeometry",
    abstract: "Measures the estimation of geometries and prints Markdown.",
    discussion: "Example: autogeometry --phantoms 50 --jpeg CT... > results/autogeometry.md")

  @Option(help: "Phantoms to make.") var phantoms = 50
  @Option(help: "The first phantom's seed.") var seed: UInt64 = 9001
  @Flag(help: "Send the films through JPEG of quality 80 (cjpeg of libjpeg-turbo).") var jpeg =
    false
  @Option(help: "head or head-research.") var model = "head"
  @Argument(help: "Real heads, NIfTI files.") var files: [String] = []

  func run() throws {
    guard let chosen = PretrainedModel(rawValue: model) else {
      throw ValidationError("--model: head or head-research, not \(model)")
    }
    let network = try ModelFile.read(chosen.url)
    let estimator = GeometryEstimator(inspector: try .pretrained())
    print(
      """
      | heads | number | pixel size, mean error (within 2 %) | heights of the two views, mm apart (within 3) \
      | level of the head, mm off (within 3) | true geometry: body dB / bone Dice | as found: dB (at most 1 dB less) \
      | its size undone: dB |
      | --- | --- | --- | --- | --- | --- | --- | --- |
      """)
    try measure("phantoms", phantoms, network, estimator) {
      HeadPhantom(seed: seed + UInt64($0)).render(on: .canonical(size: 96)).ct
    }
    try measure("real heads", files.count, network, estimator) {
      try NIfTI.readVolume(URL(fileURLWithPath: files[$0]))
    }
  }

  private func measure(
    _ name: String, _ count: Int, _ network: any ReconstructionModel,
    _ estimator: GeometryEstimator, _ ct: (Int) throws -> Volume
  ) throws {
    guard count > 0 else { return }
    var (without, with, refused): ([Outcome], [Outcome], Int) = ([], [], 0)
    for number in 0..<count {
      var random = Draws(seed: UInt64(4000 + number))
      let scan = try ct(number)
      let center = HeadFinder().locate(in: scan).isocenter
      let films = try Films(of: scan, about: center, isJPEG: jpeg, &random)
      // What is scored: the surroundings of the field of view, at 3 mm.
      let truth = scan.resampled(
        onto: .canonical(size: 96, side: 288, center: center), outside: -1000)
      func outcome(_ isScaled: Bool) throws -> Outcome {
        try Outcome(
          films, truth, center: center, model: network, estimator: estimator, isScaled: isScaled)
      }
      do {
        without.append(try outcome(false))
        with.append(try outcome(true))
      } catch let error as ViewError {
        refused += 1
        FileHandle.standardError.write(Data("\(name) \(number): refused: \(error)\n".utf8))
        continue
      }
      for (word, all) in [("no scale", without), ("a scale", with)] {
        let row = Array(all.suffix(1)).row(word)
        FileHandle.standardError.write(Data("\(name) \(number): \(row)\n".utf8))
      }
    }
    print(without.row("\(name), no scale"))
    print(with.row("\(name), with a scale"))
    if refused > 0 { print("\n\(refused) of \(count) \(name) were refused.\n") }
  }
}
