import Foundation
import SpiderCore
import SpiderTensor

/// Reads and writes trained SPIDER models: one safetensors file with the parameters under the names of
/// the code's own properties and, in its metadata, everything needed to run it.
public enum ModelFile {
  static let format = "spider.model/1"

  /// Reads a model.
  ///
  /// - Throws: ``FileError`` when the file is not a Spider model, its description is impossible, or a
  ///   parameter is missing, of another shape, unknown or not a number.
  public static func read(_ url: URL) throws(FileError) -> SpiderModel {
    try read(SafetensorsFile.read(url), of: url)
  }

  /// Reads a model from tensors; `url` is the file they come from, for errors.
  public static func read(
    _ file: SafetensorsFile, of url: URL
  ) throws(FileError) -> SpiderModel {
    guard file.metadata[ModelMetadata.formatKey] != nil else {
      throw .unsupported(
        url, fault: "it holds tensors, but no Spider model",
        remedy: "give the file of a trained model")
    }
    let description = try ModelMetadata.description(
      ModelDescription.self, format: format, in: file, url, fault: \.fault)
    // The plan takes no memory to speak of; the arena is made only once the file has all of it.
    let network = SpiderNetwork(description.architecture)
    var numbers = file
    let uncertainty = try UncertaintyTensors.take(
      from: &numbers, inputs: description.architecture.hiddenWidths.last ?? 0, url)
    let parameters = try ParameterTensors.arena(numbers, network.layout, url)
    var model = SpiderModel(description, parameters: parameters)
    model.uncertainty = uncertainty
    model.measurements = try MeasurementMetadata.read(file.metadata, url)
    return model
  }

  /// Writes a model; half precision halves the file and moves HU by far less than the model's error.
  public static func write(
    _ model: SpiderModel, to url: URL, precision: SafetensorsFile.Precision = .float32,
    overwrite: Bool = false
  ) throws(FileError) {
    let file = SafetensorsFile(
      metadata: ModelMetadata.of(model.description, format: format)
        .merging(MeasurementMetadata.entries(model.measurements)) { own, _ in own },
      tensors: ParameterTensors.tensors(model.parameters, prefix: "")
        + UncertaintyTensors.tensors(model.uncertainty))
    try file.write(to: url, precision: precision, overwrite: overwrite)
  }
}

/// The metadata of a model file: its format, and the description that says how to run the numbers.
package enum ModelMetadata {
  /// The key of the format.
  package static let formatKey = "spider.format"
  /// The key of the description, JSON.
  package static let descriptionKey = "spider.description"

  /// The metadata of a model of a format.
  package static func of(_ description: some Encodable, format: String) -> [String: String] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    // A description is plain numbers and strings; encoding it cannot fail.
    let json = try? encoder.encode(description)
    return [
      formatKey: format, descriptionKey: json.map { String(decoding: $0, as: UTF8.self) } ?? "{}",
    ]
  }

  /// Reads the description of a model of a format; `fault` is what would make it impossible.
  ///
  /// - Throws: ``FileError`` when the file is of another format, or the description is none or impossible.
  package static func description<Description: Decodable>(
    _ type: Description.Type, format: String, in file: SafetensorsFile, _ url: URL,
    fault: (Description) -> String?
  ) throws(FileError) -> Description {
    let found = file.metadata[formatKey] ?? "unknown"
    guard found == format else {
      throw .unsupported(
        url, fault: "its format is \(found), this program reads \(format)",
        remedy: "use the version of Spider that wrote it")
    }
    let json = Data((file.metadata[descriptionKey] ?? "").utf8)
    guard let description = try? JSONDecoder().decode(type, from: json) else {
      throw .corrupt(url, fault: "its description of the model cannot be read")
    }
    if let fault = fault(description) {
      throw .corrupt(url, fault: "its description of the model is impossible: \(fault)")
    }
    return description
  }
}

/// Carries arenas of parameters to and from the tensors of a file.
package enum ParameterTensors {
  /// The parameters of an arena as tensors, their names behind a prefix.
  package static func tensors(_ arena: ParameterArena, prefix: String) -> [NamedTensor] {
    arena.layout.parameters.map {
      NamedTensor(name: prefix + $0.name, shape: $0.shape, values: arena[$0].array)
    }
  }

  /// The arena of a layout, filled from the tensors of a file behind a prefix; `exactly` refuses any
  /// other tensor.
  ///
  /// - Throws: ``FileError`` naming the first tensor that is missing, of another shape or not finite;
  ///   then no memory was taken.
  package static func arena(
    _ file: SafetensorsFile, _ layout: ParameterLayout, prefix: String = "", exactly: Bool = true,
    _ url: URL
  ) throws(FileError) -> ParameterArena {
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
    var arena = ParameterArena(layout)
    for parameter in layout.parameters {
      if let tensor = byName[prefix + parameter.name] { arena.set(parameter, tensor.values) }
    }
    return arena
  }
}

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

/// A trained model that a file holds.
public protocol StorableModel: ReconstructionModel {
  /// How it was trained, for people; it travels inside the file.
  var training: [String: String] { get set }

  /// What the file holds, for people and programs.
  var summary: any FileSummary { get }

  /// Writes a model file.
  ///
  /// - Throws: ``FileError``; then no file has appeared and none has changed.
  func write(
    to url: URL, precision: SafetensorsFile.Precision, overwrite: Bool
  ) throws(FileError)
}

extension SpiderModel: StorableModel {
  /// How it was trained, for people.
  public var training: [String: String] {
    get { description.training }
    set { description.training = newValue }
  }

  /// Sizes of the network, input, output and training.
  public var summary: any FileSummary { ModelSummary(self) }

  /// Writes a model file.
  public func write(
    to url: URL, precision: SafetensorsFile.Precision, overwrite: Bool
  ) throws(FileError) {
    try ModelFile.write(self, to: url, precision: precision, overwrite: overwrite)
  }
}

/// Reads the parameters of an ``/SpiderCore/XrayInspector``: one safetensors file, under the names of the code's own
/// properties.
public enum InspectorFile {
  static let format = "spider.xray-inspector/1"

  /// Reads an inspector.
  ///
  /// - Throws: ``FileError`` when the file holds another network, or a parameter is missing, of another
  ///   shape, unknown or not a number.
  public static func read(_ url: URL) throws(FileError) -> XrayInspector {
    let file = try SafetensorsFile.read(url)
    guard file.metadata[ModelMetadata.formatKey] == format else {
      throw .unsupported(
        url, fault: "it holds no inspector of X-rays",
        remedy: "give a file whose \(ModelMetadata.formatKey) is \(format)")
    }
    return XrayInspector(try ParameterTensors.arena(file, XrayInspector.layout, url))
  }
}
