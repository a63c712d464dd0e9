import ArgumentParser
import Foundation
import SpiderCore
import SpiderEvaluation
import SpiderIO
import SpiderSupport

/// What `--scheme` and `--label-names` stand for.
enum LabelArguments {
  /// The scheme of the head, or that of a JSON file.
  static func scheme(_ text: String) throws -> LabelScheme {
    guard text != LabelScheme.head.name else { return .head }
    return try LabelFiles.scheme(URL(fileURLWithPath: text))
  }

  /// The names of a program that is known, or those of a JSON file; nil for Spider's own values.
  static func names(_ text: String, for scheme: LabelScheme) throws -> LabelNames? {
    if text == "spider" { return nil }
    if text.hasSuffix(".json") {
      return try LabelFiles.names(URL(fileURLWithPath: text), for: scheme)
    }
    let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
    let known = LabelNames.totalSegmentator
    guard parts.first == "totalsegmentator", let names = known[parts.count > 1 ? parts[1] : "total"]
    else {
      let tasks = known.keys.sorted().map { "totalsegmentator:\($0)" }.joined(separator: ", ")
      throw ValidationError(
        "--label-names '\(text)' is not known; give spider, totalsegmentator, one of \(tasks), or a "
          + "JSON file")
    }
    guard scheme == .head else {
      throw ValidationError(
        "--label-names \(text) is for the scheme of the head; give a JSON file for another one")
    }
    return names
  }
}

extension LabelScheme {
  /// Reads the labels of a volume that is to be scored.
  ///
  /// - Throws: what cannot be labels of this scheme is refused.
  func scored(_ file: URL, options: NIfTIReadOptions) throws -> LabelVolume {
    let map = try NIfTI.readLabels(file, options: options)
    try refuse(
      map, of: file,
      hint:
        "the labels are \(table), 254 outside the scan, 255 unknown; spider prepare --labels FOLDER "
        + "--label-names totalsegmentator, or a JSON file, brings other programs' numbers to these")
    return map
  }

  /// Refuses a map whose values this scheme does not name: an 8-bit picture, a CT, another program's labels.
  ///
  /// - Parameter hint: the options that help.
  func refuse(_ map: LabelVolume, of file: URL, hint: String) throws {
    var isUsed = [Bool](repeating: false, count: 256)
    for value in map.values { isUsed[Int(value)] = true }
    let unknown = isUsed.indices.filter {
      isUsed[$0] && $0 >= count && $0 != LabelScheme.unknown && $0 != LabelScheme.outsideScan
    }
    guard let first = unknown.first else { return }
    let others = unknown.count - 1
    throw CommandFailure(
      "\(file.path): this is no label map of the scheme '\(name)', whose labels are 0 to \(count - 1): "
        + (others == 0
          ? "it holds \(first)"
          : "it holds \(first) and \(counted(others, "other value")) that the scheme does not name")
        + "\nHint: \(hint)")
  }
}
