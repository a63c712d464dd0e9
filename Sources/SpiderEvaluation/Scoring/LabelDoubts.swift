import SpiderCore

/// The doubts whether a label map speaks of the classes of the head: another program's numbers may be the same and
/// mean other tissues, which shows in the CT numbers under them.
enum LabelDoubts {
  /// The mean CT numbers that a class can have, HU; wide enough for any reconstruction.
  private static func range(of name: String) -> ClosedRange<Double>? {
    switch name {
    case "skull", "mandible", "cervical_spine": 100...3000
    case "soft_tissue", "intracranial": -300...400
    case "air_cavities": -2000 ... -150
    default: nil
    }
  }

  /// A class of fewer voxels than this tells nothing.
  private static let fewestVoxels = 64

  /// The first class whose CT numbers are not those of its tissue, in words; nil where there is none, and of any
  /// other scheme.
  static func note(on labels: LabelVolume, of ct: Volume, scheme: LabelScheme) -> String? {
    guard scheme == .head else { return nil }
    let grid = labels.grid
    let shown = ct.grid == grid ? ct : ct.resampled(onto: grid, outside: .nan)
    var sums = [Double](repeating: 0, count: scheme.count)
    var counts = [Int](repeating: 0, count: scheme.count)
    for (label, value) in zip(labels.values, shown.values)
    where Int(label) < scheme.count && value.isFinite {
      sums[Int(label)] += Double(value)
      counts[Int(label)] += 1
    }
    for (index, name) in scheme.classes.enumerated() where counts[index] >= fewestVoxels {
      let mean = sums[index] / Double(counts[index])
      guard let range = range(of: name), !range.contains(mean) else { continue }
      return
        "label \(index) would be '\(name)', and has \(Int(mean.rounded())) HU in the mean: are these the labels "
        + "of another table? Spider's are \(scheme.table)"
    }
    return nil
  }
}

extension LabelScheme {
  /// The numbers and what they mean: "0 background, 1 soft_tissue, ...".
  package var table: String {
    classes.enumerated().map { "\($0) \($1)" }.joined(separator: ", ")
  }
}
