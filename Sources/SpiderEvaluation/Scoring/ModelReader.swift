import Foundation
import SpiderBaselines
import SpiderCore
import SpiderIO

/// Reads model files, whichever network is in them: the one place that tells their kinds apart.
public enum ModelReader {
  /// Reads a model file.
  ///
  /// - Throws: ``/SpiderIO/FileError`` when it holds no model, or one that cannot be used.
  public static func read(_ url: URL) throws(FileError) -> any StorableModel {
    let file = try SafetensorsFile.read(url, otherTypes: .skip)
    if BaselineModelFile.isBaseline(file) { return try BaselineModelFile.read(file, of: url) }
    // Strict about what is Spider's own: nothing is left out.
    let whole = file.skipped.isEmpty ? file : try SafetensorsFile.read(url)
    return try ModelFile.read(whole, of: url)
  }
}
