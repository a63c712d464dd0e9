import Foundation
import SpiderCore

/// A head on the canonical grid, and what parts of it are there to be measured.
struct Head {
  let name: String
  let isReal: Bool
  let ct: Volume
  let labels: LabelVolume

  /// The part that every statistic but the head's height is taken of: from the crown down to about the
  /// level of the upper teeth, where necks and shoulders play no part.
  static let upperPart = 140.0
  /// The part above the ears, where length and width are taken.
  static let vaultPart = 100.0

  /// All statistics of this head.
  func measured() -> MeasuredHead {
    MeasuredHead(
      name: name, isReal: isReal,
      statistics: intensities() + dimensions() + VaultThickness(self).statistics + lineIntegrals())
  }

  /// Whether a voxel belongs to the patient, cavities included.
  func isBody(_ index: Int) -> Bool {
    let label = labels.values[index]
    return label != HeadLabel.background && label != LabelScheme.outsideScan
  }

  /// World height of a slice.
  func height(_ slice: Int) -> Double { ct.grid.worldPoint(0, 0, Double(slice)).z }

  /// The height of the crown: the uppermost slice with 8 cm^2 of the patient.
  var crown: Double {
    let voxels = Int(800 / (ct.grid.spacing.x * ct.grid.spacing.y))
    let slice = ct.grid.nx * ct.grid.ny
    for k in (0..<ct.grid.nz).reversed()
    where (k * slice..<(k + 1) * slice).count(where: isBody) >= voxels {
      return height(k) + ct.grid.spacing.z / 2
    }
    return .nan
  }

  /// The voxels of the slices between the crown and a depth under it.
  func upper(_ depth: Double) -> Range<Int> {
    let slice = ct.grid.nx * ct.grid.ny
    let (top, bottom) = (crown, crown - depth)
    let slices = (0..<ct.grid.nz).filter { height($0) <= top && height($0) >= bottom }
    guard let first = slices.first, let last = slices.last else { return 0..<0 }
    return first * slice..<(last + 1) * slice
  }

  /// Whether a part under the crown is in the scan, the slices just above the crown included: where the
  /// vault is cut off there is no crown.
  func covers(_ depth: Double) -> Bool {
    let slice = ct.grid.nx * ct.grid.ny
    let part = upper(depth)
    guard !part.isEmpty else { return false }
    let above = min(ct.grid.count, part.upperBound + 3 * slice)
    // Real scans are narrower than the field of view: only the middle 160 mm must be covered.
    let counted = (part.lowerBound..<above).filter { index in
      let voxel = ct.grid.voxel(at: index)
      let point = ct.grid.worldPoint(Double(voxel.x), Double(voxel.y), 0)
      return abs(point.x) < 60 && abs(point.y) < 80
    }
    let missing = counted.count { labels.values[$0] == LabelScheme.outsideScan }
    return Double(missing) < 0.01 * Double(counted.count)
  }
}

/// One number of a head; nil where too little of the head is there.
struct Statistic {
  let name: String
  let unit: String
  let value: Double?
}

/// A head's numbers.
struct MeasuredHead {
  let name: String
  let isReal: Bool
  let statistics: [Statistic]
}

/// The value below which a share of sorted numbers lies; nil of none.
func quantile(_ sorted: [Double], _ share: Double) -> Double? {
  guard let last = sorted.last else { return nil }
  let place = share * Double(sorted.count - 1)
  let index = Int(place)
  guard index + 1 < sorted.count else { return last }
  return sorted[index] + (place - Double(index)) * (sorted[index + 1] - sorted[index])
}
