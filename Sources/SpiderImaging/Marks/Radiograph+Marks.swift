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
