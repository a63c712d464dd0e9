import SpiderAnatomy
import SpiderImaging
import SpiderSupport

/// The sets of voxels that are compared by name: the labels of a scheme, all bone together, and
/// what is bone by its CT number.
struct StructureSets: Sendable {
  let candidate: Volume
  let truth: Volume
  /// The candidate's labels on its grid; nil: none.
  let found: LabelVolume?
  /// The reference's labels on the candidate's grid; nil: none.
  let expected: LabelVolume?
  /// The voxels within the scan.
  let known: Mask
  let scheme: LabelScheme

  /// Fills in Dice and, if asked, the distances of surfaces. A structure that neither has, or
  /// labels that are not there, give null.
  func measure(_ metrics: inout CaseMetrics, surfaces: Bool) {
    let names = scheme.classes + ["bone", "bone_hu"]
    let results = Parallel.map(names.count) { n -> (dice: Double?, surface: SurfaceDistances?) in
      guard let (a, b) = sets(names[n], class: n) else { return (nil, nil) }
      let dice = OverlapMetrics.dice(a.values, b.values)
      return (dice, surfaces ? SurfaceDistances(a, b) : nil)
    }
    for (name, result) in zip(names, results) {
      metrics.dice[name] = .some(result.dice)
      metrics.hd95[name] = .some(result.surface?.hausdorff95)
      metrics.assd[name] = .some(result.surface?.averageSymmetric)
    }
  }

  /// The candidate's and the reference's voxels of one name, of those that count.
  private func sets(_ name: String, class n: Int) -> (Mask, Mask)? {
    if name == "bone_hu" {
      let threshold = AutomaticLabeller.boneThreshold
      return (
        candidate.mask { $0 >= threshold }.intersection(known),
        truth.mask { $0 >= threshold }.intersection(known)
      )
    }
    guard let found, let expected else { return nil }
    let values = n < scheme.count ? [UInt8(n)] : scheme.boneValues
    // Where the reference does not know, there is nothing to compare. A candidate that does not
    // know is a candidate that missed.
    let counted = expected.mask { $0 != LabelScheme.unknown && $0 != LabelScheme.outsideScan }
      .intersection(known)
    return (
      found.mask { values.contains($0) }.intersection(counted),
      expected.mask { values.contains($0) }.intersection(counted)
    )
  }
}

/// Measures of how well two sets of voxels cover each other.
public enum OverlapMetrics {
  /// Dice coefficient 2 |A and B| / (|A| + |B|) over counted voxels; nil when both sets are empty.
  public static func dice(_ a: [Bool], _ b: [Bool], counted: [Bool]? = nil) -> Double? {
    precondition(a.count == b.count, "\(a.count) voxels against \(b.count)")
    var (both, sum) = (0, 0)
    for index in a.indices where counted?[index] ?? true {
      both += a[index] && b[index] ? 1 : 0
      sum += (a[index] ? 1 : 0) + (b[index] ? 1 : 0)
    }
    return sum > 0 ? 2 * Double(both) / Double(sum) : nil
  }
}
