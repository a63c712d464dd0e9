import Foundation

extension NIfTISummary: FileSummary {
  /// "volume", or "image" when it is a single slice.
  public var kind: String { shape.allSatisfy { $0 > 1 } ? "volume" : "image" }

  /// Shape, place and values in words.
  public var facts: [(name: String, value: String)] {
    func number(_ value: Double?) -> String {
      value.map { String(format: "%.6g", $0) } ?? "none is finite"
    }
    var facts = [
      (name: "voxels", value: shape.map(String.init).joined(separator: " x ")),
      ("spacing", spacing.map { String(format: "%.4g", $0) }.joined(separator: " x ") + " mm"),
      ("orientation", orientation ?? "not stated"),
      ("stored as", datatype), ("smallest value", number(minimum)),
      ("largest value", number(maximum)), ("mean", number(mean)),
    ]
    for (index, row) in (affine ?? []).prefix(3).enumerated() {
      let numbers = row.map { String(format: "%10.4f", $0) }.joined(separator: " ")
      facts.append((index == 0 ? "voxel to world [mm]" : "", numbers))
    }
    return facts + notes.map { ("note", $0) }
  }
}
