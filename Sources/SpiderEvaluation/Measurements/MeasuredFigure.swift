import Foundation
import SpiderAnatomy
import SpiderCore
import SpiderSupport

/// A figure of an answered head with its 90 % interval, or with the reason why it has none.
public struct MeasuredFigure: Equatable, Sendable {
  /// Which figure.
  public let figure: HeadMeasurement
  /// Its value in the figure's unit; nil where it was not found.
  public let value: Double?
  /// The interval that holds the true value of 90 % of patients; nil where none can be given.
  public let interval: ClosedRange<Double>?
  /// What to know of it: why there is no value or no interval.
  public let note: String?

  /// The figures of an answer, all of them, in their order.
  ///
  /// - Parameters:
  ///   - measurements: what was measured.
  ///   - intervals: the model's; nil: it has none.
  ///   - radiographs: how many X-rays the answer was made of.
  ///   - caveat: why no interval holds for this answer, whatever the figure (``caveat(of:_:on:hasFaults:)``); nil where
  ///     it was made as those of the calibration.
  ///   - isWhole: whether the grid holds all of the model's field of view. Of a part the interval of what lies in it
  ///     whole is given, and no other.
  public static func all(
    of measurements: HeadMeasurements, by intervals: MeasurementIntervals?, radiographs: Int,
    caveat: String? = nil, isWhole: Bool
  ) -> [MeasuredFigure] {
    HeadMeasurement.allCases.map { figure in
      guard let value = measurements[figure] else {
        return MeasuredFigure(
          figure: figure, value: nil, interval: nil,
          note: figure.isVolume ? "none of it was found" : "no two whole condyles were found")
      }
      let note =
        Self.note(on: figure, measurements, isWhole: isWhole)
        ?? Self.note(on: figure, intervals, radiographs: radiographs) ?? caveat
      return MeasuredFigure(
        figure: figure, value: value,
        interval: note == nil ? intervals?.interval(about: value, of: figure) : nil, note: note)
    }
  }

  /// The largest voxels for which intervals hold, mm: calibrated are those of 2 mm.
  private static let coarsest = 3.0

  /// Why the intervals of a model say nothing of an answer, or nil.
  ///
  /// - Parameters:
  ///   - radiographs: the X-rays, as they were given.
  ///   - grid: the voxels answered.
  ///   - hasFaults: whether something is wrong with an X-ray, or the answer does not explain one.
  public static func caveat(
    of model: ModelTraits, _ radiographs: [Radiograph], on grid: VoxelGrid, hasFaults: Bool
  ) -> String? {
    if hasFaults { return "something is wrong with the X-rays: no interval" }
    if grid.spacing.max() > coarsest {
      return String(format: "voxels of more than %.0f mm: no interval", coarsest)
    }
    // A model of any views was calibrated with those that it names.
    let isCalibrated = model.views.allSatisfy { view in
      radiographs.contains { view.agrees(with: $0.geometry) }
    }
    guard model.anyViews != nil, !isCalibrated else { return nil }
    let names = model.views.map(\.description).joined(separator: " and ")
    return "calibrated with \(names): no interval"
  }

  /// Why a figure says less than the whole.
  private static func note(
    on figure: HeadMeasurement, _ measurements: HeadMeasurements, isWhole: Bool
  ) -> String? {
    if !isWhole, !figure.isWithinHead {
      return "the voxels answered are a part of the field of view: of a part there is no interval"
    }
    if figure.isWithinHead, figure.isVolume || !isWhole, measurements.cutOff.contains(figure) {
      return "it goes on beyond the voxels answered: of a part there is no interval"
    }
    if measurements.hidden.contains(figure) {
      return "the X-rays do not show all of it: no interval"
    }
    // Of a sum as of its parts.
    let parts: [HeadMeasurement] = figure == .bone ? [.skull, .mandible] : []
    return parts.contains { note(on: $0, measurements, isWhole: isWhole) != nil }
      ? "of a bone of the head a part alone is seen: no interval" : nil
  }

  /// Why the model has no interval.
  private static func note(
    on figure: HeadMeasurement, _ intervals: MeasurementIntervals?, radiographs: Int
  ) -> String? {
    guard let intervals, let width = intervals.widths[figure] else {
      return "the model has no interval of it: spider uncertainty calibrates it"
    }
    guard intervals.radiographs == radiographs else {
      return "calibrated with \(counted(intervals.radiographs, "X-ray")): no interval"
    }
    guard width.halfWidth == nil else { return nil }
    return width.patients < MeasurementIntervals.fewestPatients
      ? "calibrated with \(counted(width.patients, "patient")), which is too few: no interval"
      : "the calibration found no bound: no interval"
  }
}

extension MeasuredFigure: Encodable {
  private enum CodingKeys: String, CodingKey { case value, unit, low, high, note }

  /// `value`, `unit`, `low`, `high`, `note`, null where there is nothing.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(value, forKey: .value)
    try container.encode(figure.unit, forKey: .unit)
    try container.encode(interval?.lowerBound, forKey: .low)
    try container.encode(interval?.upperBound, forKey: .high)
    try container.encode(note, forKey: .note)
  }
}

extension MeasuredFigure: CustomStringConvertible {
  /// A number as the figure's size deserves.
  package static func text(_ value: Double) -> String {
    String(format: value < 100 ? "%.1f" : "%.0f", value)
  }

  /// In a line: "skull 552 mL (480 to 640)".
  public var description: String {
    guard let value else { return "\(figure.words): \(note ?? "")" }
    let range = interval.map { "\(Self.text($0.lowerBound)) to \(Self.text($0.upperBound))" }
    let words = [range, note].compactMap { $0 }.joined(separator: "; ")
    return "\(figure.words) \(Self.text(value)) \(figure.unit)"
      + (words.isEmpty ? "" : " (\(words))")
  }
}
