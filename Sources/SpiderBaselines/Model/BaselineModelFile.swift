import Foundation
import SpiderCore
import SpiderIO

/// Reads and writes published networks: one safetensors file with the parameters under their published
/// names and, in its metadata, everything needed to run them.
///
/// A published checkpoint that was converted to safetensors, without such metadata, is read too: the
/// names of its tensors tell what it is, and the published widths and conventions are taken.
public enum BaselineModelFile {
  static let formatKey = "spider.format"
  static let descriptionKey = "spider.description"
  static let format = "spider.baseline/1"

  /// Whether tensors are a published network's.
  public static func isBaseline(_ file: SafetensorsFile) -> Bool {
    file.metadata[formatKey]?.hasPrefix("spider.baseline/") == true
      || PublishedCheckpoint(file) != nil
  }

  /// Reads a model from tensors; `url` is the file they come from, for errors.
  ///
  /// - Throws: ``/SpiderIO/FileError`` when there is none, its description is impossible, or a
  ///   parameter is missing, of another shape or not a number.
  public static func read(
    _ file: SafetensorsFile, of url: URL
  ) throws(FileError) -> BaselineModel {
    if let format = file.metadata[formatKey] {
      guard format == Self.format else {
        throw .unsupported(
          url, fault: "its format is \(format), this program reads \(Self.format)",
          remedy: "use the version of Spider that wrote it")
      }
      let description = try description(in: file, url)
      let network = BaselineNetwork(description.architecture)
      try ParameterTensors.check(file, network.layout, prefix: "", exactly: true, url)
      return BaselineModel(
        description, network: network,
        parameters: ParameterTensors.arena(file, network.layout, prefix: ""))
    }
    guard let published = PublishedCheckpoint(file) else {
      throw .unsupported(
        url, fault: "it holds tensors, but no model that is known",
        remedy: "give a file that spider train wrote, or a published checkpoint as safetensors")
    }
    // Beside the parameters it may hold a discriminator and the weights of a loss.
    try ParameterTensors.check(file, published.network.layout, prefix: "", exactly: false, url)
    return BaselineModel(
      published.description, network: published.network,
      parameters: ParameterTensors.arena(file, published.network.layout, prefix: ""))
  }

  /// Reads a model.
  public static func read(_ url: URL) throws(FileError) -> BaselineModel {
    try read(SafetensorsFile.read(url, otherTypes: .skip), of: url)
  }

  /// Writes a model.
  public static func write(
    _ model: BaselineModel, to url: URL, precision: SafetensorsFile.Precision = .float32,
    overwrite: Bool = false
  ) throws(FileError) {
    let file = SafetensorsFile(
      metadata: [formatKey: format, descriptionKey: json(model.description)],
      tensors: ParameterTensors.tensors(model.parameters, prefix: ""))
    try file.write(to: url, precision: precision, overwrite: overwrite)
  }

  private static func json(_ description: BaselineDescription) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    // A description is plain numbers and strings; encoding it cannot fail.
    guard let data = try? encoder.encode(description) else { return "{}" }
    return String(decoding: data, as: UTF8.self)
  }

  private static func description(
    in file: SafetensorsFile, _ url: URL
  ) throws(FileError) -> BaselineDescription {
    let text = file.metadata[descriptionKey] ?? ""
    let description: BaselineDescription
    do {
      description = try JSONDecoder().decode(BaselineDescription.self, from: Data(text.utf8))
    } catch {
      throw .corrupt(url, fault: "its description of the model cannot be read")
    }
    if let fault = description.fault {
      throw .corrupt(url, fault: "its description of the model is impossible: \(fault)")
    }
    return description
  }
}
