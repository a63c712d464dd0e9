import Foundation
import SpiderCore

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
