import Foundation
import SpiderCore
import SpiderTensor

/// Carries arenas of parameters to and from the tensors of a file.
public enum ParameterTensors {
  /// The parameters of an arena as tensors, their names behind a prefix.
  package static func tensors(_ arena: ParameterArena, prefix: String) -> [NamedTensor] {
    arena.layout.parameters.map {
      NamedTensor(name: prefix + $0.name, shape: $0.shape, values: arena[$0].array)
    }
  }

  /// Makes sure that a file holds every parameter of a layout behind a prefix, in its shape and
  /// finite; `exactly` refuses any other tensor too.
  ///
  /// - Throws: ``FileError`` naming the first tensor that is wrong.
  package static func check(
    _ file: SafetensorsFile, _ layout: ParameterLayout, prefix: String, exactly: Bool, _ url: URL
  ) throws(FileError) {
    let byName = Dictionary(uniqueKeysWithValues: file.tensors.map { ($0.name, $0) })
    for parameter in layout.parameters {
      let name = prefix + parameter.name
      guard let tensor = byName[name] else {
        throw .corrupt(url, fault: "the parameter \(name) is missing")
      }
      guard tensor.shape == parameter.shape else {
        throw .corrupt(
          url, fault: "\(name) has shape \(tensor.shape), the network needs \(parameter.shape)")
      }
      guard tensor.values.allSatisfy(\.isFinite) else {
        throw .corrupt(url, fault: "\(name) holds numbers that are not finite")
      }
    }
    if exactly, file.tensors.count > layout.parameters.count {
      let known = Set(layout.parameters.map { prefix + $0.name })
      let other = file.tensors.first { !known.contains($0.name) }?.name ?? ""
      throw .corrupt(url, fault: "the network has no parameter \(other)")
    }
  }

  /// The arena of a layout, filled from a file that has been checked.
  package static func arena(
    _ file: SafetensorsFile, _ layout: ParameterLayout, prefix: String
  ) -> ParameterArena {
    let byName = Dictionary(uniqueKeysWithValues: file.tensors.map { ($0.name, $0) })
    var arena = ParameterArena(layout)
    for parameter in layout.parameters {
      if let tensor = byName[prefix + parameter.name] { arena.set(parameter, tensor.values) }
    }
    return arena
  }
}
