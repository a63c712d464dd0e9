import Foundation
import SpiderCore
import SpiderIO

/// Slices that belong together: of one series, one size, spacing and orientation.
struct CTSeries: Sendable {
  /// In no order yet.
  var slices: [CTSlice]

  /// The series in words, for lists to choose from.
  var summary: String {
    let first = slices[0]
    let name = first.seriesDescription.isEmpty ? "no description" : "'\(first.seriesDescription)'"
    return "CT, \(name), \(slices.count) slices of \(first.columns) x \(first.rows)"
  }

  /// Sorts slices to series.
  ///
  /// One UID may mix several: those differ in size, spacing or orientation, or lie on one another as
  /// acquisitions. Acquisitions that lie side by side are one scan in steps.
  static func sorted(_ slices: [CTSlice]) -> [CTSeries] {
    var groups: [CTSeries] = []
    for slice in slices where !slice.isLocalizer {
      if let index = groups.firstIndex(where: { $0.slices[0].isAlike(slice) }) {
        groups[index].slices.append(slice)
      } else {
        groups.append(CTSeries(slices: [slice]))
      }
    }
    return groups.flatMap(\.acquisitions)
  }

  /// Itself, or its acquisitions where slices lie on one another only between them.
  private var acquisitions: [CTSeries] {
    guard hasDoubles else { return [self] }
    let parts = Dictionary(grouping: slices, by: \.acquisition)
      .sorted { ($0.key ?? 0) < ($1.key ?? 0) }.map { CTSeries(slices: $0.value) }
    return parts.count > 1 && parts.allSatisfy({ !$0.hasDoubles && $0.slices.count > 1 })
      ? parts : [self]
  }

  private var hasDoubles: Bool {
    let places = slices.map { dot($0.position, slices[0].normal) }.sorted()
    return zip(places, places.dropFirst()).contains { $1 - $0 < CTGeometry.samePlace }
  }
}

extension CTSlice {
  fileprivate func isAlike(_ other: CTSlice) -> Bool {
    series == other.series && columns == other.columns && rows == other.rows
      && length(columnDirection - other.columnDirection) < 1e-3
      && length(rowDirection - other.rowDirection) < 1e-3
      && abs(spacing.x - other.spacing.x) < 1e-3 * spacing.x
      && abs(spacing.y - other.spacing.y) < 1e-3 * spacing.y
  }
}
