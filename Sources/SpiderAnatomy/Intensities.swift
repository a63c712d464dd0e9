import SpiderImaging

/// The distribution of a volume's values: range, the peaks of its lower and upper part, and the
/// value that its rim has.
struct Intensities {
  /// A peak of a distribution.
  struct Peak {
    /// Its place.
    var value: Float = .nan
    /// Whether a quarter of its part and more lies within a fiftieth of the range about it.
    var isNarrow = false
  }

  /// The smallest finite value.
  private(set) var low = Float.infinity
  /// The largest.
  private(set) var high = -Float.infinity
  /// The share of values that are the smallest.
  private(set) var shareOfLow = 0.0
  /// Whether all looked at are whole numbers.
  private(set) var isWhole = true
  /// The most frequent value below the threshold that parts the values best in two (Otsu 1979).
  private(set) var lower = Peak()
  /// The most frequent above it.
  private(set) var upper = Peak()
  /// The most frequent value on the faces of the box; NaN when nothing there was measured.
  private(set) var rim = Float.nan
  /// The share of the faces near it.
  private(set) var rimShare = 0.0

  /// The most values looked at for peaks.
  private static let sampleCount = 1 << 20
  private static let bins = 1024

  /// Looks at the values of a mask, or at all.
  init(_ ct: Volume, _ mask: Mask?) {
    let stride = max(1, ct.values.count / Self.sampleCount)
    var samples: [Float] = []
    var lows = 0
    var count = 0
    for index in ct.values.indices {
      let value = ct.values[index]
      guard value.isFinite, mask?.values[index] ?? true else { continue }
      if value < low { (low, lows) = (value, 0) }
      lows += value == low ? 1 : 0
      high = max(high, value)
      if count % stride == 0 { samples.append(value) }
      count += 1
    }
    guard low < high else { return }
    shareOfLow = Double(lows) / Double(count)
    isWhole = samples.allSatisfy { $0 == $0.rounded() }
    findPeaks(samples)
    findRim(ct, mask)
  }

  /// The range of a histogram: without the last thousandth at either end, where metal and noise are.
  private mutating func findPeaks(_ unsorted: [Float]) {
    let samples = unsorted.sorted()
    let cut = samples.count / 1000
    let (first, last) = (samples[cut], samples[samples.count - 1 - cut])
    guard first < last else {
      (lower.value, upper.value) = (first, last)
      return
    }
    let width = (last - first) / Float(Self.bins)
    var histogram = [Int](repeating: 0, count: Self.bins)
    for value in samples where value >= first && value <= last {
      histogram[min(Self.bins - 1, Int((value - first) / width))] += 1
    }
    let split = Self.split(of: histogram)
    lower = Self.peak(of: histogram, in: 0..<split, from: first, width)
    upper = Self.peak(of: histogram, in: split..<Self.bins, from: first, width)
  }

  /// The bin that starts the upper part.
  private static func split(of histogram: [Int]) -> Int {
    let total = Double(histogram.reduce(0, +))
    let sum = histogram.enumerated().reduce(0.0) { $0 + Double($1.offset * $1.element) }
    var (count, part, best, split) = (0.0, 0.0, -1.0, 1)
    for bin in 0..<(histogram.count - 1) {
      count += Double(histogram[bin])
      part += Double(bin * histogram[bin])
      guard count > 0, count < total else { continue }
      let gap = part / count - (sum - part) / (total - count)
      let between = count * (total - count) * gap * gap
      if between > best { (best, split) = (between, bin + 1) }
    }
    return split
  }

  private static func peak(
    of histogram: [Int], in range: Range<Int>, from first: Float, _ width: Float
  ) -> Peak {
    // Five bins together: quantised values leave every second one empty.
    func mass(_ bin: Int, _ reach: Int) -> Int {
      histogram[max(range.lowerBound, bin - reach)...min(range.upperBound - 1, bin + reach)]
        .reduce(0, +)
    }
    let top = range.max { mass($0, 2) < mass($1, 2) } ?? range.lowerBound
    let around = max(range.lowerBound, top - 2)...min(range.upperBound - 1, top + 2)
    let weight = around.reduce(0) { $0 + histogram[$1] }
    let place = around.reduce(0.0) { $0 + (Double($1) + 0.5) * Double(histogram[$1]) }
    let center = weight > 0 ? place / Double(weight) : Double(top)
    let part = range.reduce(0) { $0 + histogram[$1] }
    return Peak(
      value: first + Float(center) * width,
      isNarrow: 4 * mass(top, histogram.count / 50) >= part)
  }

  private mutating func findRim(_ ct: Volume, _ mask: Mask?) {
    let grid = ct.grid
    var values: [Float] = []
    for k in 0..<grid.nz {
      for j in 0..<grid.ny {
        let isFace = k == 0 || k == grid.nz - 1 || j == 0 || j == grid.ny - 1
        let places = isFace ? Array(0..<grid.nx) : [0, grid.nx - 1]
        for i in places {
          let index = grid.index(i, j, k)
          guard ct.values[index].isFinite, mask?.values[index] ?? true else { continue }
          values.append(ct.values[index])
        }
      }
    }
    guard !values.isEmpty else { return }
    values.sort()
    // The value about which most of the rim lies: the middle of the densest window.
    let reach: Float = 100
    var (start, best, place) = (0, 0, 0)
    for end in values.indices {
      while values[end] - values[start] > 2 * reach { start += 1 }
      if end - start + 1 > best { (best, place) = (end - start + 1, (start + end) / 2) }
    }
    rim = values[place]
    rimShare = Double(best) / Double(values.count)
  }
}
