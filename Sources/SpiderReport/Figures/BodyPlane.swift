import SpiderCore

/// One of the three planes of the body, with the way Spider shows it.
///
/// Display is radiological: in axial and coronal slices the patient's right is at the viewer's left, in
/// sagittal slices the patient faces the viewer's left. Anterior is up in axial slices, superior in
/// the others.
public enum BodyPlane: String, CaseIterable, Sendable {
  /// Across the body, seen from the feet.
  case axial
  /// Parallel to the face, seen from the front.
  case coronal
  /// Parallel to the profile, seen from the patient's left.
  case sagittal

  /// The direction of the patient to which the picture's columns count: its right edge.
  public var rightward: AnatomicalAxis { self == .sagittal ? .posterior : .left }

  /// The direction of the patient to which the picture's rows count: its bottom edge.
  public var downward: AnatomicalAxis { self == .axial ? .posterior : .inferior }

  /// The world axis (0, 1, 2) on which the plane's place is given.
  public var normalAxis: Int { 3 - rightward.worldAxis - downward.worldAxis }
}

extension AnatomicalAxis {
  /// The direction the other way.
  var opposite: AnatomicalAxis { AnatomicalAxis(worldAxis: worldAxis, positive: sign < 0) }
}
