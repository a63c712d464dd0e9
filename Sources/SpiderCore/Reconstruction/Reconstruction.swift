/// What the reconstructor answers.
public struct Reconstruction: Sendable {
  /// CT numbers in HU on the grid that was asked for.
  public var ct: Volume
  /// Tissue classes on the same grid; `LabelScheme.outsideScan` beyond the model's field of view.
  public var labels: LabelVolume
  /// How it came about.
  public var summary: ReconstructionSummary
}

/// How a reconstruction came about: what was done, how long it took, and what the user should know.
public struct ReconstructionSummary: Sendable {
  /// Points asked for, culled ones included.
  public var points: Int
  /// Points taken for air because an X-ray shows nothing there.
  public var pointsCulled = 0
  /// Seconds spent reading the X-rays.
  public var encodeSeconds = 0.0
  /// Seconds spent answering for points, culling included, handing on excluded.
  public var decodeSeconds = 0.0
  /// What the user should know.
  public var warnings: [String]
}
