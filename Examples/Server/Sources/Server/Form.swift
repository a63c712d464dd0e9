import NIOHTTP1

/// The fields of a multipart/form-data body (RFC 7578). File names, which may be patients', are not looked at.
struct Form {
  /// The names of the fields, in order.
  private(set) var names: [String] = []
  /// The content of each field by its name.
  private(set) var fields: [String: ArraySlice<UInt8>] = [:]

  /// The most fields, and the most bytes that the headers of one may have.
  private static let limits = (fields: 16, header: 4096)

  /// The boundary that a content type names; nil where it is no multipart form.
  static func boundary(of contentType: String) -> String? {
    let parts = contentType.split(separator: ";").map { $0.trimmed }
    guard parts.first?.lowercased() == "multipart/form-data",
      let text = parts.dropFirst().first(where: { $0.lowercased().hasPrefix("boundary=") })
    else { return nil }
    let boundary = text.dropFirst("boundary=".count).filter { $0 != "\"" }
    return (1...70).contains(boundary.utf8.count) ? String(boundary) : nil
  }

  /// Takes a body apart.
  ///
  /// - Throws: ``Refusal``.
  init(_ body: [UInt8], boundary: String) throws(Refusal) {
    let delimiter = Array("--\(boundary)".utf8)
    guard body.starts(with: delimiter) else { throw Self.malformed("it does not begin with one") }
    var place = delimiter.count
    while !body[place...].starts(with: Array("--".utf8)) {
      guard let header = Self.header(of: body, from: place) else {
        throw Self.malformed("a part has no header")
      }
      guard
        let end = Self.find(Array("\r\n".utf8) + delimiter, in: body, from: header.end)
      else { throw Self.malformed("the last part does not end") }
      guard fields.count < Self.limits.fields, fields[header.name] == nil else {
        throw Refusal(.badRequest, "the field '\(header.name)' comes twice, or there are too many")
      }
      names.append(header.name)
      fields[header.name] = body[header.end..<end]
      place = end + 2 + delimiter.count
    }
  }

  /// The text of a field.
  func text(_ name: String) -> String? {
    fields[name].map { String(decoding: $0.prefix(64), as: UTF8.self).trimmed }
  }

  /// The name of the part whose header begins at a place, and where its content begins.
  private static func header(of body: [UInt8], from start: Int) -> (name: String, end: Int)? {
    let bound = min(body.count, start + limits.header)
    guard body[start...].starts(with: Array("\r\n".utf8)),
      let end = find(Array("\r\n\r\n".utf8), in: Array(body[..<bound]), from: start)
    else { return nil }
    for line in String(decoding: body[start..<end], as: UTF8.self).split(separator: "\r\n")
    where line.lowercased().hasPrefix("content-disposition:") {
      let name = line.split(separator: ";").map(\.trimmed)
        .first { $0.lowercased().hasPrefix("name=") }?.dropFirst(5).filter { $0 != "\"" }
      // A name goes into answers: only what is harmless there.
      guard let name, (1...32).contains(name.count),
        name.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || ".-+_".contains($0)) })
      else { return nil }
      return (String(name), end + 4)
    }
    return nil
  }

  private static func find(_ pattern: [UInt8], in body: [UInt8], from start: Int) -> Int? {
    var place = start
    while place + pattern.count <= body.count {
      if body[place] == pattern[0], body[place...].starts(with: pattern) { return place }
      place += 1
    }
    return nil
  }

  private static func malformed(_ fault: String) -> Refusal {
    Refusal(.badRequest, "the body is not made of parts with the boundary it names: \(fault)")
  }
}

extension StringProtocol {
  /// Without blanks before and after.
  var trimmed: String {
    let end = reversed().drop { $0.isWhitespace }
    return String(String(end.reversed()).drop { $0.isWhitespace })
  }
}
