import SpiderCore
import SpiderIO

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
