import SpiderCore

/// The doubts whether a label map speaks of the classes of this head: another program's numbers may be the same and
/// mean other tissues, or the map may lie beside the patient; both show in the CT numbers under it.
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

  /// Tissue of less than this is air, HU, however coarse the volume.
  private static let air: Float = -500
  /// Tissue of which more than this share lies in air, or beyond the CT, is somewhere else.
  private static let mostInAir = 0.25

  /// What is doubtful of a label map, in words: it is empty, lies elsewhere, or is of another table. nil where nothing
  /// is, and of any other scheme.
  static func note(on labels: LabelVolume, of ct: Volume, scheme: LabelScheme) -> String? {
    guard scheme == .head else { return nil }
    let grid = labels.grid
    let shown = ct.grid == grid ? ct : ct.resampled(onto: grid, outside: .nan)
    var (sums, counts, tissue, misplaced) = (
      [Double](repeating: 0, count: scheme.count), [Int](repeating: 0, count: scheme.count), 0, 0
    )
    let isTissue = scheme.classes.map { range(of: $0)?.upperBound ?? -1 > 0 }
    for (label, value) in zip(labels.values, shown.values) where Int(label) < scheme.count {
      if isTissue[Int(label)] {
        tissue += 1
        misplaced += value >= air ? 0 : 1
      }
      guard value.isFinite else { continue }
      sums[Int(label)] += Double(value)
      counts[Int(label)] += 1
    }
    guard labels.values.contains(where: { 1..<scheme.count ~= Int($0) }) else {
      return "no voxel has a label: every structure counts as missed"
    }
    let share = Double(misplaced) / Double(max(1, tissue))
    guard share <= mostInAir else {
      return
        "\(Int((100 * share).rounded())) % of the tissue that they name lies in the CT's air or beyond it: do both show one "
        + "patient in one position? Spider's table is \(scheme.table)"
    }
    for (index, name) in scheme.classes.enumerated() where counts[index] >= fewestVoxels {
      let mean = sums[index] / Double(counts[index])
      guard let range = range(of: name), !range.contains(mean) else { continue }
      return
        "label \(index) would be '\(name)', and has \(Int(mean.rounded())) HU in the mean: are these the labels "
        + "of another table, or of another position? Spider's are \(scheme.table)"
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
