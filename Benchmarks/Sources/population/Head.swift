import Foundation
import SpiderCore
import SpiderDRR

/// A head on the canonical grid, and what parts of it are there to be measured.
struct Head {
  let name: String
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
      name: name,
      statistics: intensities() + dimensions() + VaultThickness(self).statistics + lineIntegrals()
        + JawAndNeck(self).statistics)
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

/// A range of figures; empty where there are none.
func figure(_ range: (Double?, Double?)) -> String {
  range.0 == nil ? "" : "\(figure(range.0)) to \(figure(range.1))"
}

/// A figure with about three digits; empty where there is none.
func figure(_ value: Double?) -> String {
  guard let value else { return "" }
  return String(format: abs(value) >= 100 ? "%.0f" : abs(value) >= 10 ? "%.1f" : "%.2f", value)
}

extension Head {
  private static let bins: [(name: String, range: Range<Float>)] = [
    ("air, below -700", -2000 ..< -700), ("-700 to -200", -700 ..< -200),
    ("fat, -200 to -20", -200 ..< -20), ("-20 to 20", -20..<20), ("brain, 20 to 60", 20..<60),
    ("60 to 150", 60..<150), ("150 to 300", 150..<300), ("spongy bone, 300 to 700", 300..<700),
    ("700 to 1200", 700..<1200), ("dense bone, 1200 to 1800", 1200..<1800),
    ("enamel and metal, above 1800", 1800..<40_000),
  ]

  /// The histogram of HU and the share of bone, in the upper part.
  func intensities() -> [Statistic] {
    let isThere = covers(Self.upperPart)
    let values =
      isThere ? upper(Self.upperPart).filter(isBody).map { Double(ct.values[$0]) }.sorted() : []
    func share(_ isIn: (Double) -> Bool) -> Double? {
      values.isEmpty ? nil : 100 * Double(values.count(where: isIn)) / Double(values.count)
    }
    let shares = Self.bins.map { bin in
      Statistic(
        name: "HU \(bin.name)", unit: "%", value: share { bin.range.contains(Float($0)) })
    }
    let quantiles = [0.05, 0.25, 0.5, 0.75, 0.95, 0.99].map { level in
      Statistic(
        name: "HU, \(Int((100 * level).rounded())) % quantile", unit: "HU",
        value: quantile(values, level))
    }
    let bone = values.filter { $0 >= 300 }
    // A part of a skull says as much of what is inside as a whole one does: 100 mL are enough.
    let inside = upper(Self.upperPart).filter { labels.values[$0] == HeadLabel.intracranial }
    let isEnough = Double(inside.count) * abs(ct.grid.affine.determinant) > 1e5
    let brain = isEnough ? inside.map { Double(ct.values[$0]) }.sorted() : []
    let spread = quantile(brain, 0.75).map { $0 - (quantile(brain, 0.25) ?? 0) }
    return shares + quantiles + [
      Statistic(name: "bone fraction (300 HU and more)", unit: "%", value: share { $0 >= 300 }),
      Statistic(name: "median HU of bone", unit: "HU", value: quantile(bone, 0.5)),
      Statistic(name: "95 % quantile of bone", unit: "HU", value: quantile(bone, 0.95)),
      Statistic(name: "median HU inside the skull", unit: "HU", value: quantile(brain, 0.5)),
      Statistic(name: "interquartile range inside the skull", unit: "HU", value: spread),
    ]
  }

  /// Length and width of skin and bone above the ears, and the height down to the chin.
  func dimensions() -> [Statistic] {
    let part = covers(Self.vaultPart) ? upper(Self.vaultPart) : 0..<0
    func extent(_ axis: Int, _ isIn: (Int) -> Bool) -> Double? {
      let places = part.filter(isIn).map { ct.grid.voxel(at: $0)[axis] }
      // Single voxels of noise are no head: one in 2,000 may stick out at each end.
      let sorted = places.map(Double.init).sorted()
      guard let low = quantile(sorted, 0.0005), let high = quantile(sorted, 0.9995) else {
        return nil
      }
      return (high - low + 1) * ct.grid.spacing[axis]
    }
    let isBone = { (index: Int) in self.ct.values[index] >= 300 && self.isBody(index) }
    return [
      Statistic(name: "head length, skin", unit: "mm", value: extent(1, isBody)),
      Statistic(name: "head width above the ears, skin", unit: "mm", value: extent(0, isBody)),
      Statistic(name: "cranial length, bone", unit: "mm", value: extent(1, isBone)),
      Statistic(name: "cranial width, bone", unit: "mm", value: extent(0, isBone)),
      Statistic(name: "head height, crown to chin", unit: "mm", value: headHeight),
    ]
  }

  /// From the crown to the lowest part of the mandible, where there are both.
  private var headHeight: Double? {
    guard covers(Self.vaultPart) else { return nil }
    let heights = ct.grid.indices.filter { labels.values[$0] == HeadLabel.mandible }
      .map { height(ct.grid.voxel(at: $0).z) }.sorted()
    let millilitres = Double(heights.count) * abs(ct.grid.affine.determinant) / 1000
    guard millilitres > 15, let chin = quantile(heights, 0.002) else { return nil }
    return crown - chin
  }

  /// The histogram of line integrals at 70 keV above the level of the upper teeth, from both views.
  func lineIntegrals() -> [Statistic] {
    let isThere = covers(Self.upperPart)
    return [NamedView.pa, .left].flatMap { view -> [Statistic] in
      var values: [Double] = []
      if isThere, let geometry = try? ViewSetup().geometry(of: view) {
        let floor = geometry.matrix.project(Vector3(0, 0, crown - Self.upperPart)).y
        let image = JosephProjector().forward(Attenuation.standard.attenuation(of: ct), geometry)
        values = image.indices.filter {
          image[$0] > 0.3 && Double($0 / geometry.columns) < floor
        }.map { Double(image[$0]) }.sorted()
      }
      return [0.05, 0.25, 0.5, 0.75, 0.95, 0.995].map { level in
        let percent = (level * 1000).rounded() / 10
        let text = percent == percent.rounded() ? "\(Int(percent))" : "\(percent)"
        return Statistic(
          name: "line integrals \(view), \(text) % quantile", unit: "",
          value: quantile(values, level))
      }
    }
  }
}

extension VoxelGrid {
  fileprivate var indices: Range<Int> { 0..<count }
}
