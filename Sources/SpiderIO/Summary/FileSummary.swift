/// What a file is, for people and for programs: what `spider info` prints.
public protocol FileSummary: Encodable {
  /// The kind of file in one word, the key `kind` in JSON.
  var kind: String { get }
  /// The same content in words: names and values, in order.
  var facts: [(name: String, value: String)] { get }
}
