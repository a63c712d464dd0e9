import Foundation

/// A failure whose text says what is wrong, in which file, and what to do.
struct CommandFailure: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

extension URL {
  /// The file's name without its endings: "head" of "head.nii.gz".
  var stem: String {
    var name = lastPathComponent
    for ending in [".gz", ".nii", ".hdr", ".img", ".png", ".json"] where name.hasSuffix(ending) {
      name.removeLast(ending.count)
    }
    return name
  }
}
