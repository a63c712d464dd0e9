import Foundation
import SpiderCore

/// Carries the head of uncertainty to and from the tensors of a model file; a model need not have one.
enum UncertaintyTensors {
  private static let (weight, bias, factor) = (
    "uncertainty.weight", "uncertainty.bias", "uncertainty.factor"
  )

  /// The head as tensors: weight (1, inputs), bias (1), factor (1).
  static func tensors(_ head: UncertaintyHead?) -> [NamedTensor] {
    guard let head else { return [] }
    return [
      NamedTensor(name: weight, shape: [1, head.weights.count], values: head.weights),
      NamedTensor(name: bias, shape: [1], values: [head.bias]),
      NamedTensor(name: factor, shape: [1], values: [head.factor]),
    ]
  }

  /// Takes the head out of a file's tensors; nil where there is none.
  ///
  /// - Throws: ``FileError`` when a part of it is missing, or it is no head of this network.
  static func take(
    from file: inout SafetensorsFile, inputs: Int, _ url: URL
  ) throws(FileError) -> UncertaintyHead? {
    let names = [weight, bias, factor]
    let parts = names.map { name in file.tensors.first { $0.name == name } }
    guard parts.contains(where: { $0 != nil }) else { return nil }
    file.tensors.removeAll { names.contains($0.name) }
    guard let weights = parts[0]?.values, let bias = parts[1]?.values, bias.count == 1,
      let factor = parts[2]?.values, factor.count == 1
    else { throw .corrupt(url, fault: "a part of its uncertainty is missing or of another shape") }
    let head = UncertaintyHead(weights: weights, bias: bias[0], factor: factor[0])
    if let fault = head.fault(inputs: inputs) {
      throw .corrupt(url, fault: "its description of the model is impossible: \(fault)")
    }
    return head
  }
}
