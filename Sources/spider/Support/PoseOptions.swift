import ArgumentParser
import SpiderCore

/// How named views differ from the plain ones: tilted, or with the detector moved.
struct PoseOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Raise the source by so many degrees about the isocentre; negative lowers it (pa with 15 is "
        + "Caldwell's view, ap with 30 Towne's).", valueName: "degrees"))
  var tilt: Double?
  @Option(
    name: .customLong("principal-point"), parsing: .unconditional,
    help: ArgumentHelp(
      "The pixel that the central ray meets, from the centre of pixel 0,0 (default: the middle).",
      valueName: "column,row"))
  var principalPoint: PixelArgument?
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Instead: move the detector so many mm along its columns and its rows.",
      valueName: "mm,mm"))
  var offset: PixelArgument?

  func validate() throws {
    if let tilt, !(tilt.magnitude <= 90) {
      throw ValidationError("--tilt is \(tilt); it must be from -90 to 90 degrees")
    }
    guard principalPoint == nil || offset == nil else {
      throw ValidationError("give --principal-point or --offset, not both")
    }
  }

  /// Whether anything was said.
  var isStated: Bool { tilt != nil || principalPoint != nil || offset != nil }

  /// The geometry of a named view with this pose.
  func geometry(
    of view: NamedView, _ setup: ViewSetup, isocenter: Vector3
  ) throws -> ProjectionGeometry {
    // A detector that moves towards higher columns meets the central ray at a lower one.
    let moved = offset.map {
      SIMD2(Double(setup.columns - 1), Double(setup.rows - 1)) / 2 - $0.position / setup.pixelSize
    }
    return try setup.geometry(
      of: view, isocenter: isocenter, tiltDegrees: tilt ?? 0,
      principalPoint: principalPoint?.position ?? moved)
  }
}
