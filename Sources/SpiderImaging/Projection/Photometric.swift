/// Which end of the stored numbers of a picture is shown white (DICOM's photometric interpretation).
public enum Photometric: String, Codable, Sendable {
  /// The smallest number is white: bone has small numbers.
  case monochrome1 = "MONOCHROME1"
  /// The smallest number is black: bone has large numbers.
  case monochrome2 = "MONOCHROME2"
}

extension Radiograph {
  /// A relative radiograph from the stored numbers of a picture as radiologists view it, bone white:
  /// parts of full white, 0...1.
  ///
  /// - Parameter fullScale: the largest number that can be stored, 255 for 8 bits.
  public init(
    geometry: ProjectionGeometry, picture stored: [Float], _ photometric: Photometric,
    fullScale: Float, mask: [Bool]? = nil
  ) {
    precondition(fullScale > 0, "a full scale of \(fullScale)")
    let values = stored.map { value in
      photometric == .monochrome1 ? (fullScale - value) / fullScale : value / fullScale
    }
    self.init(geometry: geometry, values: values, intensity: .relative, mask: mask)
  }
}
