/// Which numbers of a batch (N, C, ...) a normalisation takes together: a channel of one sample, which
/// lies together in memory, or a channel of all samples, which has to be gathered first.
package struct NormalizationGroup: Sendable {
  private let samples: Int
  private let channels: Int
  /// Numbers of a channel of one sample.
  private let size: Int
  private let isGathered: Bool
  /// Groups there are.
  package let count: Int
  /// Planes of a group, and numbers of a plane.
  package let planes: Int
  package let plane: Int

  package init(_ shape: [Int], overBatch: Bool) {
    (samples, channels, size) = (shape[0], shape[1], shape[2...].reduce(1, *))
    isGathered = overBatch && samples > 1
    count = overBatch ? channels : samples * channels
    let slices = shape.count == 5 ? shape[2] : 1
    planes = (overBatch ? samples : 1) * slices
    plane = size / slices
  }

  /// Memory for one gathered group.
  package func scratch() -> FloatSlice { .scratch(isGathered ? samples * size : 0) }

  /// The numbers of a group, together.
  package func gather(_ x: FloatSlice, _ item: Int, in scratch: FloatSlice) -> FloatSlice {
    guard isGathered else { return x.part(item * size, size) }
    for n in 0..<samples {
      scratch.part(n * size, size).copy(from: x.part((n * channels + item) * size, size))
    }
    return scratch
  }

  /// Where a group's results are to be written: their own place, or the gathered input's.
  package func target(_ y: FloatSlice, _ item: Int, scratch: FloatSlice) -> FloatSlice {
    isGathered ? scratch : y.part(item * size, size)
  }

  /// Brings gathered results to their places.
  package func scatter(_ results: FloatSlice, _ item: Int, to y: FloatSlice) {
    guard isGathered else { return }
    for n in 0..<samples {
      y.part((n * channels + item) * size, size).copy(from: results.part(n * size, size))
    }
  }
}
