import Foundation
import SpiderIO

/// The value of an element that was read.
enum DICOMValue: Sendable {
  /// Plain bytes of the file: whether they are stated as 16-bit words, and the size of an integer or of
  /// a floating-point number among them where the file states it.
  case bytes(Range<Int>, isWords: Bool, integerSize: Int?, realSize: Int?)
  /// The items of a sequence.
  case items([DICOMElements])
  /// The fragments of compressed pixels, the offset table first.
  case fragments([Range<Int>])
}

/// A data set, or an item of a sequence: the elements that ``DICOMAttribute`` lists.
struct DICOMElements: Sendable {
  private(set) var values: [DICOMTag: DICOMValue] = [:]

  /// Keeps the first of several elements of one tag.
  mutating func add(_ value: DICOMValue, _ attribute: DICOMAttribute) {
    if values[attribute.tag] == nil { values[attribute.tag] = value }
  }

  /// The items of a sequence; none when it is not there.
  func items(_ attribute: DICOMAttribute) -> [DICOMElements] {
    guard case .items(let items) = values[attribute.tag] else { return [] }
    return items
  }

  /// The value here or, in items of functional groups, further down.
  fileprivate func found(_ attribute: DICOMAttribute) -> DICOMValue? {
    if let value = values[attribute.tag] { return value }
    for group in DICOMAttribute.groups {
      for item in items(group) {
        if let value = item.found(attribute) { return value }
      }
    }
    return nil
  }
}

/// A data set with the bytes that its values lie in: typed access to attributes.
///
/// An attribute of a frame is looked for in the data set, then in the frame's functional groups, then in
/// the shared ones (PS3.3 C.7.6.16).
struct DICOMContent: Sendable {
  let url: URL
  let bytes: [UInt8]
  let isBigEndian: Bool
  let elements: DICOMElements

  private func value(_ attribute: DICOMAttribute, _ frame: Int) -> DICOMValue? {
    if let value = elements.values[attribute.tag] { return value }
    let groups = elements.items(.frameGroups)
    if groups.indices.contains(frame), let value = groups[frame].found(attribute) { return value }
    return elements.items(.sharedGroups).first?.found(attribute)
  }

  private func range(
    _ attribute: DICOMAttribute, _ frame: Int
  ) -> (range: Range<Int>, integerSize: Int?, realSize: Int?)? {
    guard case .bytes(let range, _, let integerSize, let realSize) = value(attribute, frame),
      !range.isEmpty
    else { return nil }
    return (range, integerSize, realSize)
  }

  /// The items of a sequence of the data set.
  func items(_ attribute: DICOMAttribute) -> [DICOMContent] {
    elements.items(attribute).map {
      DICOMContent(url: url, bytes: bytes, isBigEndian: isBigEndian, elements: $0)
    }
  }

  /// The raw bytes of a value; nil when it is absent or empty.
  func data(_ attribute: DICOMAttribute) -> ArraySlice<UInt8>? {
    range(attribute, 0).map { bytes[$0.range] }
  }

  /// The texts of a value, without padding and control characters; empty when it is absent.
  ///
  /// Empty texts between separators are kept.
  func texts(_ attribute: DICOMAttribute, frame: Int = 0) -> [String] {
    guard let (range, _, _) = range(attribute, frame), range.count <= 1 << 16 else { return [] }
    let text = String(decoding: bytes[range], as: UTF8.self)
    let parts = text.split(separator: "\\", omittingEmptySubsequences: false).map { part in
      String(
        String.UnicodeScalarView(part.unicodeScalars.filter { $0.value >= 32 && $0.value != 127 })
      )
      .trimmingCharacters(in: .whitespaces)
    }
    return parts.allSatisfy(\.isEmpty) ? [] : parts
  }

  /// The first text of a value.
  func text(_ attribute: DICOMAttribute, frame: Int = 0) -> String? {
    texts(attribute, frame: frame).first.flatMap { $0.isEmpty ? nil : $0 }
  }

  /// The numbers of a value, at least `count` and each finite; nil when it is absent or empty.
  ///
  /// - Throws: ``/SpiderIO/FileError/badHeader(_:field:fault:)`` when it is no number or too few.
  func numbers(
    _ attribute: DICOMAttribute, count: Int = 1, frame: Int = 0
  ) throws(FileError) -> [Double]? {
    guard let found = range(attribute, frame) else { return nil }
    let numbers: [Double?]
    if attribute.kind == .integers {
      let size = found.integerSize ?? 2
      numbers = starts(found.range, size).map { Double(unsigned($0, size)) }
    } else if let size = found.realSize {
      numbers = starts(found.range, size).map {
        size == 4
          ? Double(Float(bitPattern: UInt32(unsigned($0, 4))))
          : Double(bitPattern: unsigned($0, 8))
      }
    } else {
      let texts = texts(attribute, frame: frame)
      guard !texts.isEmpty else { return nil }
      numbers = texts.map { Double($0) }
    }
    let sound = numbers.compactMap { $0 }.filter(\.isFinite)
    guard sound.count == numbers.count, sound.count >= count else {
      throw .badHeader(
        url, field: attribute.description,
        fault: count == 1 ? "is no number" : "is not a list of \(count) numbers")
    }
    return sound
  }

  /// The first number of a value.
  func number(_ attribute: DICOMAttribute, frame: Int = 0) throws(FileError) -> Double? {
    try numbers(attribute, frame: frame)?.first
  }

  /// The first integer of a value, from 0 to 65535 unless it is stated as signed.
  func integer(_ attribute: DICOMAttribute) throws(FileError) -> Int? {
    guard let number = try number(attribute) else { return nil }
    guard let whole = Int(exactly: number) else {
      throw .badHeader(url, field: attribute.description, fault: "is \(number), no whole number")
    }
    return whole
  }

  /// Where the numbers of a value begin, each of so many bytes.
  private func starts(_ range: Range<Int>, _ size: Int) -> [Int] {
    Array(stride(from: range.lowerBound, through: range.upperBound - size, by: size))
  }

  /// The unsigned number of some bytes.
  func unsigned(_ start: Int, _ size: Int) -> UInt64 {
    (0..<size).reduce(0) { sum, place in
      sum << 8 | UInt64(bytes[start + (isBigEndian ? place : size - 1 - place)])
    }
  }
}
