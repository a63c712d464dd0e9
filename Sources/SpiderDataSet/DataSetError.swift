import Foundation
import SpiderAnatomy
import SpiderIO

/// An error that makes a data set, or CTs for one, unusable.
public enum DataSetError: Error, Equatable, CustomStringConvertible {
  /// A split without a case.
  case noCases(split: String, dataSet: String)
  /// A case that cannot be read, and how many more there are.
  case damagedCases(FileError, case: String, others: Int)
  /// Two CTs whose cases would have one name.
  case sameName(String, URL, URL)
  /// A CT that cannot be prepared.
  case notPrepared(URL, PreparationError)

  /// The fault and its remedy.
  public var description: String {
    switch self {
    case .noCases(let split, let dataSet):
      return "\(dataSet) has no case in the split '\(split)'; prepare a CT for it"
    case .damagedCases(let fault, let name, let others):
      let more = others > 0 ? " (and \(others) more damaged cases)" : ""
      return
        "\(fault.url.path): case '\(name)' is damaged\(more): \(fault.fault); prepare it again in "
        + "its place, or leave damaged cases out"
    case .sameName(let name, let first, let second):
      return
        "\(second.path): its case would be called '\(name)' like that of \(first.path); rename one "
        + "of them"
    case .notPrepared(let url, let error): return "\(url.path): \(error)"
    }
  }
}
