import Foundation
import SpiderCore

extension ModelDescription {
  /// What keeps weights of another model from meaning here what they mean there, with both values; nil when they
  /// fit. Views and geometry may differ: that is what a run can teach.
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
