import Foundation

extension LabelScheme {
  /// The colour in which a label is shown, red, green and blue: that of Spider's pictures.
  ///
  /// - Parameter value: a value of a label map; background is black.
  public static func color(of value: UInt8) -> SIMD3<UInt8> {
    // Chosen for the head scheme: flesh, brain, skull, jaw, neck, air.
    let chosen: [SIMD3<UInt8>] = [
      SIMD3(0, 0, 0), SIMD3(206, 134, 104), SIMD3(92, 142, 222), SIMD3(240, 222, 150),
      SIMD3(232, 92, 62), SIMD3(88, 184, 108), SIMD3(70, 206, 220),
    ]
    switch value {
    case unknown: return SIMD3(190, 90, 200)
    case outsideScan: return SIMD3(90, 90, 100)
    case let value where Int(value) < chosen.count: return chosen[Int(value)]
    default:
      // Steps of the golden ratio keep the hues of neighbouring labels apart however many there are.
      let hue = Double(value) * 0.618_033_988_75
      func channel(_ shift: Double) -> UInt8 {
        UInt8((155 + 85 * cos(2 * .pi * (hue + shift))).rounded())
      }
      return SIMD3(channel(0), channel(1 / 3), channel(2 / 3))
    }
  }
}
