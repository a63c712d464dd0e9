import Foundation
import SpiderImaging

/// How well a volume explains the X-rays that it was made from: its own radiographs are held against them.
public enum Reprojection {
  /// What is seen in one view.
  public struct View: Equatable, Sendable {
    /// ||p - s A x - o|| / ||p|| over the pixels that count; nil when the X-ray shows nothing. For absolute
    /// radiographs s = 1 and o = 0; for relative ones the gain and offset that fit best.
    public let relativeError: Double?
    /// The rank correlation (Spearman's) of the picture and the volume's radiograph, over rays that say something of
    /// the volume: 1 when the one's greys rise where the other's do, whatever the tone curve. Rays that leave the
    /// field of view below, or through tissue, are left out, and the open field counts as one grey. Nil when either
    /// shows nothing.
    public let agreement: Double?
  }

  /// Below this, in either view, something is wrong with a picture or its geometry (Docs/Xrays.md has what
  /// right ones have).
  public static let leastAgreement = 0.7

  /// Holds a volume against X-rays, view by view: Joseph's projector, mono-energetic.
  public static func views(
    of ct: Volume, _ radiographs: [Radiograph], attenuation: Attenuation = .standard
  ) -> [View] {
    let predictions = predictions(of: ct, radiographs, attenuation)
    let exits = TruncatedTissue(ct)
    return zip(predictions, radiographs).map { predicted, radiograph in
      let parts = squares(predicted, radiograph)
      return View(
        relativeError: parts.measured > 0 ? (parts.residual / parts.measured).squareRoot() : nil,
        agreement: ViewAgreement(of: ct, exits, radiograph.geometry).value(predicted, radiograph))
    }
  }

  /// 19 of 20 correct X-rays of real heads have this agreement and more (Docs/Xrays.md).
  public static let usualAgreement = 0.89

  /// The relative errors of correct films, whose toning no gain and offset undo (Docs/Xrays.md): 24 films of phantoms.
  public static let usualFilmErrors = 0.14...0.23

  /// ||p - s A x - o|| / ||p|| over all unmasked pixels of all views together; nil when the X-rays show
  /// nothing. See ``View/relativeError``.
  public static func relativeError(
    of ct: Volume, _ radiographs: [Radiograph], attenuation: Attenuation = .standard
  ) -> Double? {
    let parts = zip(predictions(of: ct, radiographs, attenuation), radiographs).map(squares)
    let whole = parts.reduce(0) { $0 + $1.measured }
    guard whole > 0 else { return nil }
    return (parts.reduce(0) { $0 + $1.residual } / whole).squareRoot()
  }

  /// The pictures that a volume gives in the place of X-rays, in their numbers: those of relative radiographs by
  /// the rising curve that fits best (``FittedTone``), so that a film's tone does not look like a fault of the volume.
  package static func pictures(
    of ct: Volume, _ radiographs: [Radiograph], attenuation: Attenuation = .standard
  ) -> [[Float]] {
    zip(predictions(of: ct, radiographs, attenuation), radiographs).map { predicted, radiograph in
      guard radiograph.intensity == .relative else { return predicted }
      let pixels = radiograph.values.indices.filter(radiograph.counts)
      if let tone = FittedTone(
        pixels.map { (predicted[$0], radiograph.values[$0]) }, classes: 64)
      {
        return predicted.map { tone($0) }
      }
      let (gain, offset) = fit(
        pixels.map { Double(predicted[$0]) }, pixels.map { Double(radiograph.values[$0]) })
      return predicted.map { Float(gain * Double($0) + offset) }
    }
  }

  private static func predictions(
    of ct: Volume, _ radiographs: [Radiograph], _ attenuation: Attenuation
  ) -> [[Float]] {
    JosephProjector().forward(attenuation.attenuation(of: ct), radiographs.map(\.geometry))
  }

  private static func squares(
    _ predicted: [Float], _ radiograph: Radiograph
  ) -> (residual: Double, measured: Double) {
    let pixels = radiograph.values.indices.filter(radiograph.counts)
    let x = pixels.map { Double(predicted[$0]) }
    let y = pixels.map { Double(radiograph.values[$0]) }
    let (gain, offset) = radiograph.intensity == .absolute ? (1, 0) : fit(x, y)
    let residual = zip(x, y).reduce(0) { sum, pair in
      let difference = pair.1 - gain * pair.0 - offset
      return sum + difference * difference
    }
    return (residual, y.reduce(0) { $0 + $1 * $1 })
  }

  /// Least squares of y = gain x + offset.
  private static func fit(_ x: [Double], _ y: [Double]) -> (gain: Double, offset: Double) {
    let n = Double(max(1, x.count))
    let (meanX, meanY) = (x.reduce(0, +) / n, y.reduce(0, +) / n)
    let variance = x.reduce(0) { $0 + ($1 - meanX) * ($1 - meanX) }
    let covariance = zip(x, y).reduce(0) { $0 + ($1.0 - meanX) * ($1.1 - meanY) }
    let gain = variance > 0 ? covariance / variance : 0
    return (gain, meanY - gain * meanX)
  }
}
