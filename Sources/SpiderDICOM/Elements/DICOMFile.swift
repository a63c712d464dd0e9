internal import CGDCM
import Foundation
import SpiderIO

/// A DICOM file in memory: its encoding, and its content as typed attributes.
struct DICOMFile: Sendable {
  let syntax: TransferSyntax
  let content: DICOMContent

  var url: URL { content.url }

  /// Whether a file begins as DICOM files do: "DICM" behind a preamble of 128 bytes (PS3.10 7.1).
  static func isDICOM(_ url: URL) -> Bool {
    guard let file = try? FileHandle(forReadingFrom: url) else { return false }
    defer { try? file.close() }
    guard let start = try? file.read(upToCount: 132), start.count == 132 else { return false }
    return start.suffix(4) == Data("DICM".utf8)
  }

  /// Reads and walks a file.
  ///
  /// - Parameter maxBytes: larger files, and larger contents of deflated ones, are refused.
  /// - Throws: ``/SpiderIO/FileError``.
  init(_ url: URL, maxBytes: Int) throws(FileError) {
    let size = try regularFileSize(url)
    guard size <= maxBytes else {
      throw .tooLarge(
        url, fault: "it has \(size) bytes; the limit for a DICOM file is \(maxBytes)",
        remedy: "raise the limit if the file is right")
    }
    do {
      try self.init([UInt8](Data(contentsOf: url)), url, maxBytes: maxBytes)
    } catch let error as FileError {
      throw error
    } catch {
      throw .unreadable(url, reason: error.localizedDescription)
    }
  }

  /// Walks the bytes of a file.
  init(_ bytes: [UInt8], _ url: URL, maxBytes: Int) throws(FileError) {
    guard bytes.count >= 132, Array(bytes[128..<132]) == Array("DICM".utf8) else {
      throw .unknownFormat(
        url, expected: "a DICOM file", found: "a file without the mark DICM of DICOM files")
    }
    var meta = DICOMParser(
      url: url, bytes: bytes, from: 132, isBigEndian: false, isExplicit: true)
    let (elements, start) = try meta.metaInformation()
    let stated = DICOMContent(url: url, bytes: bytes, isBigEndian: false, elements: elements)
    guard let uid = stated.text(.transferSyntax) else {
      throw .corrupt(url, fault: "it is DICOM without a \(DICOMAttribute.transferSyntax)")
    }
    guard let syntax = TransferSyntax(rawValue: uid) else {
      throw .unsupported(
        url, fault: "the DICOM transfer syntax \(Self.printable(uid)) is not read",
        remedy: "convert it, for example with gdcmconv --raw")
    }
    self.syntax = syntax
    let body = syntax == .deflated ? try Self.inflated(bytes, start, url, maxBytes) : bytes
    var parser = DICOMParser(
      url: url, bytes: body, from: syntax == .deflated ? 0 : start,
      isBigEndian: syntax == .explicitBigEndian, isExplicit: syntax != .implicitLittleEndian)
    content = DICOMContent(
      url: url, bytes: body, isBigEndian: syntax == .explicitBigEndian,
      elements: try parser.dataSet())
  }

  /// A UID as it may be shown: digits and dots only.
  private static func printable(_ uid: String) -> String {
    String(uid.filter { $0.isNumber || $0 == "." }.prefix(64))
  }

  private static func inflated(
    _ bytes: [UInt8], _ start: Int, _ url: URL, _ limit: Int
  ) throws(FileError) -> [UInt8] {
    var content: UnsafeMutablePointer<UInt8>?
    var size = 0
    let status = unsafe bytes.withUnsafeBufferPointer { all in
      let part = unsafe UnsafeBufferPointer(rebasing: all[start...])
      return unsafe spider_dicom_inflate(part.baseAddress, part.count, limit, &content, &size)
    }
    guard status >= 0 else {
      throw .tooLarge(
        url, fault: "its deflated content has more than \(limit) bytes",
        remedy: "raise the limit if the file is right")
    }
    guard status == 1, let content = unsafe content else {
      throw .corrupt(url, fault: "its deflated content is damaged")
    }
    defer { unsafe spider_dicom_free(content) }
    return unsafe Array(UnsafeBufferPointer(start: content, count: size))
  }
}

/// The size of a regular file; folders, pipes and devices are refused.
private func regularFileSize(_ url: URL) throws(FileError) -> Int {
  let path = url.resolvingSymlinksInPath().path
  guard let attributes = try? FileManager.default.attributesOfItem(atPath: path) else {
    throw .missing(url)
  }
  guard attributes[.type] as? FileAttributeType == .typeRegular,
    let size = (attributes[.size] as? NSNumber)?.intValue
  else { throw .notAFile(url) }
  return size
}

/// How a file's data set and its pixels are encoded (PS3.5 10, PS3.6 A).
enum TransferSyntax: String, CaseIterable, Sendable {
  case implicitLittleEndian = "1.2.840.10008.1.2"
  case explicitLittleEndian = "1.2.840.10008.1.2.1"
  case deflated = "1.2.840.10008.1.2.1.99"
  case explicitBigEndian = "1.2.840.10008.1.2.2"
  case runLength = "1.2.840.10008.1.2.5"
  case jpegBaseline = "1.2.840.10008.1.2.4.50"
  case jpegExtended = "1.2.840.10008.1.2.4.51"
  case jpegLossless = "1.2.840.10008.1.2.4.57"
  case jpegLosslessFirstOrder = "1.2.840.10008.1.2.4.70"
  case jpegLSLossless = "1.2.840.10008.1.2.4.80"
  case jpegLSNearLossless = "1.2.840.10008.1.2.4.81"
  case jpeg2000Lossless = "1.2.840.10008.1.2.4.90"
  case jpeg2000 = "1.2.840.10008.1.2.4.91"

  /// The name in words.
  var name: String {
    switch self {
    case .implicitLittleEndian: "implicit little endian"
    case .explicitLittleEndian: "explicit little endian"
    case .deflated: "deflated"
    case .explicitBigEndian: "explicit big endian"
    case .runLength: "RLE"
    case .jpegBaseline: "JPEG baseline"
    case .jpegExtended: "JPEG extended"
    case .jpegLossless, .jpegLosslessFirstOrder: "JPEG lossless"
    case .jpegLSLossless: "JPEG-LS"
    case .jpegLSNearLossless: "JPEG-LS, near lossless"
    case .jpeg2000Lossless: "JPEG 2000, lossless"
    case .jpeg2000: "JPEG 2000"
    }
  }

  /// Whether pixels come in fragments.
  var isCompressed: Bool {
    switch self {
    case .implicitLittleEndian, .explicitLittleEndian, .deflated, .explicitBigEndian: false
    default: true
    }
  }

  /// Whether what was lost in compression is gone.
  var isLossy: Bool {
    switch self {
    case .jpegBaseline, .jpegExtended, .jpegLSNearLossless, .jpeg2000: true
    default: false
    }
  }
}
