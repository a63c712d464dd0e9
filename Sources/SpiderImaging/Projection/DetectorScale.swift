/// What fixes the scale of a detector that is known only by its 3x4 matrix.
public enum DetectorScale: Equatable, Sendable {
  /// The distance of a column from the next, mm.
  case pixel(Double)
  /// The distance of the source from the detector's plane, mm.
  case sourceToDetector(Double)
  /// The matrix's third row is the depth as a fraction of the detector's, as in Spider's own matrices.
  case asScaled
}
