import Foundation

/// What is wrong with a file from outside, or with a place to write one.
///
/// Every case carries the facts; ``fault`` says what is wrong, ``remedy`` what to do, and the
/// description is both after the file's path.
public enum FileError: Error, Equatable {
  /// There is nothing at this path.
  case missing(URL)
  /// The other half of it, in a file of its own, is not there.
  case incomplete(URL, missing: URL)
  /// A device or a pipe where a file is needed; a folder where one is to be written.
  case notAFile(URL)
  /// A folder where a file is to be read.
  case isFolder(URL)
  /// The system refuses to open or read it.
  case unreadable(URL, reason: String)
  /// It is another kind of file, or none that is known.
  case unknownFormat(URL, expected: String, found: String)
  /// It ends before all of its content was there; sizes in bytes, uncompressed.
  case truncated(URL, expected: Int, found: Int)
  /// Its content contradicts itself or its checksum.
  case corrupt(URL, fault: String)
  /// A field of its header holds what it must not.
  case badHeader(URL, field: String, fault: String)
  /// It is sound, but of a kind Spider does not work with.
  case unsupported(URL, fault: String, remedy: String)
  /// It does not say how it lies in the patient.
  case noOrientation(URL)
  /// It is an X-ray image that does not say which of its rows is the uppermost.
  case rowsUnknown(URL)
  /// It is an image, but not one three-dimensional scalar volume.
  case notAVolume(URL, fault: String)
  /// Its values are not labels, whole numbers from 0 to 255.
  case notLabels(URL, fault: String)
  /// It is larger than the limit set for files of its kind.
  case tooLarge(URL, fault: String, remedy: String)
  /// A key of a JSON file holds what it must not.
  case badValue(URL, key: String, fault: String)
  /// Two statements about the same thing contradict each other.
  case disagreement(URL, fault: String, remedy: String)
  /// A radiograph of which nobody says how it was taken.
  case missingGeometry(URL)
  /// What should be written cannot be held by the file format asked for.
  case notStorable(URL, fault: String, remedy: String)
  /// The file to be written is already there.
  case exists(URL)
  /// The folder to write in is not there.
  case noFolder(URL)
  /// The system refuses to write it.
  case notWritable(URL, reason: String)
}

extension FileError {
  /// The file it is about.
  public var url: URL {
    switch self {
    case .missing(let url), .incomplete(let url, _), .notAFile(let url), .isFolder(let url),
      .unreadable(let url, _),
      .unknownFormat(let url, _, _), .truncated(let url, _, _), .corrupt(let url, _),
      .badHeader(let url, _, _), .unsupported(let url, _, _), .noOrientation(let url),
      .rowsUnknown(let url),
      .notAVolume(let url, _), .notLabels(let url, _), .tooLarge(let url, _, _),
      .badValue(let url, _, _), .disagreement(let url, _, _), .missingGeometry(let url),
      .notStorable(let url, _, _), .exists(let url), .noFolder(let url), .notWritable(let url, _):
      return url
    }
  }

  /// What is wrong with it.
  public var fault: String {
    switch self {
    case .missing: return "there is no such file"
    case .incomplete(_, let missing):
      return "the file that belongs to it, \(missing.lastPathComponent), is not there"
    case .notAFile: return "this is not a regular file"
    case .isFolder: return "this is a folder, not a file"
    case .unreadable(_, let reason): return "cannot be read (\(reason))"
    case .unknownFormat(_, let expected, let found): return "this is \(found), not \(expected)"
    case .truncated(_, let expected, let found):
      return "the file is cut short: it holds \(found) of at least \(expected) bytes"
    case .corrupt(_, let fault): return "the file is corrupt: \(fault)"
    case .badHeader(_, let field, let fault): return "the header's \(field) \(fault)"
    case .unsupported(_, let fault, _): return fault
    case .noOrientation:
      return "the file does not say how it lies in the patient (no qform, no sform)"
    case .rowsUnknown:
      return
        "nothing in the header says whether its first row is the top or the bottom (dcm2niix writes "
        + "X-rays from the bottom, others from the top): it might be taken upside down"
    case .notAVolume(_, let fault): return "this is not a 3D volume: \(fault)"
    case .notLabels(_, let fault): return "this is not a label map: \(fault)"
    case .tooLarge(_, let fault, _): return fault
    case .badValue(_, let key, let fault): return "\"\(key)\" \(fault)"
    case .disagreement(_, let fault, _): return fault
    case .missingGeometry: return "this is an image without geometry: nothing says how it was taken"
    case .notStorable(_, let fault, _): return fault
    case .exists: return "the file is already there"
    case .noFolder(let url):
      return "the folder \(url.deletingLastPathComponent().path) does not exist"
    case .notWritable(_, let reason): return "cannot be written (\(reason))"
    }
  }

  /// What to do about it.
  public var remedy: String {
    switch self {
    case .missing: return "check the path"
    case .incomplete: return "keep header (.hdr) and voxels (.img) side by side"
    case .notAFile: return "name a file"
    case .isFolder: return "name a file in it; a folder of DICOM slices is converted first"
    case .unreadable: return "check its permissions and its disk"
    case .unknownFormat(_, let expected, let found):
      if let foreign = ForeignFormat(named: found) { return foreign.remedy }
      guard found == InputFile.unknownKind else { return "give \(expected)" }
      return
        "give \(expected); bare numbers (RAW) say nothing of their size and place: convert them "
        + "with a program that is told"
    case .truncated, .corrupt: return "copy or export it again"
    case .badHeader: return "export it again with a tool that writes a valid header"
    case .unsupported(_, _, let remedy), .tooLarge(_, _, let remedy),
      .disagreement(_, _, let remedy), .notStorable(_, _, let remedy):
      return remedy
    case .noOrientation:
      return "if you know it, say so, for example RAS or LPS"
    case .rowsUnknown: return "say which it is, or put a geometry file (.json) beside it"
    case .notAVolume: return "give one scalar volume with at least two voxels along every axis"
    case .notLabels: return "give a file whose voxels are whole numbers from 0 to 255"
    case .badValue: return "correct this key"
    case .missingGeometry:
      return "put a geometry file (.json) beside it, or say how it was taken"
    case .exists: return "choose another name, or allow it to be replaced"
    case .noFolder: return "create the folder first"
    case .notWritable: return "check permissions and free space"
    }
  }
}

extension FileError: CustomStringConvertible, LocalizedError {
  /// The path, the fault and the remedy, in one line.
  public var description: String { "\(url.path): \(fault); \(remedy)" }

  /// The same line, for whoever asks Foundation.
  public var errorDescription: String? { description }
}
