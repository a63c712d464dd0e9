/// Why a model that comes with Spider cannot be used.
public enum PretrainedError: Error, Equatable, CustomStringConvertible {
  /// The file is in none of the folders in which it can be.
  case notFound(name: String, searched: [String])

  /// What is missing, where it was looked for, and what to do.
  public var description: String {
    switch self {
    case .notFound(let name, let searched):
      let places = searched.map { "\n  \($0)" }.joined()
      return
        "\(name), which comes with Spider, was not found. Put the folder \(Pretrained.bundleName) of "
        + "the build beside the program, or give another model file. Looked in:\(places)"
    }
  }
}
