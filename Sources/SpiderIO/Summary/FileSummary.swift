import Foundation
import SpiderCore

/// A summary of a file, for people and for programs.
public protocol FileSummary: Encodable {
  /// The kind of file in one word, the key `kind` in JSON.
  var kind: String { get }
  /// The same content in words: names and values, in order.
  var facts: [(name: String, value: String)] { get }
}

/// The summary of a model file.
package struct ModelSummary: FileSummary {
  private let description: ModelDescription
  private let parameterCount: Int
  private let measurements: MeasurementIntervals?

  /// Describes a model.
  package init(_ model: SpiderModel) {
    description = model.description
    measurements = model.measurements
    parameterCount = model.network.layout.count
  }

  /// "model".
  package var kind: String { "model" }

  /// Network, input, output and training in words.
  package var facts: [(name: String, value: String)] {
    let architecture = description.architecture
    let setup = description.setup
    func list(_ numbers: [Int]) -> String { numbers.map(String.init).joined(separator: ", ") }
    let beam =
      setup.isParallel
      ? "parallel rays"
      : String(
        format: "cone beam, SAD %.5g mm, SID %.5g mm", setup.sourceToAxis, setup.sourceToDetector)
    var facts = [
      (name: "parameters", value: String(parameterCount)),
      ("encoder widths", list(architecture.encoderWidths)),
      ("features a view", String(architecture.featuresPerView)),
      (
        "views",
        architecture.anyViews?.description
          ?? description.views.map(\.description).joined(separator: ", ")
      ),
      ("pooling of views", architecture.pooling.rawValue),
      ("positional code", "\(architecture.code)"),
      ("decoder widths", list(architecture.hiddenWidths)),
      ("X-rays", beam),
      (
        "detector",
        "\(setup.columns) x \(setup.rows) pixels of "
          + String(format: "%.4g x %.4g mm", setup.pixelSize.x, setup.pixelSize.y)
      ),
      ("X-rays are fed", description.intensity.rawValue),
      ("field of view", String(format: "%.5g mm", description.fieldOfView)),
      ("CT window", "\(description.window.low) to \(description.window.high) HU"),
      (
        "labels",
        "\(description.scheme.name): "
          + description.scheme.classes.joined(separator: ", ")
      ),
    ]
    if let measurements {
      let known = HeadMeasurement.allCases.filter { measurements.widths[$0]?.halfWidth != nil }
      facts.append(
        (
          "90 % intervals of",
          known.isEmpty ? "nothing" : known.map(\.words).joined(separator: ", ")
        ))
    }
    for key in description.training.keys.sorted() {
      facts.append(("training, \(key)", description.training[key] ?? ""))
    }
    return facts
  }

  enum CodingKeys: String, CodingKey { case parameters, measurements }

  /// The keys of the description, `parameters`, and `measurements`, null where there are no intervals.
  package func encode(to encoder: any Encoder) throws {
    try description.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(parameterCount, forKey: .parameters)
    try container.encode(measurements, forKey: .measurements)
  }
}
