import Foundation
import SpiderBaselines
import SpiderCore
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
      if let used = try Yams.compose(yaml: YAMLEncoder().encode(configuration)),
        let fault = leftOut(given, beside: used, path: "")
      {
        throw unusable(url, fault: fault)
      }
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
    .unsupported(url, fault: fault, remedy: "correct the file")
  }

  /// The setting, and what it must be.
  private static func words(_ error: DecodingError) -> String {
    func name(_ context: DecodingError.Context, _ key: (any CodingKey)? = nil) -> String {
      (context.codingPath + [key].compactMap { $0 }).reduce("") { path, key in
        if let place = key.intValue { return "\(path)[\(place)]" }
        return path.isEmpty ? key.stringValue : "\(path).\(key.stringValue)"
      }
    }
    switch error {
    case .keyNotFound(let key, let context): return "\"\(name(context, key))\" is missing"
    case .typeMismatch(_, let context) where context.codingPath.isEmpty:
      return "it holds no settings: lines of the form \"steps: 2000\""
    case .typeMismatch(let type, let context), .valueNotFound(let type, let context):
      return "\"\(name(context))\" must be \(kind(type))"
    case .dataCorrupted(let context) where context.debugDescription.contains("ClosedRange"):
      return "\"\(name(context))\" must be two numbers, the smaller one first"
    case .dataCorrupted(let context):
      // Of a list, the values of each place.
      let setting = name(context).replacing(#/\[\d+\]/#, with: "")
      let choices = choices[setting].map { ": \($0.joined(separator: ", "))" } ?? ""
      return "\"\(name(context))\" is none of the values that it may have\(choices)"
    @unknown default: return "a value is of the wrong kind"
    }
  }

  /// The fault of what was given and not read: one of three numbers for a range, a key within a value that is taken
  /// whole; nil: there is none.
  private static func leftOut(_ given: Node, beside used: Node, path: String) -> String? {
    if let given = given.sequence, let used = used.sequence, given.count > used.count {
      return "\"\(path)\" is a list of \(given.count); it must be one of \(used.count)"
    }
    for (key, value) in given.mapping ?? [:] {
      guard let name = key.string else { continue }
      let here = path.isEmpty ? name : "\(path).\(name)"
      guard let present = used[key] else {
        // What may be missing is not written where it is.
        if value.null != nil || used.mapping == nil { continue }
        return "\"\(here)\" means nothing"
      }
      if let found = leftOut(value, beside: present, path: here) { return found }
    }
    return nil
  }

  /// The values of settings that have a few.
  private static let choices = [
    "lossBalance": LossBalancing.allCases.map(\.rawValue),
    "unlabelled": UnlabelledPoints.allCases.map(\.rawValue),
    "model.architecture.pooling": ViewPooling.allCases.map(\.rawValue),
    "model.architecture.perx2ct.camera": PerX2CTConfiguration.Camera.allCases.map(\.rawValue),
    "model.intensity": RadiographIntensity.allCases.map(\.rawValue),
    "model.views": ["pa", "ap", "left", "right", "or degrees"],
  ]

  private static func kind(_ type: any Any.Type) -> String {
    switch type {
    case is any UnsignedInteger.Type: "a whole number from 0 to 2^64 - 1"
    case is any BinaryInteger.Type: "a whole number that 64 bits hold"
    case is any BinaryFloatingPoint.Type: "a number"
    case is Bool.Type: "true or false"
    case is String.Type: "text"
    case is Node.Scalar.Type: "a single value"
    case is Node.Sequence.Type: "a list"
    default: String(describing: type).hasPrefix("Array") ? "a list" : "a group of settings"
    }
  }

  /// The line, and what the parser met there.
  private static func words(_ error: YamlError) -> String {
    switch error {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      "line \(mark.line): \(problem.replacing("\n", with: " "))"
    case .duplicatedKeysInMapping(let keys, _):
      "\(keys.map { "\"\($0)\"" }.joined(separator: ", ")) stands there twice"
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
        // What the defaults do not have, but may.
        if wholeKeys.contains(here) {
          merged[key] = value
          continue
        }
        let known = old.keys.compactMap(\.string).sorted().joined(separator: ", ")
        throw FileError.badValue(
          url, key: here, fault: "is no setting; those of this group are: \(known)")
      }
      merged[key] = try merge(value, over: present, path: here, wholeKeys, url)
    }
    return .mapping(merged)
  }
}

/// The gate for YAML files from outside: what is too large, too deep or grows by aliases is refused
/// before anything expands it.
enum YAMLGate {
  /// The largest file, bytes.
  static let largestFile = 1 << 20
  /// The deepest nesting, by brackets or by columns of indentation.
  static let deepestBrackets = 32
  static let deepestIndent = 128
  /// The most values, aliases expanded.
  static let mostValues = 20_000

  /// The content of a file; nil when it is empty.
  ///
  /// - Throws: ``/SpiderIO/FileError``, or an error of Yams when it is no YAML.
  static func node(of url: URL) throws -> Node? {
    let size = (try? url.resourceValues(forKeys: [.fileSizeKey]))?.fileSize ?? 0
    guard size <= largestFile else {
      throw FileError.tooLarge(
        url, fault: "\(size) bytes; a configuration has at most \(largestFile)",
        remedy: "give a configuration")
    }
    let text: String
    do {
      text = try String(contentsOf: url, encoding: .utf8)
    } catch {
      throw FileError.unreadable(url, reason: error.localizedDescription)
    }
    guard !isTooDeep(text) else {
      throw FileError.unsupported(
        url, fault: "it is nested deeper than any configuration", remedy: "correct the file")
    }
    guard let node = try Yams.compose(yaml: text) else { return nil }
    var left = mostValues
    guard counts(node, &left) else {
      throw FileError.unsupported(
        url, fault: "with its aliases expanded it holds more than \(mostValues) values",
        remedy: "correct the file")
    }
    return node
  }

  /// Whether brackets or indentation go deeper than a configuration's: seen in the bare text, since the
  /// parser calls itself for every level.
  private static func isTooDeep(_ text: String) -> Bool {
    var depth = 0
    for line in text.utf8.split(separator: UInt8(ascii: "\n")) {
      let indent = line.prefix {
        [UInt8(ascii: " "), UInt8(ascii: "-"), UInt8(ascii: "?"), UInt8(ascii: ":")].contains($0)
      }
      if indent.count > deepestIndent { return true }
      for byte in line {
        switch byte {
        case UInt8(ascii: "["), UInt8(ascii: "{"): depth += 1
        case UInt8(ascii: "]"), UInt8(ascii: "}"): depth = max(0, depth - 1)
        default: break
        }
        if depth > deepestBrackets { return true }
      }
    }
    return false
  }

  /// Whether the values of a node are at most so many; those that are left are told.
  private static func counts(_ node: Node, _ left: inout Int) -> Bool {
    left -= 1
    guard left >= 0 else { return false }
    if let list = node.sequence {
      for item in list where !counts(item, &left) { return false }
    } else if let pairs = node.mapping {
      for (key, value) in pairs where !counts(key, &left) || !counts(value, &left) {
        return false
      }
    }
    return true
  }
}
