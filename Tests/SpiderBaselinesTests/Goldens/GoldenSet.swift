import Foundation
import SpiderCore
import SpiderIO
import SpiderTensor
import Testing

/// One folder of golden vectors: numbers that the published code gave.
struct GoldenSet: Sendable, CustomTestStringConvertible {
  /// Why a set cannot be used.
  struct Fault: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
  }

  let folder: URL
  var name: String { folder.lastPathComponent }
  var testDescription: String { name }

  /// All sets in the folder named by SPIDER_GOLDENS, by name.
  static let all: [GoldenSet] = {
    guard let path = ProcessInfo.processInfo.environment["SPIDER_GOLDENS"] else { return [] }
    let root = URL(fileURLWithPath: path)
    let names = (try? FileManager.default.contentsOfDirectory(atPath: root.path)) ?? []
    return names.sorted().map { root.appendingPathComponent($0) }.filter {
      var isFolder: ObjCBool = false
      return FileManager.default.fileExists(atPath: $0.path, isDirectory: &isFolder)
        && isFolder.boolValue
    }.map(GoldenSet.init)
  }()

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

  /// The names in a file of weights.
  func names(_ file: String = "weights.safetensors") throws -> Set<String> {
    Set(try SafetensorsFile.read(url(file), otherTypes: .skip).tensors.map(\.name))
  }

  /// The weights of a network, which must be exactly those of its layout.
  func weights(
    _ layout: ParameterLayout, _ file: String = "weights.safetensors"
  ) throws -> ParameterArena {
    let content = try SafetensorsFile.read(url(file), otherTypes: .skip)
    try ParameterTensors.check(content, layout, prefix: "", exactly: true, url(file))
    return ParameterTensors.arena(content, layout, prefix: "")
  }
}
