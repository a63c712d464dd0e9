import Foundation
import SpiderIO

/// Walks a data set and keeps the elements that ``DICOMAttribute`` lists (PS3.5 7).
///
/// Nothing is believed: every length is held against what contains it before a byte is taken, and no
/// memory is reserved by what a file states. That, and that nobody's name leaves the file, is why the
/// data set is not walked by GDCM.
struct DICOMParser {
  let url: URL
  let bytes: [UInt8]
  let isBigEndian: Bool
  let isExplicit: Bool
  private var at: Int

  /// Sequences within sequences; the standard's own objects need seven.
  private static let deepest = 24
  private static let undefined = 0xFFFF_FFFF

  init(url: URL, bytes: [UInt8], from start: Int, isBigEndian: Bool, isExplicit: Bool) {
    self.url = url
    self.bytes = bytes
    self.isBigEndian = isBigEndian
    self.isExplicit = isExplicit
    at = start
  }

  /// Reads to the end of the bytes.
  ///
  /// - Throws: ``/SpiderIO/FileError`` when an element does not fit.
  mutating func dataSet() throws(FileError) -> DICOMElements {
    try elements(until: bytes.count, ends: nil, depth: 0, isExplicit: isExplicit)
  }

  /// Reads the elements of group 0002, which end where another group begins; the place is behind them.
  mutating func metaInformation() throws(FileError) -> (elements: DICOMElements, end: Int) {
    var result = DICOMElements()
    while at + 8 <= bytes.count, number(at, 2) == 2 {
      try element(into: &result, end: bytes.count, depth: 0, isExplicit: true)
    }
    return (result, at)
  }

  /// Reads elements up to a place or, in items of undefined length, up to their delimiter.
  private mutating func elements(
    until end: Int, ends delimiter: UInt16?, depth: Int, isExplicit: Bool
  ) throws(FileError) -> DICOMElements {
    guard depth < Self.deepest else {
      throw .corrupt(url, fault: "sequences lie within one another more than \(Self.deepest) deep")
    }
    var result = DICOMElements()
    while at < end {
      guard end - at >= 8 else {
        // Some writers fill up with zeros.
        if depth == 0, bytes[at..<end].allSatisfy({ $0 == 0 }) { break }
        throw cut(at + 8)
      }
      if let delimiter, number(at, 2) == 0xFFFE, number(at + 2, 2) == Int(delimiter) {
        at += 8
        return result
      }
      try element(into: &result, end: end, depth: depth, isExplicit: isExplicit)
    }
    if delimiter != nil { throw .corrupt(url, fault: "an item or a sequence does not end") }
    return result
  }

  private mutating func element(
    into result: inout DICOMElements, end: Int, depth: Int, isExplicit: Bool
  ) throws(FileError) {
    let tag = DICOMTag(UInt16(number(at, 2)), UInt16(number(at + 2, 2)))
    let attribute = DICOMAttribute.all[tag]
    let (vr, length) = try header(tag, end: end, isExplicit: isExplicit)
    if tag.group == 0xFFFE {
      throw .corrupt(url, fault: "an item \(tag) outside a sequence")
    }
    if tag == DICOMAttribute.pixels.tag, length == Self.undefined {
      let pieces = try fragments(end: end)
      if depth == 0 { result.add(.fragments(pieces), .pixels) }
      return
    }
    let isSequence = vr.map { $0 == "SQ" } ?? (attribute?.kind == .items)
    if length == Self.undefined || (isSequence && attribute?.kind == .items) {
      guard length == Self.undefined || at + length <= end else { throw cut(at + length) }
      // A sequence of unknown representation is written without any (PS3.5 6.2.2).
      let items = try items(
        length: length, end: end, depth: depth, isExplicit: isExplicit && vr != "UN")
      if let attribute, attribute.kind == .items { result.add(.items(items), attribute) }
      return
    }
    guard length <= end - at else { throw cut(at + length) }
    if let attribute, attribute.kind != .items {
      result.add(
        .bytes(
          at..<at + length, isWords: vr == "OW",
          integerSize: vr == "UL" || vr == "SL" ? 4 : nil, realSize: Self.realSize(vr, attribute)),
        attribute)
    }
    at += length
  }

  private static func realSize(_ vr: String?, _ attribute: DICOMAttribute) -> Int? {
    switch vr {
    case "FL": return 4
    case "FD": return 8
    case nil: return attribute.kind == .real ? 4 : nil
    default: return nil
    }
  }

  /// Reads representation and length of the element here; the place is then its value's.
  private mutating func header(
    _ tag: DICOMTag, end: Int, isExplicit: Bool
  ) throws(FileError) -> (vr: String?, length: Int) {
    guard isExplicit, tag.group != 0xFFFE else {
      let length = number(at + 4, 4)
      at += 8
      return (nil, length)
    }
    let letters = bytes[at + 4..<at + 6]
    guard letters.allSatisfy({ (65...90).contains($0) }) else {
      throw .corrupt(url, fault: "the element \(tag) has no value representation")
    }
    let vr = String(decoding: letters, as: UTF8.self)
    if Self.longForms.contains(vr) {
      guard at + 12 <= end else { throw cut(at + 12) }
      let length = number(at + 8, 4)
      at += 12
      return (vr, length)
    }
    let length = number(at + 6, 2)
    at += 8
    return (vr, length)
  }

  private static let longForms: Set<String> = [
    "OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV",
  ]

  private mutating func items(
    length: Int, end: Int, depth: Int, isExplicit: Bool
  ) throws(FileError) -> [DICOMElements] {
    guard depth + 1 < Self.deepest else {
      throw .corrupt(url, fault: "sequences lie within one another more than \(Self.deepest) deep")
    }
    let stop = length == Self.undefined ? end : at + length
    var items: [DICOMElements] = []
    while at < stop {
      guard stop - at >= 8 else { throw cut(at + 8) }
      let (group, kind, size) = (number(at, 2), number(at + 2, 2), number(at + 4, 4))
      at += 8
      guard group == 0xFFFE, kind == 0xE000 || kind == 0xE0DD else {
        throw .corrupt(url, fault: "something else than an item in a sequence")
      }
      if kind == 0xE0DD { return items }
      if size == Self.undefined {
        items.append(
          try elements(until: stop, ends: 0xE00D, depth: depth + 1, isExplicit: isExplicit))
      } else {
        guard size <= stop - at else { throw cut(at + size) }
        items.append(
          try elements(until: at + size, ends: nil, depth: depth + 1, isExplicit: isExplicit))
      }
    }
    if length == Self.undefined { throw .corrupt(url, fault: "a sequence does not end") }
    return items
  }

  /// The fragments of compressed pixels (PS3.5 A.4), the first of them the offset table.
  private mutating func fragments(end: Int) throws(FileError) -> [Range<Int>] {
    var pieces: [Range<Int>] = []
    while true {
      guard end - at >= 8 else { throw cut(at + 8) }
      let (group, kind, size) = (number(at, 2), number(at + 2, 2), number(at + 4, 4))
      at += 8
      guard group == 0xFFFE, kind == 0xE000 || kind == 0xE0DD else {
        throw .corrupt(url, fault: "something else than a fragment in its compressed pixels")
      }
      if kind == 0xE0DD { return pieces }
      guard size <= end - at else { throw cut(at + size) }
      pieces.append(at..<at + size)
      at += size
    }
  }

  private func cut(_ expected: Int) -> FileError {
    .truncated(url, expected: expected, found: bytes.count)
  }

  /// The unsigned number at a place, which must lie within the bytes.
  private func number(_ start: Int, _ size: Int) -> Int {
    var sum = 0
    for place in 0..<size {
      sum = sum << 8 | Int(bytes[start + (isBigEndian ? place : size - 1 - place)])
    }
    return sum
  }
}
