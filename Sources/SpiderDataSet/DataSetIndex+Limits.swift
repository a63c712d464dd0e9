import SpiderCore

extension DataSetIndex {
  /// The ranges of what a `dataset.json` may state: the one gate for its numbers.
  enum Limits {
    /// The largest file, bytes: some hundred thousand cases.
    static let bytes = 256 << 20
    /// Voxels along a side.
    static let size = 1...1024
    /// The side of the field of view, mm.
    static let fieldOfView = 8.0...4096
    /// Voxels no smaller and no larger than this, mm.
    static let spacing = 0.01...512
    /// HU that a window may have as its ends.
    static let window: ClosedRange<Float> = -100_000...100_000
    /// Distances of source and detector, mm.
    static let distance = 1.0...WorldLimits.distance

    /// Whether three numbers are a place in the world.
    static func isPlace(_ numbers: [Double]) -> Bool {
      numbers.count == 3
        && numbers.allSatisfy { $0.isFinite && abs($0) <= WorldLimits.position }
    }
  }

  /// The key of the first number or name that cannot be, and why; nil when all can: for what comes from
  /// a file. The cases are looked at by whoever opens it.
  var fault: (key: String, fault: String)? {
    guard Limits.size.contains(size) else {
      return (
        "size", "is \(size); it must be \(Limits.size.lowerBound) to \(Limits.size.upperBound)"
      )
    }
    guard Limits.fieldOfView.contains(fieldOfView),
      Limits.spacing.contains(fieldOfView / Double(size))
    else {
      return (
        "field_of_view_mm",
        "is \(fieldOfView) for \(size) voxels; it must be 8 to 4096 mm, voxels of 0.01 mm or more"
      )
    }
    guard Limits.window.contains(window.low), Limits.window.contains(window.high),
      window.low < window.high
    else { return ("window", "goes from \(window.low) to \(window.high) HU") }
    if let fault = scheme.fault { return ("scheme", "cannot be: \(fault)") }
    guard Limits.distance.contains(geometry.sourceToAxis),
      Limits.distance.contains(geometry.sourceToDetector)
    else {
      return (
        "geometry",
        "puts source and detector \(geometry.sourceToAxis) and "
          + "\(geometry.sourceToDetector) mm apart"
      )
    }
    if let fault = geometry.fault { return ("geometry", "cannot be: \(fault)") }
    return nil
  }
}
