import SpiderIO

/// What a data set holds.
public struct DataSetSummary: FileSummary {
  private let index: DataSetIndex

  /// Describes a data set.
  public init(_ dataSet: DataSet) { index = dataSet.index }

  /// "dataset".
  public var kind: String { "dataset" }

  /// Grid and cases in words.
  public var facts: [(name: String, value: String)] {
    let edge = index.fieldOfView / Double(index.size)
    var facts = [
      (name: "grid", value: "\(index.size)^3 voxels of \(edge) mm"),
      ("labels", "\(index.scheme.name), labeller version \(index.labellerVersion)"),
      ("views", index.geometry.views.map(\.description).joined(separator: ", ")),
    ]
    for split in DataSetIndex.Split.allCases {
      let cases = index.cases.filter { $0.split == split }
      let real = cases.count(where: \.isReal)
      let names = cases.prefix(12).map(\.id) + (cases.count > 12 ? ["..."] : [])
      let list = names.isEmpty ? "" : ": " + names.joined(separator: ", ")
      facts.append(
        (split.rawValue, "\(real) patients, \(cases.count - real) phantoms\(list)"))
    }
    return facts
  }

  /// The content of dataset.json.
  public func encode(to encoder: any Encoder) throws { try index.encode(to: encoder) }
}
