import Foundation
import SpiderIO
import Yams

/// The reader of configurations: YAML over defaults.
enum ConfigurationFile {
  /// Reads a file. Keys that are not there keep the value of the defaults; keys that mean nothing are
  /// refused, since they are most likely misspelt.
  ///
  /// - Parameters:
  ///   - wholeKeys: keys whose values are whole: alternatives of which the given one replaces the
  ///     default.
  ///   - fault: why a configuration cannot be used, or nil.
  /// - Throws: ``/SpiderIO/FileError`` naming file, key and fault.
  static func read<Configuration: Codable>(
    _ url: URL, defaults: Configuration, wholeKeys: Set<String>,
    fault: (Configuration) -> String?
  ) throws(FileError) -> Configuration {
    guard FileManager.default.fileExists(atPath: url.path) else { throw FileError.missing(url) }
    do {
      let base = try YAMLEncoder().encode(defaults)
      guard let given = try YAMLGate.node(of: url), let known = try Yams.compose(yaml: base)
      else { return defaults }
      let merged = try merge(given, over: known, path: "", wholeKeys, url)
      let configuration = try YAMLDecoder().decode(
        Configuration.self, from: Yams.serialize(node: merged))
      if let fault = fault(configuration) {
        throw unusable(url, fault: "it cannot be trained: \(fault)")
      }
      return configuration
    } catch let error as FileError {
      throw error
    } catch let error as DecodingError {
      throw unusable(url, fault: words(error))
    } catch {
      let fault = (error as? YamlError).map(words) ?? error.localizedDescription
      throw unusable(url, fault: "it is not YAML: \(fault)")
    }
  }

  private static func unusable(_ url: URL, fault: String) -> FileError {
    .unsupported(url, fault: fault, remedy: "correct it, or leave it away for the default")
  }

  /// The setting, and what it must be.
  private static func words(_ error: DecodingError) -> String {
    func name(_ context: DecodingError.Context, _ key: (any CodingKey)? = nil) -> String {
      (context.codingPath + [key].compactMap { $0 }).map(\.stringValue).joined(separator: ".")
    }
    switch error {
    case .keyNotFound(let key, let context): return "\"\(name(context, key))\" is missing"
    case .typeMismatch(let type, let context), .valueNotFound(let type, let context):
      return "\"\(name(context))\" must be \(kind(type))"
    case .dataCorrupted(let context):
      return "\"\(name(context))\" is none of the values that it may have"
    @unknown default: return "a value is of the wrong kind"
    }
  }

  private static func kind(_ type: any Any.Type) -> String {
    switch type {
    case is any BinaryInteger.Type: "a whole number"
    case is any BinaryFloatingPoint.Type: "a number"
    case is Bool.Type: "true or false"
    case is String.Type: "text"
    default: String(describing: type).hasPrefix("Array") ? "a list" : "a group of settings"
    }
  }

  /// The line, and what the parser met there.
  private static func words(_ error: YamlError) -> String {
    switch error {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      "line \(mark.line): \(problem.replacing("\n", with: " "))"
    default: "it cannot be parsed"
    }
  }

  private static func merge(
    _ given: Node, over defaults: Node, path: String, _ wholeKeys: Set<String>, _ url: URL
  ) throws(FileError) -> Node {
    guard let new = given.mapping, let old = defaults.mapping, !wholeKeys.contains(path)
    else { return given }
    var merged = old
    for (key, value) in new {
      let name = key.string ?? ""
      let here = path.isEmpty ? name : "\(path).\(name)"
      guard let present = old[key] else {
        let known = old.keys.compactMap(\.string).sorted().joined(separator: ", ")
        throw FileError.badValue(
          url, key: here, fault: "is no setting; those of this group are: \(known)")
      }
      merged[key] = try merge(value, over: present, path: here, wholeKeys, url)
    }
    return .mapping(merged)
  }
}
