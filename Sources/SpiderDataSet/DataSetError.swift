import SpiderIO

/// Why a data set does not serve.
public enum DataSetError: Error, Equatable, CustomStringConvertible {
  /// A split without a case.
  case noCases(split: String, dataSet: String)
  /// A case that cannot be read, and how many more there are.
  case damagedCases(FileError, case: String, others: Int)

  /// What is wrong, and what to do.
  public var description: String {
    switch self {
    case .noCases(let split, let dataSet):
      return "\(dataSet) has no case in the split '\(split)'; add one with spider prepare"
    case .damagedCases(let fault, let name, let others):
      let more = others > 0 ? " (and \(others) more damaged cases)" : ""
      return
        "\(fault.url.path): case '\(name)' is damaged\(more): \(fault.fault); prepare it again with "
        + "--overwrite, or leave damaged cases out with --skip-damaged"
    }
  }
}
