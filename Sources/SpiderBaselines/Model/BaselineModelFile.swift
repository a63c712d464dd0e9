import Foundation
import SpiderCore
import SpiderIO

/// Reads and writes published networks: one safetensors file with the parameters under their published
/// names and, in its metadata, everything needed to run them.
///
/// A published checkpoint that was converted to safetensors, without such metadata, is read too: the
/// names of its tensors tell what it is, and the published widths and conventions are taken.
public enum BaselineModelFile {
  static let format = "spider.baseline/1"

  /// Whether tensors are a published network's.
  public static func isBaseline(_ file: SafetensorsFile) -> Bool {
    file.metadata[ModelMetadata.formatKey]?.hasPrefix("spider.baseline/") == true
      || PublishedCheckpoint(file) != nil
  }

  /// Reads a model from tensors; `url` is the file they come from, for errors.
  ///
  /// - Throws: ``/SpiderIO/FileError`` when there is none, its description is impossible, or a
  ///   parameter is missing, of another shape or not a number.
  public static func read(
    _ file: SafetensorsFile, of url: URL
  ) throws(FileError) -> BaselineModel {
    if file.metadata[ModelMetadata.formatKey] != nil {
      let description = try ModelMetadata.description(
        BaselineDescription.self, format: format, in: file, url, fault: \.fault)
      let network = BaselineNetwork(description.architecture)
      return BaselineModel(
        description, network: network,
        parameters: try ParameterTensors.arena(file, network.layout, url))
    }
    guard let published = PublishedCheckpoint(file) else {
      throw .unsupported(
        url, fault: "it holds tensors, but no model that is known",
        remedy: "give a file that spider train wrote, or a published checkpoint as safetensors")
    }
    // Beside the parameters it may hold a discriminator and the weights of a loss.
    return BaselineModel(
      published.description, network: published.network,
      parameters: try ParameterTensors.arena(
        file, published.network.layout, exactly: false, url))
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
      metadata: ModelMetadata.of(model.description, format: format),
      tensors: ParameterTensors.tensors(model.parameters, prefix: ""))
    try file.write(to: url, precision: precision, overwrite: overwrite)
  }
}

/// A checkpoint of the published code, told by the names of its tensors: published widths, window,
/// distances and views.
///
/// Intensities of both are (HU + 1024) / 2500. X2CT-GAN's volumes of 320 voxels of 1 mm are resampled
/// with the corners aligned, so that its 128 voxels are 319/127 mm apart, and its pixels likewise.
struct PublishedCheckpoint {
  let description: BaselineDescription
  let network: BaselineNetwork

  /// Nil when the names are of no network that is known.
  init?(_ file: SafetensorsFile) {
    let names = Set(file.tensors.map(\.name))
    let window = CTWindow(low: -1024, high: 1476)
    if names.contains("view1Model.encoder_layer.1.weight") {
      var architecture = X2CTArchitecture()
      architecture.encoderUsesInstances = !names.contains("view1Model.encoder_layer.2.weight")
      architecture.decoderUsesInstances = !names.contains(
        "view1Model.linker_layer0.0.conv_block.1.weight")
      let step = 319.0 / 127
      let pixel = step * 500 / 320
      description = BaselineDescription(
        architecture: .x2ctGAN(architecture), window: window, fieldOfView: 128 * step,
        views: [.pa, .right],
        setup: ViewSetup(
          sourceToAxis: 541, sourceToDetector: 949, pixelSize: SIMD2(pixel, pixel)),
        training: ["weights": "a published checkpoint"])
      network = .x2ctGAN(
        X2CTGenerator(architecture.generator, architecture.variant, published: names))
    } else if names.contains("\(PerX2CT.encoderName).conv1.weight"),
      names.contains("decoder.conv_in.weight")
    {
      var configuration = PerX2CTConfiguration()
      configuration.isGlobal = names.contains { $0.hasPrefix("\(PerX2CT.encoderName).layer3.") }
      let pixel = 500.0 / 128
      description = BaselineDescription(
        architecture: .perX2CT(configuration), window: window, fieldOfView: 320,
        views: [.pa, .right],
        setup: ViewSetup(
          sourceToAxis: 700, sourceToDetector: 949, pixelSize: SIMD2(pixel, pixel)),
        training: ["weights": "a published checkpoint"])
      network = .perX2CT(PerX2CT(configuration))
    } else {
      return nil
    }
  }
}

/// What a model file of a published network holds.
public struct BaselineSummary: FileSummary {
  private let description: BaselineDescription
  private let parameterCount: Int

  /// Describes a model.
  public init(_ model: BaselineModel) {
    description = model.description
    parameterCount = model.network.layout.count
  }

  /// "model".
  public var kind: String { "model" }

  /// Network, input, output and training in words.
  public var facts: [(name: String, value: String)] {
    let setup = description.setup
    func number(_ value: Double) -> String {
      let rounded = (value * 100).rounded() / 100
      return rounded == rounded.rounded() ? String(Int(rounded)) : String(rounded)
    }
    let size = description.architecture.size
    var facts = [
      (name: "network", value: description.architecture.name),
      ("parameters", String(parameterCount)),
    ]
    switch description.architecture {
    case .x2ctGAN(let architecture):
      let generator = architecture.generator
      func list(_ numbers: [Int]) -> String { numbers.map(String.init).joined(separator: ", ") }
      facts += [
        ("dense layers", list(generator.encoderBlocks)),
        ("growth of a dense layer", String(generator.growthRate)),
        ("first channels", String(generator.encoderFirst)),
        ("decoder channels", list(generator.decoderChannels)),
        ("average goes back into the views", architecture.feedsBack ? "yes" : "no"),
      ]
    case .perX2CT(let configuration):
      facts += [
        ("encoder width", String(configuration.encoderWidth)),
        ("decoder width", String(configuration.width)),
        ("camera", configuration.camera.rawValue),
      ]
    }
    facts += [
      ("voxels it makes", "\(size)^3 over \(number(description.fieldOfView)) mm"),
      ("views", description.views.map(\.description).joined(separator: ", ")),
      (
        "X-rays",
        "SAD \(number(setup.sourceToAxis)) mm, SID \(number(setup.sourceToDetector)) mm, "
          + "\(setup.columns) x \(setup.rows) pixels of \(number(setup.pixelSize.x)) mm"
      ),
      ("X-rays are fed", "each stretched to its own least and largest value"),
      ("CT window", "\(description.window.low) to \(description.window.high) HU"),
      ("labels", "none of its own"),
    ]
    for key in description.training.keys.sorted() {
      facts.append(("training, \(key)", description.training[key] ?? ""))
    }
    return facts
  }

  enum CodingKeys: String, CodingKey { case parameters, network }

  /// The keys of the description, `network` and `parameters`.
  public func encode(to encoder: any Encoder) throws {
    try description.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(parameterCount, forKey: .parameters)
    try container.encode(description.architecture.name, forKey: .network)
  }
}
