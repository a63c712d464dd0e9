import Foundation

/// A failure whose text says what is wrong, in which file, and what to do.
struct CommandFailure: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
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
    for ending in [".gz", ".nii", ".hdr", ".img", ".png", ".json"] where name.hasSuffix(ending) {
      name.removeLast(ending.count)
    }
    return name
  }
}
