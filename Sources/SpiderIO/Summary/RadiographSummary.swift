import Foundation
import SpiderCore

/// The summary of an X-ray image: its pixels, and its geometry where that is known.
package struct RadiographSummary: FileSummary {
  /// The image file's own description, for NIfTI.
  private let image: NIfTISummary?
  private let picture: Picture?
  private let geometry: GeometrySummary?
  private let intensity: RadiographIntensity?
  private let notes: [String]

  private struct Picture: Encodable {
    let format: String
    let width: Int
    let height: Int
    let bitDepth: Int
    let minimum: Float?
    let maximum: Float?
    let notes: [String]

    enum CodingKeys: String, CodingKey {
      case format, width, height
      case bitDepth = "bit_depth"
      case minimum = "min"
      case maximum = "max"
      case notes
    }
  }

  /// Describes a picture, and its geometry where a geometry file lies beside it.
  ///
  /// - Throws: ``FileError``.
  package init(picture url: URL) throws(FileError) {
    let pixels = try GreyPicture.read(url)
    picture = Picture(
      format: pixels.format, width: pixels.width, height: pixels.height, bitDepth: pixels.bitDepth,
      minimum: pixels.values.min(), maximum: pixels.values.max(), notes: pixels.notes)
    image = nil
    (geometry, intensity, notes) = try Self.placed(url, otherwise: pixels.notes)
  }

  /// Describes a NIfTI image of one slice as a radiograph; nil when it has no geometry file.
  ///
  /// - Throws: ``FileError`` when the geometry file is not sound, or not the image's own.
  package init?(_ image: NIfTISummary, of url: URL) throws(FileError) {
    guard image.shape[2] == 1 else { return nil }
    (geometry, intensity, notes) = try Self.placed(url, otherwise: [])
    guard geometry != nil else { return nil }
    self.image = image
    picture = nil
  }

  /// What the geometry file says, if there is one; `notes` are all there is to say without.
  private static func placed(
    _ url: URL, otherwise notes: [String]
  ) throws(FileError) -> (GeometrySummary?, RadiographIntensity?, [String]) {
    switch GeometrySidecar.neighbour(of: url) {
    case .none: return (nil, nil, notes)
    case .foreign(let note): return (nil, nil, notes + [note])
    case .own: break
    }
    let loaded: LoadedRadiograph
    do {
      loaded = try RadiographFile.read(image: url)
    } catch let error as FileError {
      throw error
    } catch {
      // Without a fallback, reading throws nothing else.
      throw .corrupt(url, fault: "\(error)")
    }
    return (
      GeometrySummary(
        GeometrySidecar(
          geometry: loaded.radiograph.geometry, intensity: loaded.radiograph.intensity,
          photonEnergy: loaded.radiograph.photonEnergy)),
      loaded.radiograph.intensity, loaded.notes
    )
  }

  /// "radiograph", or "picture" when nothing says how it was taken.
  package var kind: String { geometry == nil ? "picture" : "radiograph" }

  /// Pixels and geometry in words.
  package var facts: [(name: String, value: String)] {
    var facts: [(name: String, value: String)] = []
    if let picture {
      let kind = "\(picture.bitDepth)-bit \(picture.format)"
      facts.append(("pixels", "\(picture.width) x \(picture.height), \(kind)"))
      if let low = picture.minimum, let high = picture.maximum {
        facts.append(("values", "\(low) to \(high)"))
      }
    }
    if let image {
      facts.append(("pixels", "\(image.shape[0]) x \(image.shape[1]), \(image.datatype)"))
      if let low = image.minimum, let high = image.maximum {
        facts.append(("values", String(format: "%.4f to %.4f", low, high)))
      }
    }
    facts += geometry?.facts ?? [("geometry", "not stated: name the view when you use it")]
    return facts + notes.map { ("note", $0) }
  }

  /// The keys of the image file, and those of the geometry.
  package func encode(to encoder: any Encoder) throws {
    try image?.encode(to: encoder)
    try picture?.encode(to: encoder)
    try geometry?.encode(to: encoder)
  }
}
