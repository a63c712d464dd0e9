import Foundation
import SpiderCore
import SpiderIO
import SpiderSupport

/// A slice of a CT: a file, or a frame of one, with its place. Vectors are DICOM's own, LPS+ in mm; they
/// become RAS+ in ``CTGeometry`` and nowhere else.
struct CTSlice: Sendable {
  let file: URL
  let frame: Int
  /// The centre of the first pixel.
  let position: Vector3
  /// The unit direction in which columns count.
  let columnDirection: Vector3
  /// The unit direction in which rows count.
  let rowDirection: Vector3
  /// Between columns, and between rows.
  let spacing: SIMD2<Double>
  let columns: Int
  let rows: Int
  let slope: Double
  let intercept: Double
  let thickness: Double?
  let tilt: Double?
  let rescaleType: String?
  let acquisition: Int?
  let series: String
  let seriesDescription: String
  let isLocalizer: Bool

  var normal: Vector3 { normalized(cross(columnDirection, rowDirection)) }

  /// The file's name, and the frame in one of several.
  func name(isFrame: Bool) -> String {
    isFrame ? "frame \(frame + 1)" : file.lastPathComponent
  }

  /// Reads the place of a frame; nil when the file does not place its image in the patient.
  ///
  /// - Throws: ``/SpiderIO/FileError`` when the place or the numbers cannot be.
  init?(_ file: DICOMFile, frame: Int, layout: PixelLayout) throws(FileError) {
    let content = file.content
    guard let place = try content.numbers(.position, count: 3, frame: frame),
      let cosines = try content.numbers(.orientation, count: 6, frame: frame)
    else { return nil }
    func bad(_ attribute: DICOMAttribute, _ fault: String) -> FileError {
      .badHeader(file.url, field: attribute.description, fault: fault)
    }
    guard let steps = try content.numbers(.pixelSpacing, count: 2, frame: frame) else {
      throw bad(.pixelSpacing, "is missing")
    }
    let (x, y) = (Vector3(Array(cosines[..<3])), Vector3(Array(cosines[3..<6])))
    guard abs(length(x) - 1) < 1e-2, abs(length(y) - 1) < 1e-2, abs(dot(x, y)) < 1e-2 else {
      throw bad(.orientation, "is no pair of perpendicular directions")
    }
    guard WorldLimits.spacing.contains(steps[0]), WorldLimits.spacing.contains(steps[1]) else {
      throw bad(.pixelSpacing, "gives voxels of an impossible size")
    }
    position = Vector3(Array(place[..<3]))
    guard position.isPlausiblePosition else { throw bad(.position, "is an impossible place") }
    self.file = file.url
    self.frame = frame
    columnDirection = normalized(x)
    rowDirection = normalized(y)
    // The first number is the distance of rows (PS3.3 10.7.1.3).
    spacing = SIMD2(steps[1], steps[0])
    columns = layout.columns
    rows = layout.rows
    slope = try content.number(.slope, frame: frame) ?? 1
    intercept = try content.number(.intercept, frame: frame) ?? 0
    guard slope != 0, abs(slope) <= 1e6, abs(intercept) <= 1e9 else {
      throw bad(.slope, "is \(slope), with an intercept of \(intercept)")
    }
    thickness = try content.number(.thickness, frame: frame)
    tilt = try content.number(.gantryTilt, frame: frame)
    rescaleType = content.text(.rescaleType, frame: frame)
    acquisition = try content.number(.acquisition).flatMap { Int(exactly: $0) }
    series = content.text(.series) ?? ""
    seriesDescription = String((content.text(.seriesDescription) ?? "").prefix(64))
    isLocalizer =
      (content.texts(.imageType) + content.texts(.frameType, frame: frame)).contains("LOCALIZER")
  }
}

/// Slices that belong together: of one series, one size, spacing and orientation.
struct CTSeries: Sendable {
  /// In no order yet.
  var slices: [CTSlice]

  /// The series in words, for lists to choose from.
  var summary: String {
    let first = slices[0]
    let name = first.seriesDescription.isEmpty ? "no description" : "'\(first.seriesDescription)'"
    return
      "CT, \(name), \(counted(slices.count, "slice")) of \(first.columns) x \(first.rows), \(first.series)"
  }

  /// Sorts slices to series.
  ///
  /// One UID may mix several: those differ in size, spacing or orientation, or lie on one another as
  /// acquisitions. Acquisitions that lie side by side are one scan in steps.
  static func sorted(_ slices: [CTSlice]) -> [CTSeries] {
    var groups: [CTSeries] = []
    for slice in slices where !slice.isLocalizer {
      if let index = groups.firstIndex(where: { $0.slices[0].isAlike(slice) }) {
        groups[index].slices.append(slice)
      } else {
        groups.append(CTSeries(slices: [slice]))
      }
    }
    return groups.flatMap(\.acquisitions)
  }

  /// Itself, or its acquisitions where slices lie on one another only between them.
  private var acquisitions: [CTSeries] {
    guard hasDoubles else { return [self] }
    let parts = Dictionary(grouping: slices, by: \.acquisition)
      .sorted { ($0.key ?? 0) < ($1.key ?? 0) }.map { CTSeries(slices: $0.value) }
    return parts.count > 1 && parts.allSatisfy({ !$0.hasDoubles && $0.slices.count > 1 })
      ? parts : [self]
  }

  private var hasDoubles: Bool {
    let places = slices.map { dot($0.position, slices[0].normal) }.sorted()
    return zip(places, places.dropFirst()).contains { $1 - $0 < CTGeometry.samePlace }
  }
}

extension CTSlice {
  fileprivate func isAlike(_ other: CTSlice) -> Bool {
    series == other.series && columns == other.columns && rows == other.rows
      && length(columnDirection - other.columnDirection) < 1e-3
      && length(rowDirection - other.rowDirection) < 1e-3
      && abs(spacing.x - other.spacing.x) < 1e-3 * spacing.x
      && abs(spacing.y - other.spacing.y) < 1e-3 * spacing.y
  }
}
