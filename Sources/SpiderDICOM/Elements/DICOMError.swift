import Foundation

/// What is wrong with DICOM files, beyond what is wrong with any file (``/SpiderIO/FileError``).
public enum DICOMError: Error, Equatable {
  /// An X-ray whose geometry is not all stated; the attributes that are missing, with their tags.
  case incompleteGeometry(URL, missing: [String])
  /// There are several series, and nobody said which; each in words, in order, and their UIDs.
  case severalSeries(URL, [String], uids: [String])
  /// The series asked for is not there; those that are, in words.
  case noSuchSeries(URL, asked: String, [String])
  /// No CT series is there; what is, in words.
  case noSeries(URL, found: String)
  /// Slices are missing: the gaps, each with the files on both sides.
  case missingSlices(URL, gaps: [String])
  /// Two slices lie in one place.
  case doubledSlices(URL, files: [String])
  /// An X-ray where a CT is needed.
  case notACT(URL, found: String)
}

extension DICOMError: CustomStringConvertible, LocalizedError {
  /// The path, the fault and the remedy.
  public var description: String {
    func list(_ lines: [String]) -> String { lines.map { "\n  \($0)" }.joined() }
    switch self {
    case .incompleteGeometry(let url, let missing):
      let verb = missing.count == 1 ? "is" : "are"
      return "\(url.path): this DICOM X-ray has no complete geometry: "
        + "\(missing.joined(separator: ", ")) \(verb) missing; put a geometry file (.json) beside it, "
        + "or state what is missing"
    case .severalSeries(let url, let series, _):
      return "\(url.path): there are \(series.count) CT series; choose one by its number or UID:"
        + list(series)
    case .noSuchSeries(let url, let asked, let series):
      return "\(url.path): there is no series '\(asked)'; choose one by its number or UID:"
        + list(series)
    case .noSeries(let url, let found):
      return "\(url.path): there is no CT series in it (\(found)); give the folder of a DICOM CT "
        + "series, a multi-frame DICOM file or a NIfTI file"
    case .missingSlices(let url, let gaps):
      return "\(url.path): slices are missing: \(gaps.joined(separator: "; ")); export the whole "
        + "series again"
    case .doubledSlices(let url, let files):
      return "\(url.path): slices lie in one place: \(files.joined(separator: "; ")); keep one of "
        + "each, or export the series again"
    case .notACT(let url, let found):
      return
        "\(url.path): this is \(found), not a CT volume; give the folder of a DICOM CT series or a "
        + "multi-frame DICOM file, or convert the series to NIfTI, for example with dcm2niix"
    }
  }

  /// The same text, for whoever asks Foundation.
  public var errorDescription: String? { description }
}
