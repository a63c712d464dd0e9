import SpiderCore
import SpiderEvaluation

/// How well an answer shows one joint.
struct JointFigures: Sendable {
  /// The true joint space, mm.
  let trueSpace: Double
  /// What its labels show; nil from who has none.
  let labelled: LabelFigures?
  /// What its CT numbers show.
  let dense: DenseFigures

  /// Compares an answer with the truth and its gap.
  ///
  /// - Parameter space: the joint space that is stated rather than shown, mm.
  init(
    _ answer: JointImage, against truth: JointImage, _ gap: JointGap,
    space stated: Double? = nil
  ) {
    trueSpace = gap.width
    labelled = LabelFigures(answer, against: truth, trueSpace: gap.width, space: stated)
    dense = DenseFigures(answer, against: truth, gap)
  }

  /// The mean distance between two surfaces, both ways, mm; 20 mm, the reach of the region, where either lacks.
  fileprivate static func distance(_ a: Mask, _ b: Mask) -> Double {
    SurfaceDistances(a, b)?.averageSymmetric ?? JointRegion.reach
  }

  /// The overlap of two structures; 0 where either lacks.
  fileprivate static func dice(_ a: Mask, _ b: Mask) -> Double {
    OverlapMetrics.dice(a.values, b.values) ?? 0
  }
}

/// What the labels of an answer show of a joint.
///
/// No joint is left out of a mean: every distance to a structure that an answer lacks counts as 20 mm, the reach of
/// the region, and its Dice is 0.
struct LabelFigures: Sendable {
  /// The mean distance between the true and the answered surface of the lower jaw, both ways, mm.
  let condyle: Double
  /// The same of the skull, mm.
  let fossa: Double
  /// The overlaps of lower jaw and skull.
  let mandibleDice: Double
  let skullDice: Double
  /// The answered joint space, mm, and how far it is off.
  let space: Double
  let spaceError: Double
  /// Which of the two structures the answer lacks.
  let lacksMandible: Bool
  let lacksSkull: Bool

  /// Whether lower jaw and skull share a face, an edge or a corner of voxels: there is no space between them.
  var touches: Bool { space < 1.8 * JointRegion.spacing }

  /// Compares labels; nil where the answer or the truth has none.
  fileprivate init?(
    _ answer: JointImage, against truth: JointImage, trueSpace: Double, space stated: Double?
  ) {
    guard let jaw = answer.mandible, let skull = answer.skull, let trueJaw = truth.mandible,
      let trueSkull = truth.skull
    else { return nil }
    condyle = JointFigures.distance(jaw, trueJaw)
    fossa = JointFigures.distance(skull, trueSkull)
    mandibleDice = JointFigures.dice(jaw, trueJaw)
    skullDice = JointFigures.dice(skull, trueSkull)
    space = stated ?? answer.gap?.width ?? JointRegion.reach
    spaceError = abs(space - trueSpace)
    lacksMandible = !jaw.values.contains(true)
    lacksSkull = !skull.values.contains(true)
  }
}

/// What the CT numbers of an answer show of a joint.
struct DenseFigures: Sendable {
  /// The overlap of what is bone by its CT number.
  let dice: Double
  /// The mean distance between the true and the answered surface of it, both ways, mm.
  let surface: Double
  /// The joint space that they show.
  let gap: DenseGap
  /// How far its width is off the true joint space, mm.
  let gapError: Double
  /// The CT number in the middle of the true gap, HU.
  let middle: Double

  fileprivate init(_ answer: JointImage, against truth: JointImage, _ gap: JointGap) {
    let (bone, trueBone) = (answer.dense, truth.dense)
    dice = JointFigures.dice(bone, trueBone)
    surface = JointFigures.distance(bone, trueBone)
    self.gap = DenseGap(answer.ct, along: gap)
    gapError = abs(self.gap.width - gap.width)
    // Both ends lie in the region, so what is between them does.
    middle = Double(answer.ct.hounsfield(at: (gap.jaw + gap.skull) / 2) ?? .nan)
  }
}
