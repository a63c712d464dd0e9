import SpiderCore
import SpiderEvaluation

/// How well an answer shows one joint.
///
/// No joint is left out of a mean: every distance to a structure that an answer lacks counts as 20 mm, the reach of
/// the region, and its Dice is 0.
struct JointFigures: Sendable {
  /// The mean distance between the true and the answered surface of the lower jaw, both ways, mm.
  let condyle: Double
  /// The same of the skull, mm.
  let fossa: Double
  /// The overlaps of lower jaw, skull, and bone by its CT number.
  let mandibleDice: Double
  let skullDice: Double
  let denseDice: Double
  /// The true joint space, and the answered one, mm.
  let trueSpace: Double
  let space: Double
  /// Which of the two structures the answer lacks.
  let lacksMandible: Bool
  let lacksSkull: Bool

  /// How far the answered joint space is off, mm.
  var spaceError: Double { abs(space - trueSpace) }
  /// Whether lower jaw and skull share a face, an edge or a corner of voxels: there is no space between them.
  var touches: Bool { space < 1.8 * JointRegion.spacing }

  /// Compares an answer with the truth and its joint space.
  ///
  /// - Parameter space: the joint space that is stated rather than shown, mm.
  init(
    _ answer: JointImage, against truth: JointImage, _ trueSpace: Double,
    space stated: Double? = nil
  ) {
    let (jaw, skull) = (answer.mandible, answer.skull)
    func distance(_ a: Mask, _ b: Mask) -> Double {
      SurfaceDistances(a, b)?.averageSymmetric ?? JointRegion.reach
    }
    func dice(_ a: Mask, _ b: Mask) -> Double { OverlapMetrics.dice(a.values, b.values) ?? 0 }
    condyle = distance(jaw, truth.mandible)
    fossa = distance(skull, truth.skull)
    mandibleDice = dice(jaw, truth.mandible)
    skullDice = dice(skull, truth.skull)
    denseDice = dice(answer.dense, truth.dense)
    self.trueSpace = trueSpace
    space = stated ?? answer.space ?? JointRegion.reach
    lacksMandible = !jaw.values.contains(true)
    lacksSkull = !skull.values.contains(true)
  }
}
