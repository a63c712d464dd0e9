import Foundation
import SpiderCore

extension GeometrySidecar {
  /// No detector has more pixels a side; a larger number is a mistake.
  private static let largestSide = 1 << 20

  private static let commonKeys = [
    "schema", "beam", "columns", "rows", "isocenter_mm", "intensity", photonEnergyKey,
    openPixelsKey,
  ]
  static let photonEnergyKey = "photon_energy_kev"
  /// Photon energies of X-rays of patients, keV.
  private static let photonEnergies = 10.0...1000
  private static let explicitKeys = [
    "source_mm", "direction", "pixel_origin_mm", "column_step_mm", "row_step_mm",
  ]
  private static let armKeys = [
    "gantry_degrees", "tilt_degrees", "sad_mm", "sid_mm", "pixel_mm", "principal_point",
  ]

  /// The keys that no other program's files have.
  static var distinctiveKeys: [String] {
    explicitKeys + armKeys + ["isocenter_mm", photonEnergyKey, openPixelsKey]
  }

  /// Reads a sidecar of either form.
  ///
  /// - Throws: ``FileError``; a key that is missing, unknown, of the wrong type or impossible is
  ///   named.
  public static func read(_ url: URL) throws(FileError) -> GeometrySidecar {
    let object = try JSONObjectReader(url, what: "a geometry file (JSON)")
    let schema = try object.text("schema")
    guard schema == Self.schema else {
      throw .badValue(url, key: "schema", fault: "is \"\(schema)\"; \(Self.schema) is read")
    }
    let isArm = armKeys.contains(where: object.has)
    try object.allowOnly(commonKeys + (isArm ? armKeys : explicitKeys))
    let beam = try object.text("beam")
    guard ["cone", "parallel"].contains(beam) else {
      throw .badValue(url, key: "beam", fault: "is \"\(beam)\"; it must be cone or parallel")
    }
    let isParallel = beam == "parallel"
    let columns = try object.count("columns", limit: largestSide)
    let rows = try object.count("rows", limit: largestSide)
    do {
      let geometry =
        isArm
        ? try arm(object, isParallel, columns, rows)
        : try explicit(object, isParallel, columns, rows)
      return GeometrySidecar(
        geometry: geometry, intensity: try intensity(object),
        openPixels: try openPixels(object, columns: columns, rows: rows),
        photonEnergy: try photonEnergy(object))
    } catch let error as FileError {
      throw error
    } catch let error as GeometryError {
      throw .badValue(url, key: key(of: error, isArm, isParallel), fault: "is impossible: \(error)")
    } catch {
      throw .corrupt(url, fault: "\(error)")
    }
  }

  /// The key to look at for a geometry that cannot be.
  private static func key(of error: GeometryError, _ isArm: Bool, _ isParallel: Bool) -> String {
    switch error {
    case .zeroDirection: return "direction"
    case .raysAlongDetector where !isArm: return isParallel ? "direction" : "source_mm"
    case .badDistances, .raysAlongDetector: return "sid_mm"
    case .badPixelSize: return "pixel_mm"
    case .badTilt: return "tilt_degrees"
    case .noPixels: return "columns"
    case .degenerateDetector, .notFinite: return isArm ? "pixel_mm" : "column_step_mm"
    }
  }

  private static func intensity(
    _ object: JSONObjectReader
  ) throws(FileError) -> RadiographIntensity? {
    guard object.has("intensity") else { return nil }
    let text = try object.text("intensity")
    guard let intensity = RadiographIntensity(rawValue: text) else {
      throw .badValue(
        object.url, key: "intensity", fault: "is \"\(text)\"; it must be absolute or relative")
    }
    return intensity
  }

  private static func photonEnergy(_ object: JSONObjectReader) throws(FileError) -> Double? {
    guard object.has(photonEnergyKey) else { return nil }
    let keV = try object.positive(photonEnergyKey)
    guard photonEnergies.contains(keV) else {
      throw .badValue(
        object.url, key: photonEnergyKey,
        fault: "is \(keV); it must be from 10 to 1000 keV, 70 for line integrals as Spider makes "
          + "them")
    }
    return keV
  }

  private static func explicit(
    _ object: JSONObjectReader, _ isParallel: Bool, _ columns: Int, _ rows: Int
  ) throws -> ProjectionGeometry {
    let surplus = isParallel ? "source_mm" : "direction"
    if object.has(surplus) {
      throw FileError.badValue(
        object.url, key: surplus,
        fault: "does not belong to a \(isParallel ? "parallel" : "cone") beam")
    }
    return try ProjectionGeometry(
      beam: isParallel
        ? .parallel(direction: object.vector("direction"))
        : .cone(source: place("source_mm", object)),
      pixelOrigin: place("pixel_origin_mm", object),
      columnStep: place("column_step_mm", object), rowStep: place("row_step_mm", object),
      columns: columns, rows: rows,
      isocenter: object.has("isocenter_mm") ? place("isocenter_mm", object) : nil)
  }

  /// A position or step that is not out of this world.
  private static func place(
    _ key: String, _ object: JSONObjectReader
  ) throws(FileError) -> Vector3 {
    let place = try object.vector(key)
    guard place.isPlausiblePosition else {
      throw .badValue(
        object.url, key: key, fault: "goes beyond \(WorldLimits.position) mm; give millimetres")
    }
    return place
  }

  /// A distance that a room can hold.
  private static func distance(
    _ key: String, _ object: JSONObjectReader
  ) throws(FileError) -> Double {
    let distance = try object.positive(key)
    guard distance <= WorldLimits.distance else {
      throw .badValue(
        object.url, key: key,
        fault: "is \(distance); it must be at most \(WorldLimits.distance) mm")
    }
    return distance
  }

  /// The C-arm form: the view at a gantry angle, tilted.
  private static func arm(
    _ object: JSONObjectReader, _ isParallel: Bool, _ columns: Int, _ rows: Int
  ) throws -> ProjectionGeometry {
    let degrees = try object.number("gantry_degrees")
    let tilt = object.has("tilt_degrees") ? try object.number("tilt_degrees") : 0
    guard abs(degrees) <= 3600 else {
      throw FileError.badValue(
        object.url, key: "gantry_degrees", fault: "is \(degrees); give an angle in degrees")
    }
    guard abs(tilt) <= 90 else {
      throw FileError.badValue(
        object.url, key: "tilt_degrees", fault: "is \(tilt); it must be from -90 to 90")
    }
    let sourceToAxis = try distance("sad_mm", object)
    let sourceToDetector = try distance("sid_mm", object)
    guard sourceToDetector >= sourceToAxis else {
      throw FileError.badValue(
        object.url, key: "sid_mm",
        fault: "is \(sourceToDetector), less than sad_mm: the detector lies behind the isocentre")
    }
    let pixel = try object.numbers("pixel_mm", 2)
    guard pixel[0] > 0, pixel[1] > 0 else {
      throw FileError.badValue(object.url, key: "pixel_mm", fault: "is not positive")
    }
    guard pixel[0] <= WorldLimits.distance, pixel[1] <= WorldLimits.distance else {
      throw FileError.badValue(
        object.url, key: "pixel_mm", fault: "is more than \(WorldLimits.distance) mm")
    }
    let principal =
      object.has("principal_point")
      ? try object.numbers("principal_point", 2)
      : [Double(columns - 1) / 2, Double(rows - 1) / 2]
    let isocenter = object.has("isocenter_mm") ? try place("isocenter_mm", object) : .zero

    let setup = ViewSetup(
      sourceToAxis: sourceToAxis, sourceToDetector: sourceToDetector,
      pixelSize: SIMD2(pixel[0], pixel[1]), columns: columns, rows: rows, isParallel: isParallel)
    let geometry = try setup.geometry(
      of: .gantry(degrees: degrees), isocenter: isocenter, tiltDegrees: tilt,
      principalPoint: SIMD2(principal[0], principal[1]))
    guard geometry.pixelOrigin.isPlausiblePosition else {
      throw FileError.badValue(
        object.url, key: object.has("principal_point") ? "principal_point" : "pixel_mm",
        fault: "puts the detector beyond \(WorldLimits.position) mm")
    }
    return geometry
  }
}
