import SpiderImaging

/// Which pixels of an X-ray say something of a volume: those whose rays meet all their tissue within its box.
///
/// Rays that go in or out by the box's two ends along its third axis, or leave it through tissue, have neck and
/// shoulders before or behind them that the box does not hold. They are left out, unless the picture shows that
/// nothing is there: where most of them measure no more than the box alone explains.
struct InformativeRays {
  /// What the volume's line integrals may be of the measured ones, as a whole. Of the shipped model's answers
  /// they were 1.00 to 1.12 for true line integrals (30 phantoms, 17 real heads), and 0.72 to 0.99 in some view for those of
  /// hardened or scattered beams wherever they would have done harm (Docs/Refinement.md).
  static let credibleGains = 0.99...1.12
  /// The same where the X-ray's file says that they are line integrals at this energy.
  static let statedGains = 0.9...1.15
  /// Line integrals below this are not compared by ratio.
  private static let shortest: Float = 0.3
  /// A ray measures more than the box explains where the box has less than this share of it.
  private static let missing: Float = 0.8
  /// The share of such rays among those through the ends at which there is something beyond.
  private static let mostMissing = 0.25
  /// The fewest rays by which a median is taken.
  fileprivate static let fewest = 32

  /// Whether each pixel counts.
  let counting: [Bool]
  /// The median of predicted over measured line integrals; nil where too few show tissue.
  let gain: Float?
  /// Pixels that count in themselves, whose rays go through the box's ends or leave it through tissue.
  private let doubtful: [Bool]

  init(_ image: Radiograph, _ predicted: [Float], of ct: Volume, _ exits: TruncatedTissue) {
    let geometry = image.geometry
    let passage = BoxPassage(through: ct.grid, geometry)
    let open = exits.mask(geometry, grid: ct.grid)
    var counting = [Bool](repeating: false, count: geometry.count)
    var doubtful = counting
    for index in counting.indices where image.counts(index) {
      let (column, row) = (index % geometry.columns, index / geometry.columns)
      guard let axes = passage.axes(column: Double(column), row: Double(row)) else { continue }
      let isWhole = axes.enter != 2 && axes.leave != 2 && open?[index] ?? true
      counting[index] = isWhole
      doubtful[index] = !isWhole
    }
    self.counting = counting
    self.doubtful = doubtful
    gain = Self.ratios(predicted, image.values, counting).median
  }

  /// Whether the numbers of an X-ray may be line integrals; of few rays nothing is known, and nothing said against it.
  func mayBeLineIntegrals(_ image: Radiograph) -> Bool {
    guard let gain else { return true }
    let isStated = image.photonEnergy.map { abs($0 - Attenuation.standard.keV) < 0.5 } ?? false
    return (isStated ? Self.statedGains : Self.credibleGains).contains(Double(gain))
  }

  /// ``counting``, and the doubtful rays too where nothing is beyond the box.
  ///
  /// - Parameter target: line integrals, measured or made by a tone curve.
  func extended(_ target: [Float], _ predicted: [Float]) -> [Bool] {
    let ratios = Self.ratios(predicted, target, doubtful)
    guard let gain = Self.ratios(predicted, target, counting).median, ratios.count >= Self.fewest
    else { return counting }
    let short = ratios.count { $0 < Self.missing * gain }
    guard Double(short) < Self.mostMissing * Double(ratios.count) else { return counting }
    return zip(counting, doubtful).map { $0 || $1 }
  }

  private static func ratios(
    _ predicted: [Float], _ measured: [Float], _ pixels: [Bool]
  ) -> [Float] {
    measured.indices.compactMap { index in
      guard pixels[index], measured[index] > shortest else { return nil }
      return predicted[index] / measured[index]
    }
  }
}

extension [Float] {
  /// The median of many; nil of few.
  fileprivate var median: Float? {
    guard self.count >= InformativeRays.fewest else { return nil }
    return sorted()[self.count / 2]
  }
}
