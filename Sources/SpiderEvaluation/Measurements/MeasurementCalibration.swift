import Foundation
import SpiderAnatomy
import SpiderCore
import SpiderDRR
import SpiderDataSet

/// Finds the intervals about figures derived from a model's labels (``/SpiderCore/MeasurementIntervals``) on patients
/// that the model has not learned from.
///
/// Each patient is answered as a user's would be: 128^3 voxels over the field of view, refined. Answer and truth are
/// measured where the truth is known: its voxels outside the scan and those of unknown structure are left out of both.
/// A patient whose labels are unknown for more than 5 % of his tissue counts for no figure.
public struct MeasurementCalibration: Sendable {
  /// One figure of one patient.
  public struct Pair: Codable, Equatable, Sendable {
    /// The figure of the answer, in its unit.
    public var answer: Double
    /// The true one.
    public var truth: Double
  }

  /// How a patient was answered, and what his own interval would have held.
  public struct Patient: Sendable {
    /// The case's name.
    public var id: String
    /// His figures; what is missing is not known, or was not found in the answer.
    public var pairs: [HeadMeasurement: Pair] = [:]
    /// Whether the interval that the other patients give holds the truth; nothing where they give none.
    public var isHeld: [HeadMeasurement: Bool] = [:]
    /// His scores; infinite where the truth has what the answer lacks.
    fileprivate var scores: [HeadMeasurement: Double] = [:]
  }

  /// The share of the tissue whose structure may be unknown.
  private static let unknownShare = 0.05

  private let scorer: ModelScorer

  /// Plans a calibration.
  ///
  /// - Parameters:
  ///   - model: it must tell the tissues of the head.
  ///   - size: voxels along a side of the answers.
  public init(_ model: any ReconstructionModel, size: Int = 128) {
    precondition(model.traits.scheme == .head, "a model that tells no head's tissues apart")
    var scorer = ModelScorer(model, size: size, surfaces: false)
    scorer.refinement = Refinement()
    self.scorer = scorer
  }

  /// The intervals, and how they do on each patient.
  ///
  /// - Parameters:
  ///   - count: how many patients there are.
  ///   - patient: brings one of them.
  ///   - progress: called after each with the share that is done.
  /// - Throws: what brings or answers a patient throws.
  public func callAsFunction(
    _ count: Int, patient: (Int) throws -> PreparedPatient, progress: (Double) -> Void = { _ in }
  ) throws -> (intervals: MeasurementIntervals, patients: [Patient]) {
    var patients: [Patient] = []
    for number in 0..<count {
      let patient = try patient(number)
      patients.append(Self.measured(try scorer.outcome(for: patient).labels, of: patient))
      progress(Double(number + 1) / Double(count))
    }
    return Self.calibrated(patients, radiographs: scorer.views.count)
  }

  /// Measures an answer and its patient where both are known.
  package static func measured(_ answer: LabelVolume?, of patient: PreparedPatient) -> Patient {
    var result = Patient(id: patient.id)
    guard let answer else { return result }
    let truth = patient.labels.resampled(onto: answer.grid)
    guard !isUnknown(truth) else { return result }
    // What is not known is the same in both, so that both end where it begins.
    let known = answer.withValues(
      zip(answer.values, truth.values).map { $1 >= LabelScheme.outsideScan ? $1 : $0 })
    let (found, expected) = (HeadMeasurements(known), HeadMeasurements(truth))
    for figure in HeadMeasurement.allCases {
      guard let right = expected[figure] else { continue }
      if let value = found[figure] {
        result.pairs[figure] = Pair(answer: value, truth: right)
        result.scores[figure] = figure.isVolume ? abs(log(right / value)) : abs(right - value)
      } else {
        // An answer without the figure is as far off as can be.
        result.scores[figure] = .infinity
      }
    }
    return result
  }

  private static func isUnknown(_ labels: LabelVolume) -> Bool {
    let tissue = labels.values.count {
      $0 != HeadLabel.background && $0 != LabelScheme.outsideScan
    }
    let unknown = labels.values.count { $0 == LabelScheme.unknown }
    return tissue == 0 || Double(unknown) > unknownShare * Double(tissue)
  }

  /// The intervals that patients give; each patient is held against those of the others.
  package static func calibrated(
    _ patients: [Patient], radiographs: Int
  ) -> (intervals: MeasurementIntervals, patients: [Patient]) {
    var (patients, widths) = (patients, [HeadMeasurement: MeasurementIntervals.Width]())
    for figure in HeadMeasurement.allCases {
      let all = patients.compactMap { $0.scores[figure] }
      var half = MeasurementIntervals.halfWidth(of: all)
      if let found = half, found > MeasurementIntervals.limit(figure) { half = nil }
      widths[figure] = .init(halfWidth: half, patients: all.count)
      for index in patients.indices {
        guard let own = patients[index].scores[figure] else { continue }
        let others = patients.indices.filter { $0 != index }
          .compactMap { patients[$0].scores[figure] }
        if let limit = MeasurementIntervals.halfWidth(of: others) {
          patients[index].isHeld[figure] = own <= limit
        }
      }
    }
    return (MeasurementIntervals(widths: widths, radiographs: radiographs), patients)
  }
}
