import Foundation
import SpiderCore

/// The colours in which label maps are shown: the same class has the same colour in every picture.
public enum LabelPalette {
  /// The first six are chosen for the head scheme: flesh, brain, skull, jaw, neck, air.
  private static let chosen = [
    RGBColor(206, 134, 104), RGBColor(92, 142, 222), RGBColor(240, 222, 150),
    RGBColor(232, 92, 62), RGBColor(88, 184, 108), RGBColor(70, 206, 220),
  ]

  /// The colour of a label value; nil for background, which is left as it is.
  public static func color(of value: UInt8) -> RGBColor? {
    switch value {
    case 0: return nil
    case LabelScheme.unknown: return RGBColor(190, 90, 200)
    case LabelScheme.outsideScan: return RGBColor(90, 90, 100)
    case let value where Int(value) <= chosen.count: return chosen[Int(value) - 1]
    default: return color(hue: Double(value) * 0.618_033_988_75)
    }
  }

  /// What a legend calls a label value.
  public static func name(of value: UInt8, in scheme: LabelScheme) -> String {
    switch value {
    case LabelScheme.unknown: return "unknown"
    case LabelScheme.outsideScan: return "outside the scan"
    case let value where Int(value) < scheme.count:
      return scheme.classes[Int(value)].replacingOccurrences(of: "_", with: " ")
    default: return "label \(value)"
    }
  }

  /// A bright colour of a hue (its fraction of a full turn). Steps of the golden ratio keep hues of
  /// neighbouring labels apart however many there are.
  private static func color(hue: Double) -> RGBColor {
    func channel(_ shift: Double) -> UInt8 {
      UInt8((155 + 85 * cos(2 * .pi * (hue + shift))).rounded())
    }
    return RGBColor(channel(0), channel(1 / 3), channel(2 / 3))
  }
}
