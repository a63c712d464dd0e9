import Foundation

/// A failure whose text says what is wrong, in which file, and what to do.
struct CommandFailure: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }

  /// A library's error as the command tells it: about these files, with the option that helps.
  init(_ files: String? = nil, _ error: any Error) {
    let text = files.map { "\($0): \(error)" } ?? "\(error)"
    description = hint(for: error).map { "\(text)\nHint: \($0)" } ?? text
  }

  /// The error with its hint where there is one, else as it is: libraries state facts, and only the command
  /// knows its options.
  static func hinting(_ error: any Error) -> any Error {
    hint(for: error) == nil ? error : CommandFailure(nil, error)
  }
}

extension URL {
  /// Whether there is a folder at this path, or behind the link at it.
  var isFolder: Bool {
    let attributes = try? FileManager.default.attributesOfItem(
      atPath: resolvingSymlinksInPath().path)
    return attributes?[.type] as? FileAttributeType == .typeDirectory
  }

  /// The file's name without its endings: "head" of "head.nii.gz".
  var stem: String {
    var name = lastPathComponent
    for ending in [
      ".gz", ".nii", ".hdr", ".img", ".png", ".jpeg", ".jpg", ".tiff", ".tif", ".json", ".dcm",
      ".safetensors",
    ] where name.hasSuffix(ending) {
      name.removeLast(ending.count)
    }
    return name
  }
}
