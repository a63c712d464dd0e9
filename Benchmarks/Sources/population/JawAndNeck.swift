import SpiderCore

/// What a head is like from just above the condyles down to the neck: measured from the jaw, since many scans of patients
/// end below the crown.
struct JawAndNeck {
  private let head: Head
  private let places: [SIMD3<Int>]
  /// The slices of chin and condyles; nil where there is too little of a jaw.
  private let slices: ClosedRange<Int>?

  /// A jaw of less than this is cut off, mL.
  private static let leastJaw = 20.0
  /// How far beyond condyles and chin heads are measured, mm.
  private static let reach = 24.0

  init(_ head: Head) {
    self.head = head
    let grid = head.ct.grid
    places = (0..<grid.count).filter { head.labels.values[$0] == HeadLabel.mandible }
      .map { grid.voxel(at: $0) }
    let heights = places.map { Double($0.z) }.sorted()
    let volume = Double(places.count) * abs(grid.affine.determinant) / 1000
    guard volume >= Self.leastJaw, let low = quantile(heights, 0.002),
      let high = quantile(heights, 0.998)
    else {
      slices = nil
      return
    }
    slices = Int(low.rounded())...Int(high.rounded())
  }

  var statistics: [Statistic] { jaw + outline + tissue }

  /// Extent, volume and density of the jaw, its teeth included where labels count them.
  private var jaw: [Statistic] {
    let grid = head.ct.grid
    let isThere = slices != nil
    let values = places.map { Double(head.ct[$0.x, $0.y, $0.z]) }.sorted()
    func jaw(_ name: String, _ unit: String, _ value: @autoclosure () -> Double?) -> Statistic {
      Statistic(name: "jaw, \(name)", unit: unit, value: isThere ? value() : nil)
    }
    return [
      jaw("width", "mm", extent(places.map(\.x), grid.spacing.x)),
      jaw("volume", "mL", Double(places.count) * abs(grid.affine.determinant) / 1000),
      jaw("lower quartile", "HU", quantile(values, 0.25)),
      jaw("median", "HU", quantile(values, 0.5)),
    ]
  }

  /// Width, depth and area of the skin above the condyles, at the chin and below it.
  private var outline: [Statistic] {
    let steps = Int((Self.reach / head.ct.grid.spacing.z).rounded())
    let levels = [
      ("\(Int(Self.reach)) mm above the condyles", slices.map { $0.upperBound + steps }),
      ("at the condyles", slices?.upperBound), ("at the chin", slices?.lowerBound),
      ("\(Int(Self.reach)) mm below the chin", slices.map { $0.lowerBound - steps }),
    ]
    return levels.flatMap { name, slice -> [Statistic] in
      let found = slice.flatMap(skin)
      return [
        Statistic(name: "width \(name)", unit: "mm", value: found?.width),
        Statistic(name: "depth \(name)", unit: "mm", value: found?.depth),
        Statistic(name: "area \(name)", unit: "cm2", value: found?.area),
      ]
    }
  }

  /// What the head is made of between chin and condyles.
  private var tissue: [Statistic] {
    let grid = head.ct.grid
    let slice = grid.nx * grid.ny
    let range = slices.map { $0.lowerBound * slice..<($0.upperBound + 1) * slice } ?? 0..<0
    let body = range.filter(head.isBody).map { Double(head.ct.values[$0]) }
    let soft = range.filter { head.labels.values[$0] == HeadLabel.softTissue }
      .map { Double(head.ct.values[$0]) }
    let spine = range.count { head.labels.values[$0] == HeadLabel.cervicalSpine }
    func share(_ values: [Double], _ isIn: (Double) -> Bool) -> Double? {
      values.isEmpty ? nil : 100 * Double(values.count(where: isIn)) / Double(values.count)
    }
    func mean(_ values: [Double]) -> Double? {
      values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
    }
    let height = Double(slices?.count ?? 0) * grid.spacing.z
    return [
      Statistic(name: "face, 300 HU and more", unit: "%", value: share(body) { $0 >= 300 }),
      Statistic(
        name: "face, mean of what is above 100 HU", unit: "HU",
        value: mean(body.map { max(0, $0 - 100) })),
      Statistic(name: "face, below -500 HU", unit: "%", value: share(body) { $0 < -500 }),
      Statistic(
        name: "fat of the soft tissue, -200 to -30 HU", unit: "%",
        value: share(soft) { -200 < $0 && $0 < -30 }),
      Statistic(
        name: "spine, area", unit: "cm2",
        value: spine == 0
          ? nil : Double(spine) * abs(grid.affine.determinant) / (100 * height)),
    ]
  }

  /// The skin's extent in a slice; nil beyond the field of view and where the middle is not in the scan.
  private func skin(_ k: Int) -> (width: Double, depth: Double, area: Double)? {
    let grid = head.ct.grid
    guard (0..<grid.nz).contains(k) else { return nil }
    let slice = grid.nx * grid.ny
    let voxels = (k * slice..<(k + 1) * slice)
    let middle = voxels.filter {
      let place = grid.voxel(at: $0)
      return abs(place.x - grid.nx / 2) < grid.nx / 8 && abs(place.y - grid.ny / 2) < grid.ny / 5
    }
    let missing = middle.count { head.labels.values[$0] == LabelScheme.outsideScan }
    let body = voxels.filter(head.isBody).map { grid.voxel(at: $0) }
    guard missing * 50 < middle.count, body.count > 50,
      let width = extent(body.map(\.x), grid.spacing.x),
      let depth = extent(body.map(\.y), grid.spacing.y)
    else { return nil }
    return (width, depth, Double(body.count) * grid.spacing.x * grid.spacing.y / 100)
  }

  /// From the first place to the last, but for one in 500 at each end.
  private func extent(_ places: [Int], _ spacing: Double) -> Double? {
    let sorted = places.map(Double.init).sorted()
    guard let low = quantile(sorted, 0.002), let high = quantile(sorted, 0.998) else { return nil }
    return (high - low + 1) * spacing
  }
}
