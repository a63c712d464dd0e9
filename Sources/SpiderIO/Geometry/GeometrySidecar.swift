import Foundation
import SpiderCore

/// The JSON file beside a radiograph that says how it was taken (schema `spider.geometry/1`).
///
/// Two forms are read: the explicit one, with the vectors of ``/SpiderImaging/ProjectionGeometry`` in world RAS+ mm,
/// and the C-arm one, with angles and distances. The explicit one is written.
public struct GeometrySidecar: Equatable, Sendable {
  /// How the radiograph was taken.
  public var geometry: ProjectionGeometry
  /// What its numbers mean, if the file says; else it depends on the kind of image.
  public var intensity: RadiographIntensity?
  /// What of the detector the beam reaches, if the file says; else all of it may.
  public var openPixels: OpenPixels?

  /// The schema's name and version, which every sidecar states.
  public static let schema = "spider.geometry/1"

  /// Gathers what a sidecar says.
  public init(
    geometry: ProjectionGeometry, intensity: RadiographIntensity? = nil,
    openPixels: OpenPixels? = nil
  ) {
    self.geometry = geometry
    self.intensity = intensity
    self.openPixels = openPixels
  }

  /// The sidecar of a radiograph: its geometry, and the open field that its mask leaves.
  public init(of radiograph: Radiograph) {
    let geometry = radiograph.geometry
    self.init(
      geometry: geometry,
      openPixels: OpenPixels(
        of: radiograph.mask, columns: geometry.columns, rows: geometry.rows))
  }

  /// Where the sidecar of an image is looked for: the image's name without its ending, with .json.
  public static func url(beside image: URL) -> URL {
    let stem =
      FileEnding.stem(of: image, endings: FileEnding.images) ?? image.deletingPathExtension().path
    return URL(fileURLWithPath: stem + ".json")
  }
}
