import Foundation
import SpiderIO

/// What a DICOM X-ray's numbers mean, and what they become: attenuation, more of it a larger number.
///
/// The most linear numbers the file has are wanted, so windows and tables for viewing (VOI LUT) are not
/// applied: they cut off and bend what the modality has left straight.
struct PixelMeaning: Equatable {
  enum Kind: Equatable {
    /// Proportional to the radiation that reached the detector.
    case counts
    /// Proportional to its logarithm.
    case logarithm
    /// For the eye, tone curve unknown.
    case display
  }

  let kind: Kind
  /// Whether larger stored numbers mean more radiation, and so less attenuation.
  let isRadiation: Bool
  let notes: [String]

  /// Reads Presentation Intent, Pixel Intensity Relationship and its sign (PS3.3 C.8.11.3), and the
  /// photometric interpretation.
  init(_ content: DICOMContent, _ layout: PixelLayout) throws(FileError) {
    let isForViewing = content.text(.intent)?.uppercased() == "FOR PRESENTATION"
    let isInverse = layout.photometric == .monochrome1
    let sign = try content.integer(.relationshipSign).flatMap { value -> Int? in
      switch value {
      case 1: 1
      case -1, 65535: -1
      default: nil
      }
    }
    switch (content.text(.relationship)?.uppercased(), isForViewing) {
    case ("LIN", false):
      kind = .counts
      isRadiation = sign ?? 1 > 0
      notes = ["detector counts (LIN): the logarithm is taken against the open field found in it"]
    case ("LOG", false):
      kind = .logarithm
      isRadiation = sign.map { $0 > 0 } ?? isInverse
      notes = []
    default:
      kind = .display
      isRadiation = isInverse
      notes =
        sign.map { ($0 > 0) != isInverse } ?? false
        ? [
          "\(DICOMAttribute.relationshipSign) contradicts \(layout.photometric.rawValue): bone is taken to "
            + "be bright as displayed"
        ] : []
    }
  }
}

/// The modality's own transformation of stored numbers (PS3.3 C.11.1): a table, or slope and intercept.
struct ModalityTransform {
  private let table: (first: Int, values: [Double])?
  private let slope: Double
  private let intercept: Double

  /// Reads the transformation; none is the identity.
  init(_ content: DICOMContent) throws(FileError) {
    slope = try content.number(.slope) ?? 1
    intercept = try content.number(.intercept) ?? 0
    guard slope != 0, abs(slope) <= 1e9, abs(intercept) <= 1e12 else {
      throw .badHeader(
        content.url, field: DICOMAttribute.slope.description,
        fault: "is \(slope), with an intercept of \(intercept)")
    }
    guard let item = content.items(.modalityTable).first else {
      table = nil
      return
    }
    func bad(_ fault: String) -> FileError {
      .badHeader(content.url, field: DICOMAttribute.tableDescriptor.description, fault: fault)
    }
    guard let descriptor = try item.numbers(.tableDescriptor, count: 3),
      let data = item.data(.tableData)
    else { throw bad("or \(DICOMAttribute.tableData) is missing") }
    // 0 entries mean 65536; a first number above 32767 may be a negative one.
    let count = descriptor[0] == 0 ? 65536 : Int(descriptor[0])
    let width = data.count >= 2 * count ? 2 : 1
    guard data.count >= count * width else {
      throw bad("claims \(count) entries, of which \(data.count) bytes are there")
    }
    let first = Int(descriptor[1])
    table = (
      content.isTableSigned && first > 32767 ? first - 65536 : first,
      (0..<count).map { Double(item.unsigned(data.startIndex + $0 * width, width)) }
    )
  }

  /// The number that a stored one stands for.
  func callAsFunction(_ stored: Int) -> Double {
    guard let table else { return Double(stored) * slope + intercept }
    return table.values[min(max(stored - table.first, 0), table.values.count - 1)]
  }

  /// The least and the greatest number there can be.
  func range(of stored: ClosedRange<Int>) -> ClosedRange<Double> {
    let ends =
      table.map { $0.values } ?? [self(stored.lowerBound), self(stored.upperBound)]
    return (ends.min() ?? 0)...(ends.max() ?? 1)
  }
}

extension DICOMContent {
  /// Whether stored numbers, and with them the first one of a table, are signed.
  fileprivate var isTableSigned: Bool { (try? integer(.representation)) == 1 }
}
