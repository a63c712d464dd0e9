import Foundation
import SpiderBaselines
import SpiderCore
import SpiderIO

/// A trained network of any kind, as a model file holds it.
public enum TrainedModel: Sendable {
  /// SPIDER.
  case spider(SpiderModel)
  /// A published network.
  case baseline(BaselineModel)

  /// Reads a model file, whichever network is in it.
  ///
  /// - Throws: ``SpiderIO/FileError`` when it holds no model, or one that cannot be used.
  public static func read(_ url: URL) throws(FileError) -> TrainedModel {
    let file = try SafetensorsFile.read(url, otherTypes: .skip)
    if BaselineModelFile.isBaseline(file) {
      return .baseline(try BaselineModelFile.read(file, of: url))
    }
    // Strict about what is Spider's own: nothing is left out.
    let whole = file.skipped.isEmpty ? file : try SafetensorsFile.read(url)
    return .spider(try ModelFile.read(whole, of: url))
  }

  /// As a method to be scored.
  public var method: ReconstructionMethod {
    switch self {
    case .spider(let model): .model(model)
    case .baseline(let model): .baseline(model)
    }
  }

  /// Adds lines to the training record inside the file.
  public mutating func note(_ lines: [String: String]) {
    switch self {
    case .spider(var model):
      model.description.training.merge(lines) { _, new in new }
      self = .spider(model)
    case .baseline(var model):
      model.description.training.merge(lines) { _, new in new }
      self = .baseline(model)
    }
  }

  /// Writes a model file.
  public func write(
    to url: URL, precision: SafetensorsFile.Precision = .float32, overwrite: Bool = false
  ) throws(FileError) {
    switch self {
    case .spider(let model):
      try ModelFile.write(model, to: url, precision: precision, overwrite: overwrite)
    case .baseline(let model):
      try BaselineModelFile.write(model, to: url, precision: precision, overwrite: overwrite)
    }
  }
}
