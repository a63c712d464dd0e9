import SpiderImaging

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
        "its walls are too faint below; the tissue there is unknown")
      explain(
        Array(bones.dropFirst()), "the base of the skull is too faint to measure from")
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
          : "no chin was found before the neck")
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
