/// What is said on the command line.
struct Settings: Sendable {
  /// The address to listen on. Nothing is encrypted: others reach it through a proxy that does.
  var host = "127.0.0.1"
  /// The port; 0 takes a free one.
  var port = 8080
  /// Reconstructions that may wait for the one at work. Further ones are told to come again.
  var waiting = 4
  /// The largest body, megabytes.
  var megabytes = 32
  /// The seconds that a client has to send its request, and again to take its answer.
  var patience = 30
  /// The most voxels a side that a client may ask for.
  var size = 192
  /// Connections at a time, those that only wait or talk included.
  var connections = 200

  /// Reads `--name value` pairs.
  init(_ arguments: some Sequence<String>) throws {
    var rest = Array(arguments)[...]
    while let name = rest.popFirst() {
      guard let value = rest.popFirst() else { throw SettingsError(text: "\(name) needs a value") }
      if name == "--host" {
        host = value
        continue
      }
      guard let field = Self.numbers[name] else {
        let known = (Self.numbers.keys + ["--host"]).sorted().joined(separator: ", ")
        throw SettingsError(text: "\(name) is not known; there are \(known)")
      }
      guard let number = Int(value), field.range.contains(number) else {
        throw SettingsError(
          text: "\(name) is \(value); it is from \(field.range.lowerBound) to "
            + "\(field.range.upperBound)")
      }
      self[keyPath: field.path] = number
    }
  }

  private static var numbers:
    [String: (path: WritableKeyPath<Settings, Int>, range: ClosedRange<Int>)]
  {
    [
      "--port": (\.port, 0...65535), "--waiting": (\.waiting, 0...1000),
      "--megabytes": (\.megabytes, 1...1024), "--patience": (\.patience, 1...3600),
      "--size": (\.size, 16...512), "--connections": (\.connections, 1...10_000),
    ]
  }
}

/// What is wrong with the command line.
struct SettingsError: Error, CustomStringConvertible {
  let text: String
  var description: String { text }
}
