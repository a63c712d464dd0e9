import Foundation
import SpiderCore
import SpiderIO

/// Describes DICOM files and folders of them.
public enum DICOMSummary {
  /// Whether a file or folder is for this reader.
  public static func describes(_ url: URL) -> Bool { VolumeSource.isDICOM(url) }

  /// The summary of a CT series, a multi-frame CT or an X-ray. Nothing in it says whose image it is.
  ///
  /// - Throws: ``DICOMError``, ``/SpiderIO/FileError``.
  public static func of(
    _ url: URL, series: String? = nil, options: NIfTIReadOptions = NIfTIReadOptions()
  ) throws -> any FileSummary {
    let limit = options.maxVoxels > Int.max / 16 ? Int.max : options.maxVoxels * 8 + (64 << 20)
    if !url.isDirectory {
      let file = try DICOMFile(url, maxBytes: limit)
      if DICOMRadiograph.modalities.contains(file.content.text(.modality) ?? "") {
        return try DICOMRadiographSummary(file)
      }
    }
    let loaded = try VolumeSource.load(url, series: series, options: options)
    return NIfTISummary(of: loaded, datatype: "DICOM")
  }
}

/// The summary of a DICOM X-ray: pixels, the meaning of its numbers, its geometry or what it lacks of it.
struct DICOMRadiographSummary: FileSummary {
  private let modality: String
  private let syntax: TransferSyntax
  private let layout: PixelLayout
  private let meaning: PixelMeaning
  private let geometry: GeometrySummary?
  private let missing: [String]
  private let notes: [String]

  /// Describes a file, and the geometry file beside it if there is one.
  init(_ file: DICOMFile) throws {
    modality = file.content.text(.modality) ?? ""
    syntax = file.syntax
    layout = try PixelLayout(file, maxPixels: 1 << 26)
    meaning = try PixelMeaning(file.content, layout)
    do {
      let loaded = try DICOMRadiograph.read(
        file.url, sidecar: nil, stated: StatedBeam(), maxPixels: 1 << 26)
      geometry = GeometrySummary(
        GeometrySidecar(geometry: loaded.radiograph.geometry, intensity: .relative))
      (missing, notes) = ([], loaded.notes)
    } catch DICOMError.incompleteGeometry(_, let missing) {
      (geometry, self.missing, notes) = (nil, missing, [])
    }
  }

  /// "radiograph".
  var kind: String { "radiograph" }

  private var numbers: String {
    switch meaning.kind {
    case .counts: "counts"
    case .logarithm: "logarithm"
    case .display: "display"
    }
  }

  var facts: [(name: String, value: String)] {
    var facts = [
      (name: "DICOM", value: "\(modality), \(syntax.name)"),
      (
        "pixels",
        "\(layout.columns) x \(layout.rows), \(layout.bitsStored) bits, \(layout.photometric.rawValue)"
      ),
      ("stored numbers", numbers),
    ]
    facts +=
      geometry?.facts ?? [
        ("geometry", "not complete; missing: " + missing.joined(separator: ", "))
      ]
    return facts + notes.map { ("note", $0) }
  }

  enum CodingKeys: String, CodingKey {
    case modality, width, height
    case syntax = "transfer_syntax"
    case bitDepth = "bit_depth"
    case photometric = "photometric_interpretation"
    case numbers = "stored_numbers"
    case missing = "missing_geometry"
    case notes
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(modality, forKey: .modality)
    try container.encode(layout.columns, forKey: .width)
    try container.encode(layout.rows, forKey: .height)
    try container.encode(syntax.rawValue, forKey: .syntax)
    try container.encode(layout.bitsStored, forKey: .bitDepth)
    try container.encode(layout.photometric.rawValue, forKey: .photometric)
    try container.encode(numbers, forKey: .numbers)
    try container.encode(missing, forKey: .missing)
    try container.encode(notes, forKey: .notes)
    try geometry?.encode(to: encoder)
  }
}
