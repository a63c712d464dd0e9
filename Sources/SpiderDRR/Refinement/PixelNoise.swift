import SpiderImaging

/// The noise of an X-ray's line integrals, by how large they are: fewer photons get through more tissue, so that their
/// number's noise grows with the square root of its exponential.
///
/// It is told from the second differences along rows, so that it holds what edges there are, too.
package struct PixelNoise {
  /// The fewest differences by which a class is judged.
  private static let fewest = 64
  /// Line integrals beyond this are of one class.
  private static let classes = 16
  /// Open field: its numbers are cut off at 0, and so is their noise.
  private static let open: Float = 0.1

  /// The standard deviation of each class of line integrals, 0 to 1, 1 to 2, ...
  private let deviations: [Float]

  /// Nil where too few pixels show tissue.
  package init?(_ image: Radiograph) {
    let columns = image.geometry.columns
    var bends = [[Float]](repeating: [], count: Self.classes)
    for index in image.values.indices where (1..<columns - 1).contains(index % columns) {
      let isTissue = (index - 1...index + 1).allSatisfy {
        image.counts($0) && image.values[$0] > Self.open
      }
      guard isTissue else { continue }
      let (a, b, c) = (image.values[index - 1], image.values[index], image.values[index + 1])
      bends[Self.class(of: b)].append(abs(a - 2 * b + c))
    }
    let judged = bends.indices.filter { bends[$0].count >= Self.fewest }
    guard !judged.isEmpty else { return nil }
    // The median of |x| is 0.6745 of a normal deviation, and 1 + 4 + 1 variances are in each.
    let scale = 0.6745 * Float(6).squareRoot()
    let found = judged.map { bends[$0].sorted()[bends[$0].count / 2] / scale }
    // A class of few pixels is as the nearest of many.
    deviations = bends.indices.map { wanted in
      let nearest = judged.indices.min { abs(judged[$0] - wanted) < abs(judged[$1] - wanted) }
      return found[nearest ?? 0]
    }
  }

  /// The standard deviation of a line integral.
  package func deviation(at value: Float) -> Float { deviations[Self.class(of: value)] }

  private static func `class`(of value: Float) -> Int {
    value > 0 ? Int(min(value, Float(classes - 1))) : 0
  }
}
