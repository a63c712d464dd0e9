import Foundation
import SpiderCore
import SpiderDICOM
import SpiderIO
import Testing

/// The test files and what they hold (Resources/make_dicom_files.py).
struct Truth {
  let name: String
  private let facts: [String: Any]

  init(_ name: String) throws {
    self.name = name
    let all = try JSONSerialization.jsonObject(with: Data(contentsOf: Self.file("truth.json")))
    facts = try #require((all as? [String: Any])?[name] as? [String: Any], "no truth of \(name)")
  }

  private init(name: String, facts: [String: Any]) {
    self.name = name
    self.facts = facts
  }

  /// A file of the resources.
  static func file(_ name: String) -> URL {
    Bundle.module.bundleURL.appendingPathComponent("Resources/\(name)")
  }

  var url: URL { Self.file(name) }

  func numbers(_ key: String) throws -> [Double] {
    try #require(facts[key] as? [Double], "\(name): \(key)")
  }

  func number(_ key: String) throws -> Double { try #require(facts[key] as? Double) }

  func flags(_ key: String) throws -> [Bool] { try #require(facts[key] as? [Bool]) }

  func vector(_ key: String) throws -> Vector3 { Vector3(try numbers(key)) }

  /// The columns of an affine.
  func columns() throws -> [Vector3] {
    try #require(facts["columns"] as? [[Double]]).map { Vector3($0) }
  }

  func part(_ key: String) throws -> Truth {
    Truth(name: name, facts: try #require(facts[key] as? [String: Any]))
  }

  /// All DICOM files, single ones of series included.
  static var allFiles: [URL] {
    let walk = FileManager.default.enumerator(at: file(""), includingPropertiesForKeys: nil)
    return (walk?.allObjects as? [URL] ?? []).filter { $0.pathExtension == "dcm" }
      .sorted { $0.path < $1.path }
  }

  /// Reads an X-ray.
  static func xray(
    _ name: String, _ view: NamedView? = nil, stated: StatedBeam = StatedBeam()
  ) throws -> LoadedRadiograph {
    try RadiographSource.read(ViewSpecification(view: view, image: file(name)), stated: stated)
  }

  /// The text of the error that something throws.
  static func message(_ body: () throws -> some Any) -> String {
    switch Result(catching: body) {
    case .success: return "nothing was thrown"
    case .failure(let error): return "\(error)"
    }
  }
}
