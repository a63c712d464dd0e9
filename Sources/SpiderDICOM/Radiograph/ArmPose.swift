import Foundation
import SpiderCore
import SpiderIO

/// The direction from which an X-ray was taken, as its header or its user says.
struct ArmPose: Equatable {
  /// The direction at tilt 0.
  let view: NamedView
  /// Positive with the source superior, degrees.
  let tilt: Double
  /// Whether the picture shows the patient as seen from the detector, where the view's name means as seen
  /// from the source.
  let isSeenFromDetector: Bool
  /// Where it was said, in words.
  let origin: String

  /// The unit vector along which columns count when the picture hangs as it should.
  var columnDirection: Vector3 { isSeenFromDetector ? -view.columnDirection : view.columnDirection }

  /// The pose in a header; nil when it states none.
  ///
  /// - Throws: ``/SpiderIO/FileError`` when angles cannot be.
  static func stated(in content: DICOMContent) throws(FileError) -> ArmPose? {
    let isArm =
      ["XA", "RF"].contains(content.text(.modality) ?? "")
      || content.text(.positionerType) == "CARM"
    let named = named(in: content)
    if isArm || named == nil, let primary = try content.number(.primaryAngle) {
      return try arm(primary, try content.number(.secondaryAngle) ?? 0, content)
    }
    return named
  }

  /// A C-arm's angles (PS3.3 C.8.7.5.1.2): the primary one takes the detector from the front of the
  /// patient to his left, the secondary one to his head. The picture shows the patient as seen from the
  /// detector, his right at the viewer's left when it stands before him.
  private static func arm(
    _ primary: Double, _ secondary: Double, _ content: DICOMContent
  ) throws(FileError) -> ArmPose {
    guard abs(primary) <= 360, abs(secondary) <= 90 else {
      throw .badHeader(
        content.url, field: DICOMAttribute.primaryAngle.description,
        fault: "is \(primary), with a secondary angle of \(secondary) degrees")
    }
    // The source is opposite to the detector: at 0 behind the patient, gantry angle 180.
    return ArmPose(
      view: .gantry(degrees: (180 + primary).truncatingRemainder(dividingBy: 360)),
      tilt: -secondary, isSeenFromDetector: true,
      origin: "\(DICOMAttribute.primaryAngle) \(primary), secondary \(secondary)")
  }

  private static func named(in content: DICOMContent) -> ArmPose? {
    if let word = content.text(.viewPosition)?.uppercased(), let view = positions[word] {
      return ArmPose(view, "\(DICOMAttribute.viewPosition) \(word)")
    }
    for item in content.items(.viewCodes) {
      if let code = item.text(.codeValue), let view = codes[code] {
        return ArmPose(view, "\(DICOMAttribute.viewCodes) \(code)")
      }
    }
    return nil
  }

  /// A view as it is named, untilted.
  init(_ view: NamedView, _ origin: String) {
    self.init(view: view, tilt: 0, isSeenFromDetector: false, origin: origin)
  }

  private init(view: NamedView, tilt: Double, isSeenFromDetector: Bool, origin: String) {
    self.view = view
    self.tilt = tilt
    self.isSeenFromDetector = isSeenFromDetector
    self.origin = origin
  }

  /// Defined terms of View Position (PS3.3 C.8.1.1 and C.8.11.5). Oblique and decubitus views are not
  /// among them: they say nothing of the angle.
  private static let positions: [String: NamedView] = [
    "PA": .pa, "AP": .ap, "LL": .left, "RL": .right,
  ]

  /// Codes of CID 4010 (PS3.16), of SNOMED CT and of SNOMED RT as older files have them.
  private static let codes: [String: NamedView] = [
    "272479007": .pa, "R-40888": .pa, "R-10214": .pa, "399348003": .ap, "R-10206": .ap,
    "399173006": .left, "R-10236": .left, "399198007": .right, "R-10232": .right,
  ]
}

/// How a stored picture is turned so that it hangs as its view says.
struct Hanging: Equatable {
  var isTransposed = false
  var flipsColumns = false
  var flipsRows = false

  /// The turn from a Patient Orientation (PS3.3 C.7.6.1.1.1): the directions in which columns and rows
  /// count; nil when they are not those of the view, whichever way it hangs.
  init?(columns: Vector3, rows: Vector3, pose: ArmPose) {
    let (right, down) = (pose.columnDirection, Vector3(0, 0, -1))
    isTransposed = abs(dot(columns, right)) < abs(dot(columns, down))
    let (along, across) = isTransposed ? (rows, columns) : (columns, rows)
    guard abs(dot(along, right)) > 0.5, abs(dot(across, down)) > 0.5 else { return nil }
    flipsColumns = dot(along, right) < 0
    flipsRows = dot(across, down) < 0
  }

  /// The picture as it is.
  init() {}

  /// The turn in words; nil when there is none.
  var note: String? {
    var words: [String] = []
    if isTransposed { words.append("transposed") }
    if flipsColumns { words.append("flipped left to right") }
    if flipsRows { words.append("flipped top to bottom") }
    return words.isEmpty ? nil : words.joined(separator: " and ")
  }

  /// The pixels in their new order.
  func turned<Value>(_ values: [Value], columns: Int, rows: Int) -> [Value] {
    guard self != Hanging() else { return values }
    let (width, height) = isTransposed ? (rows, columns) : (columns, rows)
    return (0..<values.count).map { index in
      let c = flipsColumns ? width - 1 - index % width : index % width
      let r = flipsRows ? height - 1 - index / width : index / width
      return isTransposed ? values[c * columns + r] : values[r * columns + c]
    }
  }

  /// The unit vector, RAS, of a direction in letters such as "L", "A" or "LF"; nil when it is none.
  static func direction(_ letters: String) -> Vector3? {
    let units: [Character: Vector3] = [
      "R": Vector3(1, 0, 0), "L": Vector3(-1, 0, 0), "A": Vector3(0, 1, 0),
      "P": Vector3(0, -1, 0), "H": Vector3(0, 0, 1), "F": Vector3(0, 0, -1),
    ]
    var (sum, weight) = (Vector3.zero, 1.0)
    for letter in letters.uppercased() {
      guard let unit = units[letter] else { return nil }
      // The first letter is the nearest axis, the others say which way it leans.
      sum += unit * weight
      weight /= 2
    }
    return length(sum) > 0 ? normalized(sum) : nil
  }
}
