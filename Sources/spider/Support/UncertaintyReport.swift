import Foundation
import SpiderCore
import SpiderEvaluation
import SpiderSupport

/// What `spider uncertainty` tells of its intervals.
struct UncertaintyReport: Encodable {
  /// The intervals of CT numbers.
  struct Map {
    /// Half an interval's width in scales of the head.
    let factor: Float
    let patients: [UncertaintyCalibration.Patient]

    init(_ found: (factor: Float, patients: [UncertaintyCalibration.Patient])) {
      (factor, patients) = found
    }

    /// The mean over the patients, each with a factor of the others.
    var coverage: Double {
      patients.map(\.coverage).reduce(0, +) / Double(max(1, patients.count))
    }

    var text: String {
      let shares = patients.map(\.coverage)
      return String(
        format:
          "intervals hold %.1f %% of a body's voxels (%.1f to %.1f %% of each; val patients: %d)",
        100 * coverage, 100 * (shares.min() ?? 0), 100 * (shares.max() ?? 0), shares.count)
    }
  }

  let model: String
  /// nil where the map was left as it is.
  var map: Map?
  /// nil where the labels are no head's.
  var measurements: MeasurementReport?

  init(model: String) { self.model = model }

  enum CodingKeys: String, CodingKey { case model, factor, coverage, patients, measurements }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(model, forKey: .model)
    try container.encode(map?.factor, forKey: .factor)
    try container.encode(map?.coverage, forKey: .coverage)
    try container.encode(map?.patients, forKey: .patients)
    try container.encode(measurements, forKey: .measurements)
  }

  /// What the user should know.
  var warnings: [String] {
    var warnings: [String] = []
    if let count = map?.patients.count, count < 5 {
      warnings.append(
        "the intervals rest on \(count) of the val split: that is too few to know how they do on others"
      )
    }
    if let measurements, measurements.rows.contains(where: { $0.halfWidth == nil }) {
      let least = MeasurementIntervals.fewestPatients
      warnings.append(
        "not every measurement has an interval: it takes \(least) of the val split whose structures are known"
      )
    }
    return warnings
  }

  /// The same for people.
  var lines: [String] {
    (map.map { map in
      map.patients.map {
        String(
          format: "%@: %.1f %% of the body's voxels held, half width %.0f HU", $0.id,
          100 * $0.coverage, $0.halfWidth)
      } + [map.text]
    } ?? []) + (measurements?.rows.map(\.text) ?? [])
  }
}

/// How the intervals of measurements do.
struct MeasurementReport: Encodable {
  /// One figure.
  struct Row: Encodable {
    let figure: HeadMeasurement
    /// |log ratio| of a volume, mm of a distance.
    @NullWhenNil var halfWidth: Double?
    let patients: Int
    /// How many patients the others give an interval, and how many of these intervals hold the truth.
    let tested: Int
    let held: Int

    enum CodingKeys: String, CodingKey {
      case figure, patients, tested, held
      case halfWidth = "half_width"
    }

    /// In a line.
    var text: String {
      guard let halfWidth else { return "\(figure.words): no interval (val patients: \(patients))" }
      let width =
        figure.isVolume
        ? String(
          format: "-%.0f to +%.0f %%", 100 * (1 - exp(-halfWidth)), 100 * (exp(halfWidth) - 1))
        : String(format: "%.1f mm to either side", halfWidth)
      return
        "\(figure.words): \(width) (val patients: \(patients); of \(tested) left out in turn \(held) held)"
    }
  }

  /// One patient.
  private struct Patient: Encodable {
    let id: String
    let figures: [String: MeasurementCalibration.Pair]
  }

  let rows: [Row]
  private let patients: [Patient]

  init(_ found: (intervals: MeasurementIntervals, patients: [MeasurementCalibration.Patient])) {
    rows = HeadMeasurement.allCases.map { figure in
      let width = found.intervals.widths[figure]
      let held = found.patients.compactMap { $0.isHeld[figure] }
      return Row(
        figure: figure, halfWidth: width?.halfWidth, patients: width?.patients ?? 0,
        tested: held.count, held: held.count { $0 })
    }
    patients = found.patients.map { patient in
      let named = patient.pairs.map { ($0.key.rawValue, $0.value) }
      return Patient(id: patient.id, figures: Dictionary(uniqueKeysWithValues: named))
    }
  }

  enum CodingKeys: String, CodingKey {
    case rows = "figures"
    case patients
  }
}
