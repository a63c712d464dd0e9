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
  @Option(help: "Another model beside it, as name=file; as often as wanted.") var rival: [Rival] =
    []
  @Option(
    help: ArgumentHelp(
      "Spaces above the condyles are drawn from this range, 0.5 to 8 mm, in all phantoms.",
      valueName: "low-high"
    ))
  var jointSpace: SpaceRange?
  @Option(help: "Voxels along a side of the 256 mm of which X-rays are made.") var scan = 256
  @Option(help: "A folder for a picture of every joint.") var pictures: String?
  @Option(help: "A CSV file for every joint of every answer.") var table: String?
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
    let rivals = try rival.map { (name: $0.name, model: try $0.read()) }
    var options = intact ? HeadPhantom.Options.intact : HeadPhantom.Options()
    if let jointSpace { options.jointSpace = jointSpace.range }
    let seeds = (0..<UInt64(phantoms)).map { seed + $0 }
    let heads = seeds.map { HeadPhantom(seed: $0, options: options) }
    let population = (1...UInt64(others)).map { HeadPhantom(seed: $0, options: options) }
    say("the mean of \(others) phantoms")
    let means = try JointSide.allCases.compactMap { side in
      try PopulationMean(of: population, side, for: heads.map { try side.region(of: $0) })
    }
    let space = means.reduce(0) { $0 + $1.space } / Double(means.count)
    let name = URL(fileURLWithPath: model).deletingPathExtension().lastPathComponent
    let names =
      [name, "\(name), refined"] + rivals.map(\.name)
      + ["the population's mean", "the mean, at the true condyle"]
    var scores = names.map { JointScores(name: $0) }
    var truths = JointScores(name: "the truth")
    for head in heads {
      say("phantom \(head.seed)")
      let regions = try JointSide.allCases.map { try $0.region(of: head) }
      let answers = try JointAnswers(
        of: head, scan: scan, at: regions, by: network, beside: rivals.map(\.model))
      let joints = try JointSide.allCases.enumerated().map { n, side in
        let images =
          answers.all.map { $0[n] } + [
            means[n].answer(at: regions[n]), means[n].answer(placedAt: regions[n]),
          ]
        let (truth, gap) = try truth(of: head, side, on: regions[n].grid)
        try draw(
          [("truth", truth)] + Array(zip(names, images)), "\(head.seed)-\(side.rawValue)")
        return ([truth] + images).enumerated().map { number, image in
          // A mean joint space is stated, not read off the mean's picture.
          let isMean = number >= images.count - 1
          return JointFigures(image, against: truth, gap, space: isMean ? space : nil)
        }
      }
      truths.phantoms.append(joints.map { $0[0] })
      for m in scores.indices { scores[m].phantoms.append(joints.map { $0[m + 1] }) }
    }
    let tables = JointTables(scores: scores, truth: truths, seeds: seeds)
    print(tables.markdown)
    if let table {
      try Data(tables.commaSeparated.utf8).write(to: URL(fileURLWithPath: table))
    }
  }

  /// The phantom itself on the grid of a region, and its joint's gap.
  private func truth(
    of head: HeadPhantom, _ side: JointSide, on grid: VoxelGrid
  ) throws -> (image: JointImage, gap: JointGap) {
    let (ct, labels) = head.render(on: grid)
    let image = JointImage(ct: ct, labels: labels)
    guard let gap = image.gap else {
      throw JointError.incompleteTruth(seed: head.seed, side: side)
    }
    return (image, gap)
  }

  /// The truth and the answers side by side, and with the labels they have, in three planes through the condyle's top.
  private func draw(_ images: [(String, JointImage)], _ name: String) throws {
    guard let pictures else { return }
    let folder = URL(fileURLWithPath: pictures, isDirectory: true)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let columns = images.flatMap { name, image in
      [SliceFigure.Column(title: name, volume: image.ct)]
        + (image.labels.map {
          [SliceFigure.Column(title: "its labels", volume: image.ct, labels: $0)]
        } ?? [])
    }
    guard let grid = images.first?.1.ct.grid else { return }
    var figure = SliceFigure(columns: columns, region: WorldBox(around: grid))
    figure.panelSize = 200
    try figure.render().writePNG(
      to: folder.appendingPathComponent("\(name).png"), overwrite: true)
  }

  private func say(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }
}
