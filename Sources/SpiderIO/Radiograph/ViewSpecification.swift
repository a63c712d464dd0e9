import Foundation
import SpiderCore

/// One view as the command line names it: `[pa=|ap=|left=|right=|ANGLE=]IMAGE[:GEOMETRY.json]`.
public struct ViewSpecification: Equatable, Sendable {
  /// The view's name or angle, if one was given.
  public let view: NamedView?
  /// The image.
  public let image: URL
  /// The geometry file, if one was given.
  public let sidecar: URL?

  /// Gathers the parts.
  public init(view: NamedView?, image: URL, sidecar: URL? = nil) {
    self.view = view
    self.image = image
    self.sidecar = sidecar
  }

  /// Takes a specification apart; nil when no image is named.
  ///
  /// The text is split at its last colon only when that is followed by a name ending in .json, and at
  /// its first equals sign only when a view stands before it: other paths may hold both signs.
  public init?(_ text: String) {
    var rest = text[...]
    var view: NamedView?
    if let sign = rest.firstIndex(of: "="), let named = NamedView(String(rest[..<sign])) {
      view = named
      rest = rest[rest.index(after: sign)...]
    }
    var sidecar: URL?
    if rest.lowercased().hasSuffix(".json"), let colon = rest.lastIndex(of: ":") {
      let name = rest[rest.index(after: colon)...]
      guard name.count > ".json".count else { return nil }
      sidecar = URL(fileURLWithPath: String(name))
      rest = rest[..<colon]
    }
    guard !rest.isEmpty else { return nil }
    self.init(view: view, image: URL(fileURLWithPath: String(rest)), sidecar: sidecar)
  }
}
