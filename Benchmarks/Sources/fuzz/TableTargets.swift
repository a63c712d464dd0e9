import Foundation
import SpiderCore
import SpiderDataSet
import SpiderIO

extension Target {
  /// The bytes of a file.
  static func bytes(of url: URL) throws -> [UInt8] { [UInt8](try Data(contentsOf: url)) }

  /// Label schemes, and tables of another program's names.
  static func labels() -> Target {
    let scheme = """
      {"name": "jaw", "classes": ["background", "bone", "teeth", "soft_tissue"]}
      """
    let names = """
      {"values": {"1": "skull", "2": "mandible", "17": "brain_left"},
       "classes": {"skull": ["skull"], "mandible": ["mandible"], "brain_*": ["intracranial"]}}
      """
    let head = (try? JSONEncoder().encode(LabelScheme.head)).map {
      String(decoding: $0, as: UTF8.self)
    }
    return text(
      "labels", ending: "json", seeds: [scheme, names] + [head].compactMap { $0 }, words: ["\"*\""]
    ) {
      _ = try? LabelFiles.names($0, for: .head)
      _ = try LabelFiles.scheme($0)
    }
  }

  /// The index of a data set, with one case behind it.
  static func dataSet(_ sources: Sources) throws -> Target {
    let folder = sources.scratch.appendingPathComponent("index", isDirectory: true)
    try? FileManager.default.removeItem(at: folder)
    _ = try SmallData.make(in: folder)
    let file = folder.appendingPathComponent(DataSet.indexName)
    let seed = String(decoding: try bytes(of: file), as: UTF8.self)
    return text(
      "dataset", ending: "json", seeds: [seed],
      words: ["\"../x\"", "\"/\"", "\"val\"", "\"~2\""]
    ) { url in
      try Data(contentsOf: url).write(to: file)
      let dataSet = try DataSet(open: folder)
      _ = DataSetSummary(dataSet).facts
      for entry in dataSet.index.cases.prefix(3) { _ = try? dataSet.load(entry) }
    }
  }
}
