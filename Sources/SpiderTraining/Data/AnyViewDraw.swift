import Foundation
import SpiderCore
import SpiderSupport

/// The X-rays that a model learns from which reads any views: how many, from which directions, from how far.
///
/// Half of the patients are taken as people take heads: one view from the front or behind, the next from a side, more
/// from the sides left or between. The others are taken from anywhere around the head. Tubes are mostly level, some
/// are raised or lowered, as for Caldwell's, Towne's and Waters' views.
struct AnyViewDraw: Sendable {
  /// The share of patients taken as people take them.
  private static let usual = 0.5
  /// How far such directions are off, degrees.
  private static let turn = 10.0
  /// The share of X-rays with a tube that is tilted much, and by how much at most, degrees; the others by little.
  private static let tilted = (share: 0.25, most: AnyViewMatching.learnedTilt, little: 4.0)
  /// Distances from source to isocentre, mm; half of the patients have the model's own.
  private static let distances = AnyViewMatching.learnedDistances

  private let counts: ViewCounts
  private let ruleCount: Int
  private let setup: ViewSetup

  /// nil for models that read the views that they name.
  init?(_ model: ModelDescription) {
    guard let counts = model.architecture.anyViews else { return nil }
    self.counts = counts
    ruleCount = model.architecture.viewCount
    setup = model.setup
  }

  /// How many X-rays each patient of a step has: half of the time as many as the model is validated with, any other
  /// number equally often.
  func count(step: Int, seed: UInt64) -> Int {
    var random = SeededGenerator(seed: seed).fork(UInt64(step)).fork(.max)
    let others = (counts.least...counts.most).filter { $0 != ruleCount }
    guard !others.isEmpty, random.uniform() < 0.5 else { return ruleCount }
    return others[random.index(below: others.count)]
  }

  /// The geometries of so many X-rays, on the model's detector, about the origin.
  func geometries(
    _ count: Int, _ random: inout SeededGenerator
  ) throws -> [ProjectionGeometry] {
    let isUsual = random.uniform() < Self.usual
    let sides = Self.sides(count, &random)
    var setup = setup
    if random.uniform() < 0.5 {
      let (low, high) = (log(Self.distances.lowerBound), log(Self.distances.upperBound))
      let distance = exp(random.uniform(in: low...high))
      // The pixels stay as large at the isocentre, as wherever X-rays are brought to the model's detector.
      setup.sourceToDetector *= distance / setup.sourceToAxis
      setup.sourceToAxis = distance
    }
    return try (0..<count).map { number in
      let angle =
        isUsual
        ? sides[number] + random.uniform(in: -Self.turn...Self.turn)
        : random.uniform(in: -180...180)
      let reach =
        random.uniform() < Self.tilted.share ? Self.tilted.most : Self.tilted.little
      return try setup.geometry(
        of: .gantry(degrees: angle), tiltDegrees: random.uniform(in: -reach...reach))
    }
  }

  /// Gantry angles of X-rays as people take them.
  private static func sides(_ count: Int, _ random: inout SeededGenerator) -> [Double] {
    let front = random.uniform() < 0.5 ? 0.0 : 180
    let side = random.uniform() < 0.5 ? 90.0 : 270
    var angles = random.uniform() < 0.5 ? [front, side] : [side, front]
    while angles.count < count { angles.append(45 * Double(random.index(below: 8))) }
    return angles
  }
}
