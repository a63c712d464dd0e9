/// Finds what is in an X-ray but not of the patient: hot and dead pixels or lines, and letters, markers or
/// pieces of equipment that lie beside him in the open field.
///
/// Looked for among means of blocks, at most ``longestSide`` along the longer side: what is finer than that is
/// averaged away wherever the image is read.
///
/// - A *spike* differs from the median of the 5 x 5 blocks about it by more than ``leastSpike`` of the
///   image's span. Lines of one block are spikes throughout. Noise of low doses, edges of bone and teeth stay
///   below; where more than ``mostSpikes`` of the blocks are spikes they are the image's texture.
/// - A *mark* is a connected part of what is brighter than the open field, of ``smallestMark`` blocks to
///   ``largestMark`` of all, that does not touch the largest part, the patient.
struct MarkFinder {
  /// Blocks along the longer side.
  static let longestSide = 256
  /// As a share of the span from the open field to the head's brightest.
  static let leastSpike: Float = 0.35
  static let mostSpikes = 0.03
  /// How much brighter than the open field a mark is, as a share of the span, and above noise.
  static let leastMark: Float = 0.12
  static let largestMark = 0.03
  static let smallestMark = 6
  /// Below this many blocks a side nothing is fine.
  static let leastSide = 32

  let columns: Int
  let rows: Int
  /// Pixels of the radiograph along a block's side.
  let bin: Int
  private let means: [Float]
  private let span: Float
  /// Nil where it cannot be told for certain; then nothing is taken for a mark.
  private let open: OpenFieldEstimate?

  /// Nil for an image too small, or one that shows nothing.
  init?(_ radiograph: Radiograph) {
    let geometry = radiograph.geometry
    let bin =
      (max(geometry.columns, geometry.rows) + Self.longestSide - 1) / Self.longestSide
    let (columns, rows) = (geometry.columns / bin, geometry.rows / bin)
    guard min(columns, rows) >= Self.leastSide, let scale = radiograph.relativeScale
    else { return nil }
    (self.columns, self.rows, self.bin, span) = (columns, rows, bin, scale.span)
    open = OpenFieldEstimate(radiograph)
    means = (0..<columns * rows).map { block in
      var (sum, count): (Float, Float) = (0, 0)
      for row in block / columns * bin..<(block / columns + 1) * bin {
        for column in block % columns * bin..<(block % columns + 1) * bin {
          let index = row * geometry.columns + column
          guard radiograph.counts(index) else { continue }
          sum += radiograph.values[index]
          count += 1
        }
      }
      return count > 0 ? sum / count : .nan
    }
  }

  /// The blocks that are spikes, with the median about each.
  func spikes() -> [Int: Float] {
    var found: [Int: Float] = [:]
    let limit = Self.leastSpike * span
    for block in means.indices where means[block].isFinite {
      guard let (median, isThin) = surroundings(of: block), isThin,
        abs(means[block] - median) > limit
      else { continue }
      found[block] = median
    }
    return Double(found.count) <= Self.mostSpikes * Double(means.count) ? found : [:]
  }

  /// The blocks of all marks; spikes are no part of anything.
  func marks(without spikes: Set<Int>) -> Set<Int> {
    guard let open else { return [] }
    // Noise about the open field must not make parts.
    let level = open.level + max(Self.leastMark * open.span, 4 * open.noise)
    let bright = Mask(
      grid: VoxelGrid(nx: columns, ny: rows, nz: 1, affine: .identity),
      values: means.indices.map { means[$0] > level && !spikes.contains($0) })
    let parts = ConnectedComponents(bright)
    guard let patient = parts.largest else { return [] }
    let limit = Int(Self.largestMark * Double(means.count))
    let isMark = parts.sizes.map { $0 >= Self.smallestMark && $0 <= limit }
    return Set(
      parts.labels.indices.filter {
        let part = Int(parts.labels[$0])
        return part > 0 && part != patient && isMark[part - 1]
      })
  }

  /// The median of the 5 x 5 blocks about one that count, and whether at most six of them are as far from it
  /// as this one, as a line has: the corner of something larger has nine. Nil where fewer than eight count.
  private func surroundings(of block: Int) -> (median: Float, isThin: Bool)? {
    let (column, row) = (block % columns, block / columns)
    var window: [Float] = []
    window.reserveCapacity(25)
    for r in max(0, row - 2)...min(rows - 1, row + 2) {
      for c in max(0, column - 2)...min(columns - 1, column + 2) {
        let value = means[r * columns + c]
        if value.isFinite { window.append(value) }
      }
    }
    guard window.count >= 8 else { return nil }
    window.sort()
    let median = window[window.count / 2]
    let half = (means[block] - median) / 2
    let alike = window.count { half > 0 ? $0 - median > half : $0 - median < half }
    return (median, alike <= 6)
  }
}

/// An image without its marks, and how many pixels were touched.
public struct UnmarkedRadiograph: Sendable {
  /// The image: hot and dead pixels replaced by their neighbours' median, marks beside the patient masked.
  public let radiograph: Radiograph
  /// Pixels that were replaced.
  public let replaced: Int
  /// Pixels that were masked.
  public let masked: Int

  /// An image as it is.
  package init(_ radiograph: Radiograph, replaced: Int = 0, masked: Int = 0) {
    self.radiograph = radiograph
    self.replaced = replaced
    self.masked = masked
  }
}

extension Radiograph {
  /// The image without hot and dead pixels and lines, and without letters and markers beside the patient, as
  /// far as they can be found: `MarkFinder`.
  ///
  /// Letters that lie over the patient stay: nothing tells what is behind them.
  public func withoutMarks() -> UnmarkedRadiograph {
    guard let finder = MarkFinder(self) else { return UnmarkedRadiograph(self) }
    let spikes = finder.spikes()
    let marks = finder.marks(without: Set(spikes.keys))
    var result = self
    var (replaced, masked) = (0, 0)
    for (block, median) in spikes {
      finder.forEachPixel(of: block, columns: geometry.columns) { index in
        guard counts(index) else { return }
        result.values[index] = median
        replaced += 1
      }
    }
    if !marks.isEmpty {
      var mask = self.mask ?? [Bool](repeating: true, count: values.count)
      for block in marks {
        finder.forEachPixel(of: block, columns: geometry.columns) { index in
          if counts(index) { masked += 1 }
          mask[index] = false
        }
      }
      result.mask = mask
    }
    return UnmarkedRadiograph(result, replaced: replaced, masked: masked)
  }
}

extension MarkFinder {
  /// The pixels of a block in an image of so many columns.
  fileprivate func forEachPixel(of block: Int, columns width: Int, _ body: (Int) -> Void) {
    for row in block / columns * bin..<(block / columns + 1) * bin {
      for column in block % columns * bin..<(block % columns + 1) * bin {
        body(row * width + column)
      }
    }
  }
}
