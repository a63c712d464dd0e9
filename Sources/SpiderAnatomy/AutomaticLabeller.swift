import SpiderImaging

/// Labels of the head scheme from a CT alone, by thresholds, morphology and connected parts.
///
/// It is right about what is easy (air, bone, the cranial cavity) and says 255, unknown, about bone
/// it cannot attribute. It is *not* a diagnostic segmentation.
public struct AutomaticLabeller: Sendable {
  /// Grows with every change that changes labels; stored with data sets.
  public static let version = 6
  /// HU from which a voxel is bone, the threshold of the `bone_hu` metric.
  package static let boneThreshold: Float = 300
  /// HU below which a voxel inside the body is air.
  package static let airThreshold: Float = -400

  /// The largest voxel edge, mm, in which walls are still walls.
  private static let coarsest = 4.5
  /// The voxel edge, mm, on which a cavity is looked for again where none was found.
  private static let averaging = 4.0

  /// Creates the labeller.
  public init() {}

  /// Labels a CT in HU on the CT's own grid, whatever its orientation.
  ///
  /// - Parameter covered: where the scan is, when the volume holds more than it; outside it the
  ///   labels are 254.
  public func labels(of ct: Volume, covered: Mask? = nil) -> LabelVolume {
    examine(ct, covered: covered).labels
  }

  /// As ``labels(of:covered:)``, with what was found on the way.
  package func examine(
    _ ct: Volume, covered: Mask? = nil
  ) -> (labels: LabelVolume, findings: LabelFindings) {
    let known = covered ?? Mask(grid: ct.grid, repeating: true)
    precondition(known.grid == ct.grid, "the scan mask must lie on the grid of the CT")
    let isCoarse = ct.grid.spacing.max() > Self.coarsest
    let own = Self.isWorkable(ct.grid) ? ct.grid : ct.grid.covering(spacing: 2)
    guard var scene = Self.scene(ct, known, on: own) else {
      return (Self.withoutPatient(ct, covered: known), LabelFindings())
    }
    // Thin bone of thick slices has gaps as wide as its voxels: on voxels that average over them the cavity closes.
    if scene.cavity == nil, own.spacing.max() < Self.averaging,
      let wider = Self.scene(ct, known, on: ct.grid.covering(spacing: Self.averaging)),
      wider.cavity != nil
    {
      scene = wider
    }
    let (scan, mask) = (scene.ct, scene.covered)
    let (coarse, findings) = workedLabels(of: scene)
    let anatomy = CoarseAnatomy(labels: coarse, body: scene.body, covered: mask)
    let refiner = LabelRefiner()
    var labels: LabelVolume
    if isCoarse {
      labels = refiner.refine(scan, covered: mask, anatomy: anatomy)
        .resampled(onto: ct.grid, outside: LabelScheme.unknown)
      // Voxels at the rim whose nearest working voxel is just outside the scan.
      for index in labels.values.indices where labels.values[index] == LabelScheme.outsideScan {
        labels.values[index] = LabelScheme.unknown
      }
    } else {
      labels = refiner.refine(ct, covered: known, anatomy: anatomy)
    }
    for index in labels.values.indices where !known.values[index] {
      labels.values[index] = LabelScheme.outsideScan
    }
    return (labels, findings)
  }

  /// What a CT shows on a grid to work on; nil when there is no patient.
  private static func scene(_ ct: Volume, _ covered: Mask, on work: VoxelGrid) -> AnatomyScene? {
    work == ct.grid
      ? AnatomyScene(ct: ct, covered: covered)
      : AnatomyScene(
        ct: ct.resampled(onto: work, outside: -1000), covered: covered.resampled(onto: work))
  }

  /// Whether the steps can run on a grid as it is: axes along the world's, voxels neither so small
  /// that it takes long nor so large that walls vanish.
  private static func isWorkable(_ grid: VoxelGrid) -> Bool {
    let axes = grid.affine
    let diagonal = Affine(
      columns: (
        Vector3(axes.columns.0.x, 0, 0), Vector3(0, axes.columns.1.y, 0),
        Vector3(0, 0, axes.columns.2.z)
      ), translation: axes.translation)
    let steps = Vector3(axes.columns.0.x, axes.columns.1.y, axes.columns.2.z)
    return diagonal == axes && steps.min() >= 1.2 && steps.max() <= coarsest
  }

  /// Air and what cannot be told.
  private static func withoutPatient(_ ct: Volume, covered: Mask) -> LabelVolume {
    ct.withValues(
      zip(ct.values, covered.values).map { hu, known in
        known ? (hu < -300 ? HeadLabel.background : LabelScheme.unknown) : LabelScheme.outsideScan
      })
  }

  private func workedLabels(of scene: AnatomyScene) -> (LabelVolume, LabelFindings) {
    let frame = scene.cavity.flatMap { cavity in
      cavity.isClosed ? CranialAxes(cavity: cavity.mask, covered: scene.covered) : nil
    }
    let intracranial = scene.cavity.map { cavity in
      frame.map { cavity.mask.above($0) } ?? cavity.mask
    }
    let splitter = BoneSplitter()
    var (bones, jaw) = splitter.split(scene, frame: frame, intracranial: intracranial)
    BoneFiller().fill(&bones, in: scene, keepOut: intracranial)
    // Without a cavity nobody knows what of the tissue within bone is brain.
    let beyond = scene.cavity.map(\.beyond) ?? IntracranialFinder.enclosed(in: scene)
    let labels = scene.ct.values.indices.map { index -> UInt8 in
      if !scene.covered.values[index] { return LabelScheme.outsideScan }
      if !scene.body.values[index] { return HeadLabel.background }
      if let intracranial, intracranial.values[index] { return HeadLabel.intracranial }
      if bones[index] != 0 { return bones[index] }
      if scene.ct.values[index] < Self.airThreshold { return HeadLabel.airCavities }
      if let beyond, beyond.values[index] { return LabelScheme.unknown }
      return HeadLabel.softTissue
    }
    let findings = LabelFindings(scene: scene, frame: frame, jaw: jaw)
    return (scene.ct.withValues(labels), findings)
  }
}

extension Image3D where Voxel == Bool {
  /// The part of a cranial cavity above the foramen magnum.
  fileprivate func above(_ frame: CranialAxes) -> Mask {
    Mask(grid: grid) { k in
      let start = k * grid.nx * grid.ny
      return (start..<(start + grid.nx * grid.ny)).map { index in
        values[index] && frame.coordinates(of: grid.worldPoint(of: index)).z >= 0
      }
    }
  }
}

/// The findings of the automatic labeller besides its labels: pose, cavity and missing structures.
public struct LabelFindings: Codable, Equatable, Sendable {
  /// Degrees by which the head is bent back (positive) or bowed (negative); nil when the scan does
  /// not show the cranial cavity whole.
  public var pitchDegrees: Double?
  /// Degrees by which it is turned: positive to the patient's left. Nil without a cavity.
  public var turnDegrees: Double?
  /// Degrees by which it is inclined: positive when its right side is higher. Nil without a cavity.
  public var inclinationDegrees: Double?
  /// mL of the cranial cavity within the field of view; nil when none was found.
  public var cavity: Double?
  /// Why structures of the scheme have no label or an uncertain one, by their names.
  public var missing: [String: String] = [:]

  enum CodingKeys: String, CodingKey {
    case pitchDegrees = "pitch_degrees"
    case turnDegrees = "turn_degrees"
    case inclinationDegrees = "inclination_degrees"
    case cavity = "cranial_cavity_ml"
    case missing
  }

  /// The pose of the head in words; nil when it is unknown.
  var pose: String? {
    guard let turnDegrees, let inclinationDegrees else { return nil }
    func whole(_ angle: Double) -> Int { Int(abs(angle).rounded()) }
    var parts: [String] = []
    if let pitchDegrees, whole(pitchDegrees) > 0 {
      parts.append(
        "\(pitchDegrees > 0 ? "bent back" : "bowed") by \(whole(pitchDegrees)) degrees")
    }
    if whole(turnDegrees) > 0 {
      parts.append("turned to the \(turnDegrees > 0 ? "left" : "right") by \(whole(turnDegrees))")
    }
    if whole(inclinationDegrees) > 0 {
      parts.append(
        "inclined to the \(inclinationDegrees > 0 ? "left" : "right") by "
          + "\(whole(inclinationDegrees))")
    }
    return parts.isEmpty ? nil : "the head is " + parts.joined(separator: ", ")
  }

  /// Nothing found: there is no patient.
  init() {}

  /// Gathers what the steps of the labeller found.
  init(scene: AnatomyScene, frame: CranialAxes?, jaw: Jaw?) {
    func explain(_ labels: [UInt8], _ reason: String) {
      for label in labels { missing[LabelScheme.head.classes[Int(label)]] = reason }
    }
    let bones = [HeadLabel.skull, HeadLabel.mandible, HeadLabel.cervicalSpine]
    guard let found = scene.cavity else {
      explain(
        [HeadLabel.intracranial] + bones,
        "no cranial cavity was found to measure from; bone is unknown")
      return
    }
    cavity = Double(found.mask.population) * scene.voxelVolume
    guard let frame else {
      explain(
        [HeadLabel.intracranial],
        "its floor was not found: walls too faint, or beyond the scan; the tissue there is unknown")
      explain(
        Array(bones.dropFirst()),
        "the base of the skull was not found to measure from: too faint, or beyond the scan")
      return
    }
    pitchDegrees = frame.pitch
    turnDegrees = frame.yaw
    inclinationDegrees = frame.roll
    let below = Self.depth(of: scene, below: frame)
    if jaw == nil {
      explain(
        [HeadLabel.mandible],
        below < 50
          ? "the scan ends \(Int(max(0, below).rounded())) mm below the base of the skull"
          : "no chin was recognised in front of the neck")
    }
    if below < 14 {
      explain([HeadLabel.cervicalSpine], "the scan ends at the base of the skull")
    }
  }

  /// The depth of the body's scan below the foramen magnum, mm.
  private static func depth(of scene: AnatomyScene, below frame: CranialAxes) -> Double {
    let lowest = scene.body.values.indices.lazy.filter {
      scene.body.values[$0] && scene.covered.values[$0]
    }.map { frame.coordinates(of: scene.grid.worldPoint(of: $0)).z }.min()
    return -(lowest ?? 0)
  }
}
