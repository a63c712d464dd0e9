import ArgumentParser
import Foundation
import SpiderCore
import SpiderIO
import SpiderPhantom
import SpiderPretrained
import SpiderReport

/// How well the temporomandibular joint comes out of two X-rays: phantoms that no weights have seen, in cubes of
/// 40 mm about both joints at 0.4 mm, beside what always answering the population's mean would be off by.
@main struct Joint: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "joint",
    abstract: "Measures the jaw joint in reconstructions and prints Markdown.",
    discussion: "Example: joint --phantoms 30 > joint.md")

  @Option(help: "Phantoms to reconstruct.") var phantoms = 12
  @Option(help: "The first one's seed.") var seed: UInt64 = 9001
  @Option(help: "Other phantoms, of the seeds 1, 2, ..., whose mean is answered beside.")
  var others = 24
  @Flag(help: "No metal, surgery or injury, in none of them.") var intact = false
  @Option(help: "head, head-research, or a model file.") var model = "head"
  @Option(help: "Voxels along a side of the 256 mm of which X-rays are made.") var scan = 256
  @Option(help: "A folder for a picture of every joint.") var pictures: String?
  @Option(help: "How many workers share the work; all processors without.") var threads: Int?

  func validate() throws {
    guard (1...1000).contains(phantoms) else {
      throw ValidationError("--phantoms must be 1 to 1000")
    }
    guard (1...255).contains(others) else { throw ValidationError("--others must be 1 to 255") }
    guard seed > UInt64(others), seed <= UInt64.max - 1000 else {
      throw ValidationError("--seed must lie beyond --others: a head is not held against itself")
    }
    guard (128...512).contains(scan) else { throw ValidationError("--scan must be 128 to 512") }
  }

  func run() throws {
    try Parallel.withWorkerCount(threads ?? Parallel.workerCount) { try work() }
  }

  private func work() throws {
    let network = try ModelFile.read(
      PretrainedModel(rawValue: model)?.url ?? URL(fileURLWithPath: model))
    let options = intact ? HeadPhantom.Options.intact : HeadPhantom.Options()
    let seeds = (0..<UInt64(phantoms)).map { seed + $0 }
    let heads = seeds.map { HeadPhantom(seed: $0, options: options) }
    let population = (1...UInt64(others)).map { HeadPhantom(seed: $0, options: options) }
    say("the mean of \(others) phantoms")
    let means = try JointSide.allCases.compactMap { side in
      try PopulationMean(of: population, side, for: heads.map { try side.region(of: $0) })
    }
    let space = means.reduce(0) { $0 + $1.space } / Double(means.count)
    let name = URL(fileURLWithPath: model).deletingPathExtension().lastPathComponent
    var scores = [
      name, "\(name), refined", "the population's mean", "the mean, at the true condyle",
    ].map { JointScores(name: $0) }
    for head in heads {
      say("phantom \(head.seed)")
      let regions = try JointSide.allCases.map { try $0.region(of: head) }
      let answers = try JointAnswers(of: head, scan: scan, at: regions, by: network)
      let joints = try JointSide.allCases.enumerated().map { n, side in
        let images = [
          answers.plain[n], answers.refined[n], means[n].answer(at: regions[n]),
          means[n].answer(placedAt: regions[n]),
        ]
        let truth = try truth(of: head, side, on: regions[n].grid)
        try draw(
          truth.image, Array(zip(scores.map(\.name), images)), "\(head.seed)-\(side.rawValue)")
        // A mean joint space is stated, not read off the mean's picture.
        return zip(images, [nil, nil, space, space]).map {
          JointFigures($0, against: truth.image, truth.space, space: $1)
        }
      }
      for m in scores.indices { scores[m].phantoms.append(joints.map { $0[m] }) }
    }
    print(JointTables(scores: scores, seeds: seeds).markdown)
  }

  /// The phantom itself on the grid of a region, and its joint space, mm.
  private func truth(
    of head: HeadPhantom, _ side: JointSide, on grid: VoxelGrid
  ) throws -> (image: JointImage, space: Double) {
    let (ct, labels) = head.render(on: grid)
    let image = JointImage(ct: ct, labels: labels)
    guard let space = image.space else {
      throw JointError.incompleteTruth(seed: head.seed, side: side)
    }
    return (image, space)
  }

  /// The truth and the answers side by side, with and without labels, in three planes through the condyle's top.
  private func draw(
    _ truth: JointImage, _ answers: [(String, JointImage)], _ name: String
  ) throws {
    guard let pictures else { return }
    let folder = URL(fileURLWithPath: pictures, isDirectory: true)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let columns = ([("truth", truth)] + answers).flatMap { name, image in
      [
        SliceFigure.Column(title: name, volume: image.ct),
        SliceFigure.Column(title: "its labels", volume: image.ct, labels: image.labels),
      ]
    }
    var figure = SliceFigure(columns: columns, region: WorldBox(around: truth.ct.grid))
    figure.panelSize = 200
    try figure.render().writePNG(
      to: folder.appendingPathComponent("\(name).png"), overwrite: true)
  }

  private func say(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }
}
