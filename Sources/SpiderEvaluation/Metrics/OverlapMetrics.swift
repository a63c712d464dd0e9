/// How well two sets of voxels cover each other.
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
