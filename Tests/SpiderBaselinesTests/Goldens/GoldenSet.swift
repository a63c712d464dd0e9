import Foundation
import SpiderCore
import SpiderIO
import SpiderSupport
import SpiderTensor
import Testing

/// One folder of golden vectors: numbers that the published code gave, or another one that knows nothing of
/// ours.
struct GoldenSet: Sendable, CustomTestStringConvertible {
  /// Why a set cannot be used.
  struct Fault: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
  }

  let folder: URL
  var name: String { folder.lastPathComponent }
  var testDescription: String { name }

  /// The sets that come with the tests; README.md beside them says what they are.
  static let committed: [GoldenSet] =
    Bundle.module.url(forResource: "Resources/Goldens", withExtension: nil).map(sets) ?? []

  /// All sets in the folder named by SPIDER_GOLDENS, by name.
  static let all: [GoldenSet] =
    ProcessInfo.processInfo.environment["SPIDER_GOLDENS"]
    .map { sets(in: URL(fileURLWithPath: $0)) } ?? []

  private static func sets(in root: URL) -> [GoldenSet] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: root.path)) ?? []
    return names.sorted().map { root.appendingPathComponent($0) }.filter {
      var isFolder: ObjCBool = false
      return FileManager.default.fileExists(atPath: $0.path, isDirectory: &isFolder)
        && isFolder.boolValue
    }.map(GoldenSet.init)
  }

  func has(_ file: String) -> Bool {
    FileManager.default.fileExists(atPath: url(file).path)
  }

  func url(_ file: String) -> URL { folder.appendingPathComponent(file) }

  /// Decodes a JSON file of the set.
  func json<Value: Decodable>(_ type: Value.Type, _ file: String = "config.json") throws -> Value {
    try JSONDecoder().decode(type, from: try Data(contentsOf: url(file)))
  }

  /// The float tensors of a file.
  func tensors(_ file: String) throws -> [String: Tensor] {
    let content = try SafetensorsFile.read(url(file), otherTypes: .skip)
    return Dictionary(
      uniqueKeysWithValues: content.tensors.map { ($0.name, Tensor($0.shape, $0.values)) })
  }

  /// One tensor of a file.
  func tensor(_ name: String, of file: String) throws -> Tensor {
    guard let tensor = try tensors(file)[name] else {
      throw Fault("\(self.name): \(file) has no tensor \(name)")
    }
    return tensor
  }

  /// The names in a file of weights, which decide some of a network's structure; nil where a recipe makes the
  /// weights of whatever there is.
  func names(_ file: String = "weights.safetensors") throws -> Set<String>? {
    guard try recipe() == nil else { return nil }
    return Set(try SafetensorsFile.read(url(file), otherTypes: .skip).tensors.map(\.name))
  }

  /// The weights of a network, which must be exactly those of its layout.
  func weights(
    _ layout: ParameterLayout, _ file: String = "weights.safetensors"
  ) throws -> ParameterArena {
    if let recipe = try recipe() { return RecipeWeights(seed: recipe).arena(layout) }
    let content = try SafetensorsFile.read(url(file), otherTypes: .skip)
    return try ParameterTensors.arena(content, layout, url(file))
  }

  private func recipe() throws -> UInt64? {
    struct Description: Decodable { let recipe: UInt64? }
    return try json(Description.self).recipe
  }

  /// Those numbers of one of our tensors that the set holds: of the larger tensors of a committed set one in so
  /// many along each axis.
  func thinned(_ tensor: Tensor?, _ name: String) throws -> Tensor? {
    struct Description: Decodable { let strides: [String: [Int]]? }
    guard let tensor, let strides = try json(Description.self).strides?[name] else { return tensor }
    guard strides.count == tensor.shape.count, strides.allSatisfy({ $0 > 0 }) else {
      throw Fault("\(self.name): strides \(strides) for \(name) of shape \(tensor.shape)")
    }
    let shape = zip(tensor.shape, strides).map { ($0 + $1 - 1) / $1 }
    let values = tensor.values
    return Tensor(
      shape,
      (0..<shape.reduce(1, *)).map { index in
        var (rest, place, step) = (index, 0, 1)
        for axis in shape.indices.reversed() {
          place += rest % shape[axis] * strides[axis] * step
          rest /= shape[axis]
          step *= tensor.shape[axis]
        }
        return values[place]
      })
  }
}

/// What a folder of golden vectors holds, told by its name.
enum GoldenKind: String, Sendable {
  case discriminator, trainingStep, generator, perX2CT, points, metrics

  /// The longest match first; nil for a name that belongs to no kind.
  init?(name: String) {
    if name.hasPrefix("x2ct_disc_") {
      self = .discriminator
    } else if name.hasPrefix("x2ct_") && name.hasSuffix("_trainstep") {
      self = .trainingStep
    } else if name.hasPrefix("x2ct_") {
      self = .generator
    } else if name.hasPrefix("perx2ct_points") {
      self = .points
    } else if name.hasPrefix("perx2ct_") {
      self = .perX2CT
    } else if name.hasPrefix("metrics") {
      self = .metrics
    } else {
      return nil
    }
  }
}

/// Weights of golden sets that are not stored: each parameter's numbers follow from its name alone, by the
/// recipe of `Recipe` in Tests/Generators/published_networks.py. Every step is exact in double precision but
/// the last rounding, so both sides have the same bits.
struct RecipeWeights {
  let seed: UInt64

  func arena(_ layout: ParameterLayout) -> ParameterArena {
    var arena = ParameterArena(layout)
    for parameter in layout.parameters {
      var random = SeededGenerator(seed: hash(parameter.name))
      let spread = (3 / Double(parameter.shape.dropFirst().reduce(1, *))).squareRoot()
      arena.set(
        parameter,
        (0..<parameter.count).map { _ in
          let u = random.uniform()
          if parameter.name.hasSuffix("running_var") { return Float(0.5 + u) }
          if parameter.shape.count > 1 { return Float((2 * u - 1) * spread) }
          return Float(parameter.name.hasSuffix(".weight") ? 0.7 + 0.6 * u : 0.3 * (2 * u - 1))
        })
    }
    return arena
  }

  /// FNV-1a, its start mixed with the seed.
  private func hash(_ name: String) -> UInt64 {
    name.utf8.reduce(0xCBF2_9CE4_8422_2325 ^ seed) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
  }
}
