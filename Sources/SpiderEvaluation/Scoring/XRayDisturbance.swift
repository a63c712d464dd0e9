import Foundation
import SpiderCore
import SpiderDRR
import SpiderSupport

/// What is wrong with X-rays, and the method is not told: by how much a method suffers from it says how
/// it will fare outside the laboratory.
public enum XRayDisturbance: Hashable, Sendable {
  /// Nothing.
  case none
  /// The lateral view was taken so many degrees off, about the patient's long axis.
  case lateralTurned(degrees: Double)
  /// The source was farther from the isocentre than stated, by a share of the distance; the detector was
  /// where it is stated to be.
  case sourceFarther(share: Double)
  /// Quantum noise of so many photons a pixel of the open field.
  case noise(photons: Double)
  /// Blades hid a margin of the image on each side, by a share of its width; these pixels are masked.
  case collimated(share: Double)

  /// Those of the robustness tables.
  public static let all: [XRayDisturbance] = [
    .lateralTurned(degrees: 1), .lateralTurned(degrees: 2), .lateralTurned(degrees: 5),
    .lateralTurned(degrees: 10), .sourceFarther(share: 0.05), .noise(photons: 10_000),
    .collimated(share: 0.2),
  ]

  /// In words.
  public var name: String {
    switch self {
    case .none: "as stated"
    case .lateralTurned(let degrees): String(format: "lateral view %.4g degrees off", degrees)
    case .sourceFarther(let share):
      String(format: "source %.4g %% farther than stated", 100 * share)
    case .noise(let photons): String(format: "noise of %.0f photons a pixel", photons)
    case .collimated(let share): String(format: "%.4g %% of each side collimated", 100 * share)
    }
  }

  /// How an X-ray was really taken.
  func geometry(
    _ stated: ProjectionGeometry, of view: NamedView, isocenter: Vector3
  ) throws -> ProjectionGeometry {
    switch self {
    case .none, .noise, .collimated: return stated
    case .lateralTurned(let degrees):
      let isLateral = abs(view.sourceDirection.x) > abs(view.sourceDirection.y)
      guard isLateral else { return stated }
      let map = Affine.rotation(angle: degrees * .pi / 180, axis: Vector3(0, 0, 1))
        .about(isocenter)
      let beam: Beam =
        switch stated.beam {
        case .cone(let source): .cone(source: map.apply(source))
        case .parallel(let direction): .parallel(direction: map.applyLinear(direction))
        }
      return try ProjectionGeometry(
        beam: beam, pixelOrigin: map.apply(stated.pixelOrigin),
        columnStep: map.applyLinear(stated.columnStep), rowStep: map.applyLinear(stated.rowStep),
        columns: stated.columns, rows: stated.rows, isocenter: isocenter)
    case .sourceFarther(let share):
      guard case .cone(let source) = stated.beam else { return stated }
      return try ProjectionGeometry(
        beam: .cone(source: isocenter + (source - isocenter) * (1 + share)),
        pixelOrigin: stated.pixelOrigin, columnStep: stated.columnStep, rowStep: stated.rowStep,
        columns: stated.columns, rows: stated.rows, isocenter: isocenter)
    }
  }

  /// What became of the image, by a random stream of the patient's.
  func applied(to radiograph: Radiograph, _ random: inout SeededGenerator) -> Radiograph {
    var result = radiograph
    switch self {
    case .none, .lateralTurned, .sourceFarther: break
    case .noise(let photons):
      for index in result.values.indices {
        let seen = random.poisson(photons * exp(-Double(result.values[index])))
        result.values[index] = Float(-log(max(seen, 0.5) / photons))
      }
    case .collimated(let share):
      let (columns, rows) = (radiograph.geometry.columns, radiograph.geometry.rows)
      func isHidden(_ place: Int, of count: Int) -> Bool {
        let margin = share * Double(count)
        return Double(place) < margin || Double(place) >= Double(count) - margin
      }
      result.mask = result.values.indices.map {
        radiograph.counts($0) && !isHidden($0 % columns, of: columns)
          && !isHidden($0 / columns, of: rows)
      }
    }
    return result
  }
}
