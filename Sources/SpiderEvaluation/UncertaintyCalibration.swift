import Foundation
import SpiderCore

/// Stretches a head of uncertainty until its intervals hold what they should of patients that the network has not
/// learned from: split conformal calibration (Vovk et al. 2005; Angelopoulos & Bates, arXiv 2107.07511), with every
/// patient counted alike.
public struct UncertaintyCalibration: Sendable {
  /// How the intervals do on one patient.
  public struct Patient: Codable, Sendable {
    /// The case's name.
    public var id: String
    /// The share of the body's voxels whose CT number the intervals hold, stretched as the other patients say: what
    /// a new patient may expect.
    public var coverage: Double
    /// The median of half the intervals' width in the body, HU.
    public var halfWidth: Double

    enum CodingKeys: String, CodingKey {
      case id
      case coverage
      case halfWidth = "half_width_hu"
    }
  }

  private let model: SpiderModel
  private let scorer: ModelScorer

  /// Plans the calibration of a model's head, of factor 1.
  ///
  /// - Parameter size: voxels along a side of the volumes.
  public init(_ model: SpiderModel, size: Int = 64) {
    precondition(model.uncertainty != nil, "a model without a head of uncertainty")
    self.model = model
    var scorer = ModelScorer(model, size: size, surfaces: false)
    scorer.asksUncertainty = true
    self.scorer = scorer
  }

  /// The factor that the head needs, and how the intervals do on each patient.
  ///
  /// - Parameters:
  ///   - count: how many patients there are, at least one.
  ///   - patient: brings one of them.
  public func callAsFunction(
    _ count: Int, patient: (Int) throws -> PreparedPatient, progress: (Double) -> Void = { _ in }
  ) throws -> (factor: Float, patients: [Patient]) {
    precondition(count > 0, "a calibration on no patients")
    var (ids, ratios, widths) = ([String](), [[Float]](), [Double]())
    for number in 0..<count {
      let patient = try patient(number)
      let found = try Self.ratios(scorer.outcome(for: patient), of: patient)
      if !found.ratios.isEmpty {
        ids.append(patient.id)
        ratios.append(found.ratios)
        widths.append(found.scale)
      }
      progress(Double(number + 1) / Double(count))
    }
    let factor = Self.factor(holding: UncertaintyHead.coverage, of: ratios)
    let patients = ids.indices.map { index in
      var others = ratios
      others.remove(at: index)
      let known =
        others.isEmpty ? factor : Self.factor(holding: UncertaintyHead.coverage, of: others)
      return Patient(
        id: ids[index], coverage: Self.share(of: ratios[index], within: known),
        halfWidth: widths[index] * Double(factor))
    }
    return (factor, patients)
  }

  /// |answer - truth| in scales, of the voxels of the body, in ascending order; and the scales' median, HU.
  private static func ratios(
    _ outcome: ModelScorer.Outcome, of patient: PreparedPatient
  ) -> (ratios: [Float], scale: Double) {
    guard let scales = outcome.uncertainty,
      let body = VolumeMetrics.bodyRegion(of: patient.ct, on: outcome.ct.grid)
    else { return ([], 0) }
    let grid = outcome.ct.grid
    let truth = ImageMetrics.clipped(patient.ct.resampled(onto: grid, outside: -1000).values)
    let answers = ImageMetrics.clipped(outcome.ct.values)
    let known = patient.labels.resampled(onto: grid, outside: LabelScheme.outsideScan)
      .mask { $0 != LabelScheme.outsideScan }
    let counted = body.intersection(known).values
    let indices = counted.indices.filter { counted[$0] }
    let sorted = indices.map { scales.values[$0] }.sorted()
    return (
      indices.map { index in
        let error = abs(answers[index] - truth[index])
        // Air that no ray met is answered for by the X-rays, not by the network.
        return error == 0 ? 0 : error / max(scales.values[index], .leastNormalMagnitude)
      }.sorted(), sorted.isEmpty ? 0 : Double(sorted[sorted.count / 2])
    )
  }

  /// The least factor with which the patients' mean share within it is as large as asked for.
  package static func factor(holding coverage: Double, of ratios: [[Float]]) -> Float {
    var (low, high) = (Double(1e-3), Double(1e3))
    for _ in 0..<60 {
      let middle = (low * high).squareRoot()
      let shares = ratios.map { share(of: $0, within: Float(middle)) }
      if shares.reduce(0, +) / Double(max(1, shares.count)) < coverage {
        low = middle
      } else {
        high = middle
      }
    }
    return Float(high)
  }

  /// The share of ascending numbers that are at most a limit.
  package static func share(of ascending: [Float], within limit: Float) -> Double {
    var (low, high) = (0, ascending.count)
    while low < high {
      let middle = (low + high) / 2
      if ascending[middle] <= limit { low = middle + 1 } else { high = middle }
    }
    return ascending.isEmpty ? 0 : Double(low) / Double(ascending.count)
  }
}
