import Foundation
import SpiderAnatomy
import SpiderCore
import SpiderDataSet
import SpiderIO
import SpiderPhantom
import SpiderTraining

/// Two phantom heads of few voxels.
enum SmallData {
  static func make(in folder: URL) throws -> DataSet {
    let grid = VoxelGrid.canonical(size: 16, side: 256)
    var dataSet = try DataSet.extending(folder, size: 16, fieldOfView: 256)
    for seed in [UInt64(1), 2] {
      let head = HeadPhantom(seed: seed).render(on: grid)
      let prepared = try HeadPreparation(size: 16, fieldOfView: 256, isocenter: .point(.zero))
        .prepare(head.ct, labels: head.labels)
      try dataSet.add(
        prepared, id: "phantom-\(seed)", patient: "phantom-\(seed)", split: .train, isReal: false,
        overwrite: true)
    }
    return dataSet
  }
}

extension Target {
  private static let tiny = SpiderArchitecture(
    encoderWidths: [4, 8], featuresPerView: 4, hiddenWidths: [8])

  private static var tinyModel: ModelDescription {
    ModelDescription(
      architecture: tiny,
      setup: ViewSetup(pixelSize: SIMD2(28.8, 28.8), columns: 16, rows: 16))
  }

  /// Damages the header of a safetensors file as text, or its bytes; mostly the length of the header is
  /// put right.
  private static func harmTensors(
    _ damage: inout Damage, _ bytes: inout [UInt8], mixing seeds: [[UInt8]]
  ) {
    guard bytes.count > 8, damage.below(5) > 0 else { return damage.harm(&bytes, mixing: seeds) }
    let length = bytes[0..<8].reversed().reduce(0) { $0 << 8 | Int($1 & 0x7F) }
    guard length > 0, length <= bytes.count - 8 else { return damage.harm(&bytes, mixing: seeds) }
    var header = Array(bytes[8..<8 + length])
    damage.harmText(
      &header, mixing: seeds.map { Array($0.dropFirst(8).prefix { $0 != 0 }) },
      words: ["\"F32\"", "\"F64\"", "\"__metadata__\"", "\"data_offsets\"", "\"BF16\""])
    bytes.replaceSubrange(8..<8 + length, with: header)
    if damage.below(8) > 0 { damage.overwrite(&bytes, at: 0, size: 8, UInt64(header.count)) }
  }

  /// Files of tensors.
  static func safetensors(_ sources: Sources) throws -> Target {
    let file = SafetensorsFile(
      metadata: ["a": "b", "spider.format": "none"],
      tensors: [
        NamedTensor(name: "x", shape: [2, 3], values: [1, 2, 3, 4, 5, 6]),
        NamedTensor(name: "y.weights", shape: [], values: [7]),
        NamedTensor(name: "z", shape: [0, 4], values: []),
      ])
    let seeds = [
      try sources.written("a.safetensors") { try file.write(to: $0) },
      try sources.written("b.safetensors") { try file.write(to: $0, precision: .float16) },
    ].map(unsealed)
    return Target(
      name: "safetensors", ending: "safetensors", seeds: seeds,
      harm: { harmTensors(&$0, &$1, mixing: seeds) }, read: { _ = try SafetensorsFile.read($0) })
  }

  /// Trained models.
  static func model(_ sources: Sources) throws -> Target {
    let seeds = [
      unsealed(
        try sources.written("model.safetensors") {
          try ModelFile.write(SpiderModel(tinyModel, seed: 1), to: $0, precision: .float16)
        })
    ]
    return Target(
      name: "model", ending: "safetensors", seeds: seeds,
      harm: { harmTensors(&$0, &$1, mixing: seeds) }, read: { _ = try ModelFile.read($0) })
  }

  /// Configurations of all networks, and what they would need.
  static func configuration() -> Target {
    var small = TrainingConfiguration(model: tinyModel)
    small.patientsPerStep = 1
    let seeds =
      [try? small.yaml()].compactMap { $0 } + [
        "model: {architecture: {encoderWidths: [4, 8], hiddenWidths: [8]}}\nsteps: 4\nseed: 3\n",
        "patientsPerStep: 2\nadam: {beta1: 0.9, epsilon: 1e-8}\nlearningRate: {peak: 0.001}\n",
        "model:\n  architecture:\n    x2ct-gan:\n      generator: {input_size: 64, growth_rate: 2}\n",
        "model:\n  architecture: {perx2ct: {ch: 32, encoder_ch: 4, input_size: 32}}\nsteps: 4\n",
      ]
    let words = [
      "&a [*a]", "*a", "<<: *a", "!!binary a", "? a", "- - -", "|", ">", "!!int", "~", "yes", "{}",
      "%YAML 1.2",
      "---", "...", "@", "`",
    ]
    return text("configuration", ending: "yaml", share: 0.01, seeds: seeds, words: words) { url in
      var isTaken = false
      for network in TrainableNetwork.all {
        guard let configuration = try? network.read(url) else { continue }
        isTaken = true
        _ = configuration.memory
        _ = try configuration.yaml()
      }
      guard isTaken else { throw CocoaError(.fileReadCorruptFile) }
    }
  }

  /// Checkpoints that are resumed and stepped. They have the form of version 1, without a checksum, which
  /// would stop nearly all damage.
  static func checkpoint(_ sources: Sources) throws -> Target {
    let place = sources.scratch.appendingPathComponent("run", isDirectory: true)
    try? FileManager.default.removeItem(at: place)
    let dataSet = try SmallData.make(in: place.appendingPathComponent("data", isDirectory: true))
    let run = RunFolder(place.appendingPathComponent("run", isDirectory: true))
    var configuration = TrainingConfiguration(model: tinyModel)
    configuration.patientsPerStep = 1
    configuration.sampling.count = 32
    configuration.steps = 2
    let file = place.appendingPathComponent("configuration.yaml")
    try Data(configuration.yaml().utf8).write(to: file)
    var options = TrainingSession.Options()
    options.configuration = file.path
    _ = try TrainingSession(options, dataSet: dataSet, folder: run).run()
    let seed = unsealed([UInt8](try Data(contentsOf: run.checkpoint)))
    options = TrainingSession.Options()
    options.resumes = true
    options.steps = 3
    let resumed = options
    return Target(
      name: "checkpoint", ending: "safetensors", share: 0.005, seeds: [seed],
      harm: { damage, bytes in
        damage.below(8) == 0
          ? damage.harm(&bytes, mixing: [seed]) : harmTensors(&damage, &bytes, mixing: [seed])
      },
      read: { url in
        try? FileManager.default.removeItem(at: run.previousCheckpoint)
        try Data(contentsOf: url).write(to: run.checkpoint)
        _ = try TrainingSession(resumed, dataSet: dataSet, folder: run).run()
      })
  }

  /// A file of tensors without the seal of its checksum, and a checkpoint of the version that had none.
  private static func unsealed(_ bytes: [UInt8]) -> [UInt8] {
    var bytes = bytes
    func replace(_ text: String, _ other: String) {
      guard let range = bytes.firstRange(of: Array(text.utf8)) else { return }
      bytes.replaceSubrange(range, with: Array(other.utf8))
    }
    replace("spider.checksum", "spider.checksux")
    replace("spider.checkpoint/2", "spider.checkpoint/1")
    return bytes
  }
}
