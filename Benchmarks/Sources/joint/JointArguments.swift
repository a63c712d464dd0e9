import ArgumentParser
import Foundation
import SpiderCore
import SpiderEvaluation
import SpiderPhantom

/// Another model that answers, under a name: `name=file`.
struct Rival: ExpressibleByArgument {
  let name: String
  private let path: String

  init?(argument: String) {
    let parts = argument.split(separator: "=", maxSplits: 1).map(String.init)
    guard parts.count == 2 else { return nil }
    (name, path) = (parts[0], parts[1])
  }

  /// The model in the file, whichever network it is.
  func read() throws -> any ReconstructionModel {
    try ModelReader.read(URL(fileURLWithPath: path))
  }
}

/// A range of joint spaces in mm: `low-high`.
struct SpaceRange: ExpressibleByArgument {
  let range: ClosedRange<Double>

  init?(argument: String) {
    let ends = argument.split(separator: "-").map { Double($0) }
    guard ends.count == 2, let low = ends[0], let high = ends[1], low >= 0.5, low <= high, high <= 8
    else { return nil }
    range = low...high
  }
}
