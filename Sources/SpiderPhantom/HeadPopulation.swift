/// How a group of people is built: the ranges of size of soft parts and of density of bone that one head is drawn from.
///
/// Each trait is uniform within its range. What is the same in all groups (proportions of skulls, pose, teeth) is in
/// ``HeadPhantom/Options`` and in the generator.
public struct HeadPopulation: Sendable, Equatable {
  /// Years.
  public var age: ClosedRange<Double>
  /// Thickness of the scalp, mm.
  public var scalp: ClosedRange<Double>
  /// How far the skin of face and throat lies outside the nominal one, mm.
  public var padding: ClosedRange<Double>
  /// Thickness and share of fat against the nominal head.
  public var adiposity: ClosedRange<Double>
  /// Size of the neck against the nominal one.
  public var neckWidth: ClosedRange<Double>
  /// Depth of the neck against its width, relative to the nominal one.
  public var neckDepth: ClosedRange<Double>
  /// CT number of compact bone at 20 years, HU.
  public var compactBone: ClosedRange<Double>
  /// Density of spongy bone of face, jaw and skull base against the nominal one.
  public var spongyShare: ClosedRange<Double>
  /// How much nearer to its middle each surface of the massive bones of face, jaw and skull base lies than in the nominal
  /// head, mm. Rods, as the cheek's arch, lose a third of it, sheets and what is about the condyles nothing.
  public var thinning: ClosedRange<Double>
  /// How much the lining of the nose is swollen beyond the nominal one, mm.
  public var swelling: ClosedRange<Double>
  /// Size of the air between tongue and palate, as a share of the largest.
  public var mouthAir: ClosedRange<Double>
  /// Size of the vertebrae below the axis against the nominal ones.
  public var vertebrae: ClosedRange<Double>
  /// Offset of the CT numbers of the brain, HU: scanners differ, too.
  public var brain: ClosedRange<Double>
  /// Offset of the CT numbers of muscle, HU.
  public var muscle: ClosedRange<Double>

  /// Adults as the shipped weights met them first: slender, of dense bone.
  public static let nominal = HeadPopulation(
    age: 20...90, scalp: 4...6.8, padding: 0...0, adiposity: 0.25...1.3, neckWidth: 0.86...1.16,
    neckDepth: 1...1, compactBone: 1250...1850, spongyShare: 1...1, thinning: 0...0,
    swelling: 0...0, mouthAir: 0.25...1, vertebrae: 1...1, brain: -3...28, muscle: -8...8)

  /// Patients of head-and-neck radiotherapy: stouter necks and cheeks, less and lighter bone in face and jaw, less air.
  ///
  /// The ranges are fitted by hand to medians and spreads of 77 prepared planning CTs of OpenKBP (`Docs/Phantom.md`).
  public static let patients = HeadPopulation(
    age: 35...90, scalp: 5...9.5, padding: 0...9, adiposity: 0.2...1.15, neckWidth: 0.9...1.26,
    neckDepth: 1.02...1.28, compactBone: 950...1650, spongyShare: 0.15...0.85, thinning: 0.2...1.9,
    swelling: 0...1, mouthAir: 0...0.35, vertebrae: 1...1.15, brain: -32...18, muscle: -55...5)
}
