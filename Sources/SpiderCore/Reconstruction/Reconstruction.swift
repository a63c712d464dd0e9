/// What the reconstructor answers.
public struct Reconstruction: Sendable {
  /// CT numbers in HU on the grid that was asked for.
  public var ct: Volume
  /// Tissue classes on the same grid; `LabelScheme.outsideScan` beyond the model's field of view.
  public var labels: LabelVolume
  /// Seconds spent reading the X-rays.
  public var encodeSeconds: Double
  /// Seconds spent answering for points.
  public var decodeSeconds: Double
  /// What the user should know.
  public var warnings: [String]
}
