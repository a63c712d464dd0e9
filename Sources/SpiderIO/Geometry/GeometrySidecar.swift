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
  /// keV, if the file says that the numbers are line integrals at one energy, without scatter.
  public var photonEnergy: Double?
  /// What of the detector the beam reaches, if the file says; else all of it may.
  public var openPixels: OpenPixels?

  /// The schema's name and version, which every sidecar states.
  public static let schema = "spider.geometry/1"

  /// Gathers what a sidecar says.
  public init(
    geometry: ProjectionGeometry, intensity: RadiographIntensity? = nil,
    openPixels: OpenPixels? = nil, photonEnergy: Double? = nil
  ) {
    self.geometry = geometry
    self.intensity = intensity
    self.openPixels = openPixels
    self.photonEnergy = photonEnergy
  }

  /// The sidecar of a radiograph: its geometry, the open field that its mask leaves, and its energy where known.
  public init(of radiograph: Radiograph) {
    let geometry = radiograph.geometry
    self.init(
      geometry: geometry,
      openPixels: OpenPixels(
        of: radiograph.mask, columns: geometry.columns, rows: geometry.rows),
      photonEnergy: radiograph.photonEnergy)
  }

  /// The sidecar of the same X-ray with its columns or rows counted from the other end.
  package func flipped(columns: Bool, rows: Bool) throws(GeometryError) -> GeometrySidecar {
    var flipped = self
    flipped.geometry = try geometry.flipped(columns: columns, rows: rows)
    let last = SIMD2(geometry.columns - 1, geometry.rows - 1)
    flipped.openPixels = openPixels.flatMap { open in
      func moved(_ pixel: SIMD2<Int>) -> SIMD2<Int> {
        SIMD2(columns ? last.x - pixel.x : pixel.x, rows ? last.y - pixel.y : pixel.y)
      }
      // A rectangle may be a line or a pixel, which is no polygon.
      guard let (first, end) = open.rectangle else {
        return OpenPixels(corners: open.corners.map(moved))
      }
      let corners = [moved(first), moved(end)]
      return OpenPixels(
        from: pointwiseMin(corners[0], corners[1]), to: pointwiseMax(corners[0], corners[1]))
    }
    return flipped
  }

  /// Where the sidecar of an image is looked for: the image's name without its ending, with .json.
  public static func url(beside image: URL) -> URL {
    let stem =
      FileEnding.stem(of: image, endings: FileEnding.images) ?? image.deletingPathExtension().path
    return URL(fileURLWithPath: stem + ".json")
  }
}

extension GeometrySidecar {
  /// What lies where the geometry file of an image would be.
  enum Neighbour: Equatable {
    case none
    /// A file that claims to be one, sound or not.
    case own(URL)
    /// JSON of another program, with a note that says so.
    case foreign(note: String)
  }

  /// Looks for the geometry file of an image.
  ///
  /// Other programs put .json files beside images, too (dcm2niix its BIDS sidecars). A JSON value that
  /// has neither our schema nor a key of ours is taken for one of those. Whatever else is there is
  /// taken for a geometry file, so that a broken one does not go unnoticed.
  static func neighbour(of image: URL) -> Neighbour {
    let beside = url(beside: image)
    guard FileManager.default.fileExists(atPath: beside.path) else { return .none }
    guard let size = try? InputFile.size(of: beside), size <= largestForeign,
      let data = try? Data(contentsOf: beside),
      let value = try? JSONDecoder().decode(JSONValue.self, from: data)
    else { return .own(beside) }
    var values: [String: JSONValue] = [:]
    if case .object(let found) = value { values = found }
    if case .text(let schema)? = values["schema"], schema.hasPrefix("spider") {
      return .own(beside)
    }
    guard !values.keys.contains(where: distinctiveKeys.contains) else { return .own(beside) }
    let isBIDS = values.keys.contains { bidsKeys.contains($0) }
    return .foreign(
      note: "\(beside.lastPathComponent) is not a geometry file of Spider"
        + (isBIDS ? " (it looks like dcm2niix's BIDS sidecar)" : "") + ": it is ignored")
  }

  /// Larger ones are left to the reader, which refuses them.
  private static let largestForeign = 1 << 24

  private static let bidsKeys: Set<String> = [
    "ConversionSoftware", "Modality", "Manufacturer", "SeriesNumber", "ProtocolName",
  ]
}

extension GeometrySidecar {
  /// The explicit form as JSON text; numbers are written so that they read back the same.
  public var json: String {
    func list(_ vector: Vector3) -> String { "[\(vector.x), \(vector.y), \(vector.z)]" }
    var lines = ["\"schema\": \"\(Self.schema)\""]
    switch geometry.beam {
    case .cone(let source):
      lines += ["\"beam\": \"cone\"", "\"source_mm\": \(list(source))"]
    case .parallel(let direction):
      lines += ["\"beam\": \"parallel\"", "\"direction\": \(list(direction))"]
    }
    lines += [
      "\"pixel_origin_mm\": \(list(geometry.pixelOrigin))",
      "\"column_step_mm\": \(list(geometry.columnStep))",
      "\"row_step_mm\": \(list(geometry.rowStep))",
      "\"columns\": \(geometry.columns)", "\"rows\": \(geometry.rows)",
    ]
    if let isocenter = geometry.isocenter { lines.append("\"isocenter_mm\": \(list(isocenter))") }
    if let intensity { lines.append("\"intensity\": \"\(intensity.rawValue)\"") }
    if let photonEnergy { lines.append("\"\(Self.photonEnergyKey)\": \(photonEnergy)") }
    if let openPixels { lines.append("\"\(Self.openPixelsKey)\": \(Self.json(openPixels))") }
    return "{\n  \(lines.joined(separator: ",\n  "))\n}\n"
  }

  /// Writes the explicit form.
  ///
  /// - Throws: ``FileError``; then no file has appeared and none has changed.
  public func write(to url: URL, overwrite: Bool = false) throws(FileError) {
    try AtomicFile.write(Data(json.utf8), to: url, overwrite: overwrite)
  }
}

/// A projection geometry with the keys of the geometry sidecar's explicit form, to stand in other JSON.
package struct GeometryRecord: Encodable, Sendable, Equatable {
  private let geometry: ProjectionGeometry
  private let photonEnergy: Double?

  /// Takes down a geometry, and the energy in keV of an X-ray whose numbers are line integrals at one.
  package init(_ geometry: ProjectionGeometry, photonEnergy: Double? = nil) {
    self.geometry = geometry
    self.photonEnergy = photonEnergy
  }

  enum CodingKeys: String, CodingKey {
    case schema, beam, direction, columns, rows
    case source = "source_mm"
    case origin = "pixel_origin_mm"
    case columnStep = "column_step_mm"
    case rowStep = "row_step_mm"
    case isocenter = "isocenter_mm"
    case photonEnergy = "photon_energy_kev"
  }

  /// Writes the explicit form.
  package func encode(to encoder: any Encoder) throws {
    func list(_ vector: Vector3) -> [Double] { [vector.x, vector.y, vector.z] }
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(GeometrySidecar.schema, forKey: .schema)
    switch geometry.beam {
    case .cone(let source):
      try container.encode("cone", forKey: .beam)
      try container.encode(list(source), forKey: .source)
    case .parallel(let direction):
      try container.encode("parallel", forKey: .beam)
      try container.encode(list(direction), forKey: .direction)
    }
    try container.encode(list(geometry.pixelOrigin), forKey: .origin)
    try container.encode(list(geometry.columnStep), forKey: .columnStep)
    try container.encode(list(geometry.rowStep), forKey: .rowStep)
    try container.encode(geometry.columns, forKey: .columns)
    try container.encode(geometry.rows, forKey: .rows)
    try container.encodeIfPresent(geometry.isocenter.map(list), forKey: .isocenter)
    try container.encodeIfPresent(photonEnergy, forKey: .photonEnergy)
  }
}
