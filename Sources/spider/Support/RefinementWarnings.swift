import Foundation
import SpiderCore
import SpiderDRR

extension RefinementRecord {
  /// Less than this of tissue in air is the rim that any answer has, ml.
  private static let fewestEmptied = 50.0

  /// What the user should know of how his X-rays were read.
  func warnings(of names: [String], _ radiographs: [Radiograph]) -> [String] {
    let notes = [emptied].filter { $0 >= Self.fewestEmptied }.map {
      "\(Int($0.rounded())) ml of the answer lay where an X-ray shows nothing at all: taken for air"
    }
    let uses = views.map(\.use)
    // What is said of several is said once.
    var told: [(words: String, names: [String])] = []
    for index in uses.indices {
      guard let words = Self.warning(on: radiographs[index], uses[index]) else { continue }
      if let same = told.firstIndex(where: { $0.words == words }) {
        told[same].names.append(names[index])
      } else {
        told.append((words, [names[index]]))
      }
    }
    return notes + told.map { "\($0.names.joined(separator: ", ")): \($0.words)" }
      + Self.warning(onEnergiesOf: radiographs)
  }

  /// One volume has one attenuation: where files state several energies, one of them is wrong.
  private static func warning(onEnergiesOf radiographs: [Radiograph]) -> [String] {
    let energies = Set(radiographs.compactMap(\.photonEnergy)).sorted()
    guard energies.count > 1 else { return [] }
    let list = energies.map { String(format: "%.4g", $0) }.joined(separator: " and ")
    return [
      "the geometry files state line integrals at \(list) keV, and those of one volume are at one energy: correct "
        + "\"photon_energy_kev\""
    ]
  }

  /// What the user should know of how an X-ray was read.
  private static func warning(on radiograph: Radiograph, _ use: ViewUse) -> String? {
    switch use {
    case .contradicted:
      let stated = radiograph.photonEnergy.map {
        String(format: "\"photon_energy_kev\": %.4g in the geometry file was not believed", $0)
      }
      return
        "the X-rays' numbers are not the volume's line integrals (another scale, a hardened beam, scatter, hidden "
        + "borders, wrong distances, or an answer that is far off, as from a single X-ray): they were read by a fitted tone curve, and the volume is refined little; "
        + (stated
          ?? "\"photon_energy_kev\": 70 in the geometry file would say that they are line integrals")
    case .unused:
      return "too few rays say something of the volume: not refined by it"
    case .lineIntegrals, .toned: return nil
    }
  }
}
