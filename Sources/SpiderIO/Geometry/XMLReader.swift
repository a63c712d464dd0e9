/// Reads the plain part of XML 1.0 that files of numbers are written in: elements, attributes, text,
/// comments, the declaration, the predefined and numeric references; UTF-8 only.
///
/// What a hostile file could grow or loop by is refused by word: a document type with declarations of its
/// own, entities, CDATA, elements deeper than ``deepest``. Nothing is fetched and nothing expands.
struct XMLReader {
  /// What comes next in a document; an empty element starts and ends.
  enum Event: Equatable {
    case start(name: String, attributes: [String: String])
    case text(String)
    case end
  }

  /// Elements within one another, at most.
  static let deepest = 64

  private let bytes: [UInt8]
  private var position = 0
  private var open: [ArraySlice<UInt8>] = []
  private var isEmptyElement = false
  private var hasRoot = false

  /// Takes a whole document.
  ///
  /// - Throws: ``XMLFault`` when it is no text in UTF-8.
  init(_ bytes: [UInt8]) throws(XMLFault) {
    guard String(validating: bytes, as: UTF8.self) != nil else { throw .notUTF8 }
    self.bytes = bytes
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
    if let control = bytes.firstIndex(where: { $0 < 0x20 && !Self.isBlank($0) }) {
      position = control
      throw fault("a control character")
    }
  }

  /// The next part of the document; nil after its end.
  mutating func next() throws(XMLFault) -> Event? {
    if isEmptyElement {
      isEmptyElement = false
      open.removeLast()
      return .end
    }
    while position < bytes.count {
      if bytes[position] != UInt8(ascii: "<") {
        let text = try text(upTo: UInt8(ascii: "<"))
        if !open.isEmpty { return .text(text) }
        guard text.allSatisfy(\.isWhitespace) else { throw fault("text outside of all elements") }
      } else if skip("<!--") {
        try passBy("-->", "a comment")
      } else if skip("<?") {
        try passBy("?>", "an instruction")
      } else if skip("<!DOCTYPE") {
        guard !hasRoot else { throw fault("a document type inside the document") }
        try passByDocumentType()
      } else if skip("<!") {
        throw fault("a declaration or CDATA, which is not read")
      } else if skip("</") {
        return try endTag()
      } else {
        position += 1
        return try startTag()
      }
    }
    guard hasRoot, open.isEmpty else { throw .endsEarly }
    return nil
  }
}

/// Why a text is not the XML that is read.
enum XMLFault: Error, Equatable, CustomStringConvertible {
  case notUTF8
  /// It ends where something is still open.
  case endsEarly
  /// Something else than what belongs there; lines count from 1.
  case unexpected(line: Int, String)

  /// The fault.
  var description: String {
    switch self {
    case .notUTF8: return "it is not text in UTF-8"
    case .endsEarly: return "it ends early"
    case .unexpected(let line, let what): return "line \(line) holds \(what)"
    }
  }
}

extension XMLReader {
  private static func isBlank(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D
  }

  private static func isNamePart(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), 0x80...,
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: ":"),
      UInt8(ascii: "-"), UInt8(ascii: "."):
      return true
    default: return false
    }
  }

  private func fault(_ what: String) -> XMLFault {
    .unexpected(line: 1 + bytes[..<min(position, bytes.count)].count { $0 == 0x0A }, what)
  }

  /// Steps over a mark if it is there.
  private mutating func skip(_ mark: String) -> Bool {
    guard bytes[position...].starts(with: mark.utf8) else { return false }
    position += mark.utf8.count
    return true
  }

  private mutating func skipBlanks() {
    while position < bytes.count, Self.isBlank(bytes[position]) { position += 1 }
  }

  private mutating func passBy(_ mark: String, _ what: String) throws(XMLFault) {
    while position < bytes.count {
      if skip(mark) { return }
      position += 1
    }
    throw .endsEarly
  }

  /// Steps over `<!DOCTYPE name ...>`, which may name a file that nobody reads, but declare nothing.
  private mutating func passByDocumentType() throws(XMLFault) {
    while position < bytes.count {
      switch bytes[position] {
      case UInt8(ascii: ">"):
        position += 1
        return
      case UInt8(ascii: "["), UInt8(ascii: "<"):
        throw fault("a document type with declarations of its own, which are not read")
      default: position += 1
      }
    }
    throw .endsEarly
  }

  private mutating func name() throws(XMLFault) -> ArraySlice<UInt8> {
    let start = position
    while position < bytes.count, Self.isNamePart(bytes[position]) { position += 1 }
    guard position < bytes.count else { throw .endsEarly }
    let found = bytes[start..<position]
    guard let first = found.first, !(0x2D...0x3A).contains(first) || first == UInt8(ascii: ":")
    else { throw fault("no name where one belongs") }
    return found
  }

  private mutating func startTag() throws(XMLFault) -> Event {
    guard !(hasRoot && open.isEmpty) else { throw fault("a second root element") }
    guard open.count < Self.deepest else { throw fault("more than \(Self.deepest) open elements") }
    hasRoot = true
    let name = try name()
    var attributes: [String: String] = [:]
    while true {
      let before = position
      skipBlanks()
      guard position < bytes.count else { throw .endsEarly }
      if skip(">") { break }
      if skip("/>") {
        isEmptyElement = true
        break
      }
      guard position > before else { throw fault("a tag that is not closed") }
      let key = String(decoding: try self.name(), as: UTF8.self)
      skipBlanks()
      guard skip("=") else { throw fault("an attribute without value") }
      skipBlanks()
      guard position < bytes.count else { throw .endsEarly }
      let quote = bytes[position]
      guard quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") else {
        throw fault("an attribute without quotes")
      }
      position += 1
      let value = try text(upTo: quote)
      guard position < bytes.count else { throw .endsEarly }
      position += 1
      guard attributes.updateValue(value, forKey: key) == nil else {
        throw fault("an attribute twice")
      }
    }
    open.append(name)
    return .start(name: String(decoding: name, as: UTF8.self), attributes: attributes)
  }

  private mutating func endTag() throws(XMLFault) -> Event {
    let name = try name()
    skipBlanks()
    guard position < bytes.count else { throw .endsEarly }
    guard skip(">") else { throw fault("a tag that is not closed") }
    guard open.popLast() == name else { throw fault("the end of an element that is not open") }
    return .end
  }

  /// The text up to a byte or the end, references resolved.
  private mutating func text(upTo end: UInt8) throws(XMLFault) -> String {
    var plain: [UInt8] = []
    while position < bytes.count, bytes[position] != end {
      switch bytes[position] {
      case UInt8(ascii: "&"): plain += try reference().utf8
      case UInt8(ascii: "<"): throw fault("a tag inside of an attribute")
      default:
        plain.append(bytes[position])
        position += 1
      }
    }
    return String(decoding: plain, as: UTF8.self)
  }

  private static let entities = ["lt": "<", "gt": ">", "amp": "&", "quot": "\"", "apos": "'"]

  /// A reference: `&lt;`, `&#65;` or `&#x41;`.
  private mutating func reference() throws(XMLFault) -> String {
    // The longest is &#x10FFFF; leading zeros are not needed.
    let rest = bytes[(position + 1)...].prefix(9)
    guard let end = rest.firstIndex(of: UInt8(ascii: ";")) else {
      throw fault("an ampersand that begins no reference")
    }
    let name = String(decoding: rest[..<end], as: UTF8.self)
    var found = Self.entities[name]
    if name.hasPrefix("#") {
      let isHexadecimal = name.hasPrefix("#x")
      let digits = name.dropFirst(isHexadecimal ? 2 : 1)
      if digits.allSatisfy(\.isHexDigit),
        let number = UInt32(digits, radix: isHexadecimal ? 16 : 10),
        number >= 0x20 || [0x09, 0x0A, 0x0D].contains(number)
      {
        found = Unicode.Scalar(number).map { String($0) }
      }
    }
    guard let found else { throw fault("the reference &\(name);, which is not known") }
    position = end + 1
    return found
  }
}
