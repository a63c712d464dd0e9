import Foundation

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
