import SpiderCore

/// A fault in a line of `plastimatch drr` arguments.
public enum PlastimatchArgumentError: Error, Equatable, CustomStringConvertible {
  /// An argument that does not describe a geometry of one image.
  case unknown(String)
  /// An argument without, or with the wrong number of, values.
  case badValue(String, expected: String)

  /// The fault and its remedy.
  public var description: String {
    switch self {
    case .unknown(let name):
      return
        "'\(name)' is not read; give -n, --vup, --sad, --sid, -g, -o, -r, -z, -c of plastimatch drr "
        + "(its other options say nothing about one image's geometry)"
    case .badValue(let name, let expected):
      return "\(name) needs \(expected)"
    }
  }
}

extension PlastimatchGeometry {
  /// The numbers of an argument, and how it may be written.
  private enum Key: String {
    case normal, up, sad, sid, distances, isocenter, size, extent, center

    static let names: [String: Key] = [
      "-n": .normal, "--nrm": .normal, "-nrm": .normal, "--vup": .up, "-vup": .up,
      "--sad": .sad, "--sid": .sid, "-g": .distances, "-o": .isocenter, "--isocenter": .isocenter,
      "-r": .size, "--dim": .size, "-z": .extent, "--detector-size": .extent, "-c": .center,
      "--image-center": .center,
    ]

    var count: Int {
      switch self {
      case .normal, .up, .isocenter: return 3
      case .sad, .sid: return 1
      case .distances, .size, .extent, .center: return 2
      }
    }
  }

  /// Reads arguments as they are typed in a shell, quotes and all: `-n "0 -1 0" -r "256 256"`. What is
  /// not given has the program's default. A leading `plastimatch drr` may be there.
  ///
  /// - Throws: ``PlastimatchArgumentError``.
  public init(arguments text: String) throws(PlastimatchArgumentError) {
    self.init()
    var words = text.split { $0.isWhitespace || $0 == "\"" || $0 == "'" || $0 == "=" }.map(
      String.init)
    while let first = words.first, ["plastimatch", "drr"].contains(first) { words.removeFirst() }
    var index = 0
    while index < words.count {
      let name = words[index]
      guard let key = Key.names[name] else { throw .unknown(name) }
      let values = words[(index + 1)...].prefix(key.count).compactMap { Double($0) }
      guard values.count == key.count, values.allSatisfy(\.isFinite) else {
        throw .badValue(name, expected: "\(key.count) finite numbers")
      }
      try set(key, name, values)
      index += 1 + key.count
    }
  }

  private mutating func set(
    _ key: Key, _ name: String, _ values: [Double]
  ) throws(PlastimatchArgumentError) {
    switch key {
    case .normal: normal = Vector3(values)
    case .up: up = Vector3(values)
    case .sad: sourceToAxis = values[0]
    case .sid: sourceToDetector = values[0]
    case .distances: (sourceToAxis, sourceToDetector) = (values[0], values[1])
    case .isocenter: isocenter = Vector3(values)
    case .size:
      guard let columns = Int(exactly: values[0]), let rows = Int(exactly: values[1]) else {
        throw .badValue(name, expected: "two whole numbers, columns and rows")
      }
      size = SIMD2(columns, rows)
    case .extent: extent = SIMD2(values[0], values[1])
    case .center: center = SIMD2(values[0], values[1])
    }
  }

  /// The arguments as they are typed in a shell, with all digits.
  public var arguments: String {
    func list(_ numbers: Double...) -> String {
      "\"" + numbers.map { "\($0)" }.joined(separator: " ") + "\""
    }
    var parts = [
      "-n " + list(normal.x, normal.y, normal.z), "--vup " + list(up.x, up.y, up.z),
      "--sad \(sourceToAxis)", "--sid \(sourceToDetector)",
      "-o " + list(isocenter.x, isocenter.y, isocenter.z), "-r \"\(size.x) \(size.y)\"",
      "-z " + list(extent.x, extent.y),
    ]
    if let center { parts.append("-c " + list(center.x, center.y)) }
    return parts.joined(separator: " ")
  }
}
