import Foundation
import SpiderCore

/// Where a reconstruction comes from, as its volumes keep it: in the description of the header, and in
/// full as JSON in a header extension (a comment, ecode 6).
///
/// It holds what decides the voxels, and nothing else: no time, no path, no patient. Equal work gives equal
/// files.
public struct Provenance: Encodable, Sendable, Equatable {
  /// A model, so that the same one can be found again.
  public struct Model: Encodable, Sendable, Equatable {
    /// What it is called.
    public var name: String
    /// The SHA-256 digest of its file.
    public var sha256: String

    /// Names a model.
    public init(name: String, sha256: String) {
      self.name = name
      self.sha256 = sha256
    }

    /// Names the model of a file, which is read for its digest.
    ///
    /// - Throws: ``FileError`` where it cannot be read.
    public init(name: String, file: URL) throws(FileError) {
      self.init(name: name, sha256: try SHA256.digest(of: file))
    }
  }

  /// The version of Spider.
  public let version = SpiderRelease.version
  /// The commit that it was built of; nil where that is not known.
  public var commit: String?
  /// The model that answered.
  public var model: Model
  /// The middle of the model's field of view, world mm.
  public var isocenter: Vector3
  /// How the X-rays were taken, in the order in which they were given.
  public var views: [ProjectionGeometry]
  /// The steps by which the answer was brought to agree with the X-rays; 0 for the answer itself.
  public var refinementSteps = 0

  /// Takes down where a volume comes from.
  public init(commit: String?, model: Model, isocenter: Vector3, views: [ProjectionGeometry]) {
    self.commit = commit
    self.model = model
    self.isocenter = isocenter
    self.views = views
  }

  enum CodingKeys: String, CodingKey {
    case generator, version, commit, model, views, purpose
    case isocenter = "isocenter_mm"
    case refinementSteps = "refinement_iterations"
  }

  /// Writes every key; a commit that is not known is null.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode("Spider", forKey: .generator)
    try container.encode("not for diagnosis", forKey: .purpose)
    try container.encode(version, forKey: .version)
    try container.encode(commit, forKey: .commit)
    try container.encode(model, forKey: .model)
    try container.encode([isocenter.x, isocenter.y, isocenter.z], forKey: .isocenter)
    try container.encode(refinementSteps, forKey: .refinementSteps)
    try container.encode(views.map { GeometryRecord($0) }, forKey: .views)
  }

  /// All of it as JSON in one line.
  package var json: Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    // Finite numbers and text are always encoded.
    return (try? encoder.encode(self)) ?? Data()
  }

  /// The header's line, of at most 79 bytes.
  var title: String {
    "Spider \(version) \(model.name.prefix(32)) \(model.sha256.prefix(12)) not for diagnosis"
  }

  /// The bytes behind the header: the flag of extensions, and one extension, a multiple of 16 bytes long, as the
  /// format has it.
  var extensionBytes: [UInt8] {
    let text = Array(json)
    let size = (8 + text.count + 15) / 16 * 16
    func number(_ value: Int) -> [UInt8] {
      unsafe withUnsafeBytes(of: Int32(value)) { unsafe Array($0) }
    }
    return [1, 0, 0, 0] + number(size) + number(6) + text
      + [UInt8](repeating: 0, count: size - 8 - text.count)
  }
}
