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
        throw FileError.corrupt(url, fault: "it cannot be trained: \(fault)")
      }
      return configuration
    } catch let error as FileError {
      throw error
    } catch let error as DecodingError {
      throw FileError.corrupt(url, fault: "a value is of the wrong kind: \(error)")
    } catch {
      throw FileError.corrupt(url, fault: "it is not YAML: \(error)")
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
        throw FileError.badValue(url, key: here, fault: "there is no such setting")
      }
      merged[key] = try merge(value, over: present, path: here, wholeKeys, url)
    }
    return .mapping(merged)
  }
}
