import Foundation
import SpiderCore

/// Paints one column's slices: CT in grey, labels in colour over it.
struct SlicePainter {
  private let window: DisplayWindow
  private let volume: WorldSampler<Float>?
  private let labels: WorldSampler<UInt8>?

  init(column: SliceFigure.Column, window: DisplayWindow) {
    self.window = window
    volume = column.volume.map(WorldSampler.init)
    labels = column.labels.map(WorldSampler.init)
  }

  func paint(_ raster: SliceRaster, at frame: PixelFrame, in picture: inout RGBImage) {
    for y in 0..<raster.height {
      for x in 0..<raster.width {
        picture[frame.x + x, frame.y + y] = color(at: raster.worldPoint(x: x, y: y))
      }
    }
  }

  private func color(at point: Vector3) -> RGBColor {
    let brightness = volume?.interpolated(at: point).map(window.brightness)
    let label = labels?.nearest(to: point)
    if let label, let tint = LabelPalette.color(of: label) {
      // Shaded by the CT, so that the anatomy stays visible under a hue that the legend explains.
      return tint.over(RGBColor(0, 0, 0), opacity: brightness.map { 0.6 + 0.4 * $0 } ?? 1)
    }
    if let brightness { return RGBColor(gray: brightness) }
    return volume == nil && label != nil ? RGBColor(0, 0, 0) : FigureStyle.nothing
  }
}

/// Reads an image at points of the world; nil outside its voxels.
struct WorldSampler<Voxel> {
  private let image: Image3D<Voxel>
  private let toVoxel: Affine

  init(_ image: Image3D<Voxel>) {
    self.image = image
    toVoxel = image.grid.affine.inverse
  }

  /// The voxel position of a world point, if it is in a voxel: within half a voxel of a centre.
  private func position(of point: Vector3) -> Vector3? {
    let position = toVoxel.apply(point)
    return image.grid.contains(index: position) ? position : nil
  }
}

extension WorldSampler<UInt8> {
  /// The label of the voxel that holds a world point.
  func nearest(to point: Vector3) -> UInt8? { position(of: point).map(image.nearest) }
}

extension WorldSampler<Float> {
  /// The trilinear value at a world point; the outermost half voxel repeats its centre.
  func interpolated(at point: Vector3) -> Float? {
    position(of: point).map { Float(image.trilinear(at: $0)) }
  }
}

/// The CT numbers that a picture spreads from black to white.
public struct DisplayWindow: Hashable, Sendable, CustomStringConvertible {
  /// CT number (HU) shown black.
  public let low: Double
  /// CT number (HU) shown white.
  public let high: Double

  /// Builds a window; `high` must be above `low`.
  public init(low: Double, high: Double) {
    precondition(low < high, "a window from \(low) to \(high) HU")
    self.low = low
    self.high = high
  }

  /// Bone, with soft tissue still told from air: -200 to 1200 HU.
  public static let bone = DisplayWindow(low: -200, high: 1200)

  /// Brain: 0 to 80 HU.
  public static let brain = DisplayWindow(low: 0, high: 80)

  /// The brightness, 0 to 1, of a CT number. One that is not a number counts as air.
  package func brightness(_ value: Float) -> Double {
    value.isNaN ? 0 : min(max((Double(value) - low) / (high - low), 0), 1)
  }

  /// The window as a caption states it.
  public var description: String { "\(wholeNumber(low)) to \(wholeNumber(high)) HU" }
}

/// The colours in which label maps are shown: the same class has the same colour in every picture.
package enum LabelPalette {
  /// The colour of a label value; nil for background, which is left as it is.
  package static func color(of value: UInt8) -> RGBColor? {
    let color = LabelScheme.color(of: value)
    return value == 0 ? nil : RGBColor(color.x, color.y, color.z)
  }

  /// The name of a label value in a legend.
  package static func name(of value: UInt8, in scheme: LabelScheme) -> String {
    switch value {
    case LabelScheme.unknown: return "unknown"
    case LabelScheme.outsideScan: return "outside the scan"
    case let value where Int(value) < scheme.count:
      return scheme.classes[Int(value)].replacingOccurrences(of: "_", with: " ")
    default: return "label \(value)"
    }
  }
}
