import Foundation
import SpiderCore

extension ModelDescription {
  /// What keeps weights of another model from meaning here what they mean there, with both values; nil when they
  /// fit. Views and geometry may differ: that is what a run can teach (``change(from:)``).
  func difference(from other: ModelDescription) -> String? {
    if architecture != other.architecture {
      return "its network: " + Self.stated(architecture, other.architecture)
    }
    if scheme != other.scheme {
      return scheme.name != other.scheme.name
        ? "its label scheme: '\(other.scheme.name)' there, '\(scheme.name)' here"
        : "its label scheme: " + Self.stated(scheme, other.scheme)
    }
    if window != other.window { return "its CT window: " + Self.stated(window, other.window) }
    if fieldOfView != other.fieldOfView {
      return "its field of view: \(other.fieldOfView) mm there, \(fieldOfView) mm here"
    }
    if intensity != other.intensity {
      return "its form of X-rays: \(other.intensity.rawValue) there, \(intensity.rawValue) here"
    }
    return nil
  }

  /// What a run that starts from weights of another model has to teach anew, with both values: the views, their order,
  /// the distances and the detector; nil when they are the same. Of a model that reads any views, in any order, only
  /// the latter.
  func change(from other: ModelDescription) -> String? {
    var changes: [String] = []
    if architecture.anyViews == nil, views != other.views {
      func list(_ views: [NamedView]) -> String { views.map(\.description).joined(separator: ", ") }
      let what = Set(views) == Set(other.views) ? "the order of its views" : "its views"
      changes.append("\(what): \(list(other.views)) there, \(list(views)) here")
    }
    let (here, there) = (Self.rounded(setup), Self.rounded(other.setup))
    if here != there {
      changes.append("distances and detector of its X-rays: " + Self.stated(here, there))
    }
    return changes.isEmpty ? nil : changes.joined(separator: "; ")
  }

  /// A setup without what only arithmetic tells apart: a pixel size that was scaled there and back.
  private static func rounded(_ setup: ViewSetup) -> ViewSetup {
    func rounded(_ length: Double) -> Double { (length * 1e6).rounded() / 1e6 }
    var result = setup
    result.sourceToAxis = rounded(setup.sourceToAxis)
    result.sourceToDetector = rounded(setup.sourceToDetector)
    result.pixelSize = SIMD2(rounded(setup.pixelSize.x), rounded(setup.pixelSize.y))
    return result
  }

  /// The entries in which two of a kind differ, as their files would state them, in the order of their names.
  private static func stated<Part: Encodable>(_ here: Part, _ there: Part) -> String {
    let (a, b) = (entries(of: here), entries(of: there))
    return Set(a.keys).union(b.keys).sorted().filter { a[$0] != b[$0] }
      .map { "\($0) \(b[$0] ?? "absent") there, \(a[$0] ?? "absent") here" }
      .joined(separator: "; ")
  }

  private static func entries(of part: some Encodable) -> [String: String] {
    guard let data = try? JSONEncoder().encode(part),
      let entries = try? JSONSerialization.jsonObject(with: data) as? [String: Any]
    else { return [:] }
    return entries.compactMapValues { value in
      let options: JSONSerialization.WritingOptions = [.fragmentsAllowed, .sortedKeys]
      let text = try? JSONSerialization.data(withJSONObject: value, options: options)
      return text.map { String(decoding: $0, as: UTF8.self) }
    }
  }
}
