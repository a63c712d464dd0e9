import SpiderIO
import SpiderSupport

/// A summary of a data set: its content and its faults.
public struct DataSetSummary: FileSummary {
  private let index: DataSetIndex
  private let damaged: [(id: String, fault: String)]
  private let foreign: [String]

  /// Describes a data set. Files are looked at, not read: what is missing or half-written is found.
  public init(_ dataSet: DataSet) {
    index = dataSet.index
    damaged = dataSet.damagedCases(thoroughly: false).map { ($0.entry.id, "\($0.fault)") }
    foreign = dataSet.foreignFolders
  }

  /// "dataset".
  public var kind: String { "dataset" }

  /// Grid and cases in words.
  public var facts: [(name: String, value: String)] {
    let edge = index.fieldOfView / Double(index.size)
    let geometry = index.geometry
    var facts = [
      (name: "schema", value: index.schema), ("grid", "\(index.size)^3 voxels of \(edge) mm"),
      ("labels", "\(index.scheme.name), labeller version \(index.labellerVersion)"),
      ("views", geometry.views.map(\.description).joined(separator: ", ")),
      (
        "distances",
        "source to axis \(geometry.sourceToAxis) mm, to detector \(geometry.sourceToDetector) mm"
      ),
      (
        "variation",
        "patient +-\(geometry.patientShift) mm and +-\(geometry.patientTurnDegrees) degrees, views "
          + "+-\(geometry.viewTurnDegrees) degrees, source +-\(100 * geometry.sourceDistance) %"
      ),
    ]
    for split in DataSetIndex.Split.allCases {
      let cases = index.cases.filter { $0.split == split }
      let real = cases.filter(\.isReal)
      let names = cases.prefix(12).map(\.id) + (cases.count > 12 ? ["..."] : [])
      let list = names.isEmpty ? "" : ": " + names.joined(separator: ", ")
      let patients = Set(real.map(\.patient)).count
      let scans = real.count > patients ? " (\(counted(real.count, "scan")))" : ""
      facts.append(
        (
          split.rawValue,
          "\(counted(patients, "patient"))\(scans), \(counted(cases.count - real.count, "phantom"))\(list)"
        ))
    }
    for case (let id, let fault) in damaged { facts.append(("damaged", "\(id): \(fault)")) }
    for name in foreign { facts.append(("not a case", "folder '\(name)', which no case has")) }
    return facts
  }

  /// The content of dataset.json, with the damaged cases and the folders that belong to none.
  public func encode(to encoder: any Encoder) throws {
    try index.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(damaged.map { ["id": $0.id, "fault": $0.fault] }, forKey: .damaged)
    try container.encode(foreign, forKey: .foreign)
  }

  private enum CodingKeys: String, CodingKey {
    case damaged
    case foreign = "foreign_folders"
  }
}
