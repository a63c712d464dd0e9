import Foundation

/// The endings of file names, where ".nii.gz" is one ending.
enum FileEnding {
  /// The endings of images Spider reads, longer ones first.
  static let images = [".nii.gz", ".hdr.gz", ".img.gz", ".nii", ".hdr", ".img", ".png"]

  /// The path without its ending, if it has one of `endings`, in capitals or not.
  static func stem(of url: URL, endings: [String]) -> String? {
    let path = url.path
    let lower = path.lowercased()
    guard let ending = endings.first(where: { lower.hasSuffix($0) }) else { return nil }
    return String(path.dropLast(ending.count))
  }
}
