import Foundation

/// A kind of input and its reader.
struct Target: Sendable {
  /// Its name on the command line.
  let name: String
  /// The ending of its files.
  let ending: String
  /// The share of the executions that are asked for: less than 1 where one takes long.
  var share = 1.0
  /// Sound inputs.
  let seeds: [[UInt8]]
  /// Damages a seed in one way.
  let harm: @Sendable (inout Damage, inout [UInt8]) -> Void
  /// Reads an input and does what is done with one; throws when it is refused.
  let read: @Sendable (URL) throws -> Void

  /// The input of a number.
  func input(_ number: Int) -> [UInt8] {
    let stream = name.utf8.reduce(UInt64(7)) { ($0 &* 31) &+ UInt64($1) }
    var damage = Damage(number, stream: stream)
    var bytes = damage.pick(seeds)
    for _ in 0...damage.below(damage.happens(oneIn: 4) ? 8 : 3) { harm(&damage, &bytes) }
    return bytes
  }

  /// A target whose files are text.
  static func text(
    _ name: String, ending: String, share: Double = 1, seeds: [String], words: [String] = [],
    read: @escaping @Sendable (URL) throws -> Void
  ) -> Target {
    let bytes = seeds.map { Array($0.utf8) }
    return Target(
      name: name, ending: ending, share: share, seeds: bytes,
      harm: { $0.harmText(&$1, mixing: bytes, words: words) }, read: read)
  }
}

/// The folder in which seeds are made, and where they are taken from.
struct Sources {
  /// A folder of its own, in memory where there is one.
  let scratch: URL
  /// The package's folder of tests, with pictures and DICOM files.
  let tests: URL
  /// More sound and odd NIfTI files; nil: none.
  let odd: URL?

  /// The bytes that a writer puts into a file of this name.
  func written(_ name: String, _ write: (URL) throws -> Void) throws -> [UInt8] {
    let url = scratch.appendingPathComponent(name)
    try? FileManager.default.removeItem(at: url)
    try write(url)
    return [UInt8](try Data(contentsOf: url))
  }
}

extension Target {
  /// The makers of all targets, by name. Making one may take a while: seeds are written first.
  static let all: KeyValuePairs<String, @Sendable (Sources) throws -> Target> = [
    "nifti": nifti, "dicom": dicom, "png": { _ in png() }, "jpeg": jpeg, "tiff": tiff,
    "safetensors": safetensors, "model": model, "geometry": { _ in sidecar() },
    "rtk": { _ in rtk() }, "plastimatch": { _ in plastimatch() }, "matrix": { _ in matrix() },
    "points": { _ in points() }, "labels": { _ in labels() }, "dataset": dataSet,
    "configuration": { _ in configuration() }, "checkpoint": checkpoint,
  ]
}
