/// The tag of a data element: group and element number.
struct DICOMTag: Hashable, Sendable, CustomStringConvertible {
  let group: UInt16
  let element: UInt16

  init(_ group: UInt16, _ element: UInt16) {
    self.group = group
    self.element = element
  }

  /// As the standard writes it: "(0018,1110)".
  var description: String { "(\(Self.hexadecimal(group)),\(Self.hexadecimal(element)))" }

  private static func hexadecimal(_ number: UInt16) -> String {
    let digits = String(number, radix: 16, uppercase: true)
    return String(repeating: "0", count: 4 - digits.count) + digits
  }
}

/// An attribute that Spider reads: tag, name and kind of value.
///
/// The list below is complete: no other element is ever taken out of a file, least of all a patient's
/// name, number or date of birth.
struct DICOMAttribute: Hashable, Sendable, CustomStringConvertible {
  /// The form of a value in files whose syntax does not state it (PS3.5 7.1.3).
  enum Kind: Sendable { case text, decimals, integers, real, bytes, items }

  let tag: DICOMTag
  let name: String
  let kind: Kind

  private init(_ group: UInt16, _ element: UInt16, _ name: String, _ kind: Kind) {
    tag = DICOMTag(group, element)
    self.name = name
    self.kind = kind
  }

  /// Name and tag, for messages.
  var description: String { "\(name) \(tag)" }
}

extension DICOMAttribute {
  // MARK: What the file is
  static let transferSyntax = Self(0x0002, 0x0010, "Transfer Syntax UID", .text)
  static let imageType = Self(0x0008, 0x0008, "Image Type", .text)
  static let frameType = Self(0x0008, 0x9007, "Frame Type", .text)
  static let modality = Self(0x0008, 0x0060, "Modality", .text)
  static let intent = Self(0x0008, 0x0068, "Presentation Intent Type", .text)
  static let seriesDescription = Self(0x0008, 0x103E, "Series Description", .text)
  static let series = Self(0x0020, 0x000E, "Series Instance UID", .text)
  static let acquisition = Self(0x0020, 0x0012, "Acquisition Number", .decimals)

  // MARK: Place of slices
  static let position = Self(0x0020, 0x0032, "Image Position (Patient)", .decimals)
  static let orientation = Self(0x0020, 0x0037, "Image Orientation (Patient)", .decimals)
  static let pixelSpacing = Self(0x0028, 0x0030, "Pixel Spacing", .decimals)
  static let thickness = Self(0x0018, 0x0050, "Slice Thickness", .decimals)
  static let gantryTilt = Self(0x0018, 0x1120, "Gantry/Detector Tilt", .decimals)

  // MARK: Geometry of projections
  static let sourceToDetector = Self(0x0018, 0x1110, "Distance Source to Detector", .decimals)
  static let sourceToPatient = Self(0x0018, 0x1111, "Distance Source to Patient", .decimals)
  static let sourceToIsocenter = Self(0x0018, 0x9402, "Distance Source to Isocenter", .real)
  static let magnification = Self(
    0x0018, 0x1114, "Estimated Radiographic Magnification Factor", .decimals)
  static let imagerSpacing = Self(0x0018, 0x1164, "Imager Pixel Spacing", .decimals)
  static let scannedSpacing = Self(0x0018, 0x2010, "Nominal Scanned Pixel Spacing", .decimals)
  static let calibrationType = Self(0x0028, 0x0A02, "Pixel Spacing Calibration Type", .text)
  static let positionerType = Self(0x0018, 0x1508, "Positioner Type", .text)
  static let primaryAngle = Self(0x0018, 0x1510, "Positioner Primary Angle", .decimals)
  static let secondaryAngle = Self(0x0018, 0x1511, "Positioner Secondary Angle", .decimals)
  static let viewPosition = Self(0x0018, 0x5101, "View Position", .text)
  static let viewCodes = Self(0x0054, 0x0220, "View Code Sequence", .items)
  static let codeValue = Self(0x0008, 0x0100, "Code Value", .text)
  static let laterality = Self(0x0020, 0x0062, "Image Laterality", .text)
  static let patientOrientation = Self(0x0020, 0x0020, "Patient Orientation", .text)

  // MARK: Fields
  static let shutterShape = Self(0x0018, 0x1600, "Shutter Shape", .text)
  static let collimatorShape = Self(0x0018, 0x1700, "Collimator Shape", .text)
  /// Edges (left, right, upper, lower), centre, radius and vertices of a shutter or a collimator.
  static let shutter = fieldParts(0x1602, "Shutter")
  static let collimator = fieldParts(0x1702, "Collimator")

  private static func fieldParts(_ first: UInt16, _ what: String) -> [DICOMAttribute] {
    let parts: [(UInt16, String)] = [
      (0, "\(what) Left Vertical Edge"), (2, "\(what) Right Vertical Edge"),
      (4, "\(what) Upper Horizontal Edge"), (6, "\(what) Lower Horizontal Edge"),
      (0xE, "Center of Circular \(what)"), (0x10, "Radius of Circular \(what)"),
      (0x1E, "Vertices of the Polygonal \(what)"),
    ]
    return parts.map { Self(0x0018, first + $0.0, $0.1, .decimals) }
  }

  // MARK: Pixels
  static let samples = Self(0x0028, 0x0002, "Samples per Pixel", .integers)
  static let photometric = Self(0x0028, 0x0004, "Photometric Interpretation", .text)
  static let planar = Self(0x0028, 0x0006, "Planar Configuration", .integers)
  static let frames = Self(0x0028, 0x0008, "Number of Frames", .decimals)
  static let rows = Self(0x0028, 0x0010, "Rows", .integers)
  static let columns = Self(0x0028, 0x0011, "Columns", .integers)
  static let bitsAllocated = Self(0x0028, 0x0100, "Bits Allocated", .integers)
  static let bitsStored = Self(0x0028, 0x0101, "Bits Stored", .integers)
  static let highBit = Self(0x0028, 0x0102, "High Bit", .integers)
  static let representation = Self(0x0028, 0x0103, "Pixel Representation", .integers)
  static let padding = Self(0x0028, 0x0120, "Pixel Padding Value", .integers)
  static let paddingLimit = Self(0x0028, 0x0121, "Pixel Padding Range Limit", .integers)
  static let pixels = Self(0x7FE0, 0x0010, "Pixel Data", .bytes)

  // MARK: The meaning of their numbers
  static let relationship = Self(0x0028, 0x1040, "Pixel Intensity Relationship", .text)
  static let relationshipSign = Self(0x0028, 0x1041, "Pixel Intensity Relationship Sign", .integers)
  static let intercept = Self(0x0028, 0x1052, "Rescale Intercept", .decimals)
  static let slope = Self(0x0028, 0x1053, "Rescale Slope", .decimals)
  static let rescaleType = Self(0x0028, 0x1054, "Rescale Type", .text)
  static let modalityTable = Self(0x0028, 0x3000, "Modality LUT Sequence", .items)
  static let tableDescriptor = Self(0x0028, 0x3002, "LUT Descriptor", .integers)
  static let tableData = Self(0x0028, 0x3006, "LUT Data", .bytes)

  // MARK: Functional groups of multi-frame files
  static let sharedGroups = Self(0x5200, 0x9229, "Shared Functional Groups Sequence", .items)
  static let frameGroups = Self(0x5200, 0x9230, "Per-Frame Functional Groups Sequence", .items)
  /// The groups within which attributes of frames lie.
  static let groups = [
    Self(0x0020, 0x9113, "Plane Position Sequence", .items),
    Self(0x0020, 0x9116, "Plane Orientation Sequence", .items),
    Self(0x0028, 0x9110, "Pixel Measures Sequence", .items),
    Self(0x0028, 0x9145, "Pixel Value Transformation Sequence", .items),
    Self(0x0018, 0x9329, "CT Image Frame Type Sequence", .items),
    Self(0x0018, 0x9405, "Positioner Position Sequence", .items),
    Self(0x0018, 0x9476, "X-Ray Geometry Sequence", .items),
    Self(0x0028, 0x9443, "Frame Pixel Data Properties Sequence", .items),
  ]

  /// All of them, by tag.
  static let all: [DICOMTag: DICOMAttribute] = {
    let list =
      [
        transferSyntax, imageType, frameType, modality, intent, seriesDescription, series,
        acquisition, position, orientation, pixelSpacing, thickness, gantryTilt,
        sourceToDetector, sourceToPatient, sourceToIsocenter, magnification, imagerSpacing,
        scannedSpacing, calibrationType, positionerType, primaryAngle, secondaryAngle,
        viewPosition, viewCodes, codeValue, laterality, patientOrientation, shutterShape,
        collimatorShape, samples, photometric, planar, frames, rows, columns, bitsAllocated,
        bitsStored, highBit, representation, padding, paddingLimit, pixels, relationship,
        relationshipSign, intercept, slope, rescaleType, modalityTable, tableDescriptor,
        tableData, sharedGroups, frameGroups,
      ] + shutter + collimator + groups
    return Dictionary(uniqueKeysWithValues: list.map { ($0.tag, $0) })
  }()
}
