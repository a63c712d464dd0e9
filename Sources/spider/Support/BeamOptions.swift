import ArgumentParser
import SpiderCore
import SpiderDICOM
import SpiderSupport

/// Distances and detector of X-rays.
struct BeamOptions: ParsableArguments {
  @Option(
    help: "Distance from the source to the isocentre in mm (default: 1000).",
    transform: RealNumber.read)
  var sad: Double?
  @Option(
    help: "Distance from the source to the detector in mm (default: 1500).",
    transform: RealNumber.read)
  var sid: Double?
  @Option(
    help: ArgumentHelp(
      "Size of a pixel on the detector in mm, as 3.6 or 3.6x3.2 (default: the longer side of the "
        + "image measures 460.8 mm: 3.6 mm for 128 pixels).", valueName: "mm"),
    transform: PixelSize.read)
  var pixel: PixelSize?
  @Flag(help: "Parallel rays instead of a cone.") var parallel = false

  func validate() throws {
    for (name, value) in [("--sad", sad), ("--sid", sid)] {
      if let value, !(value >= 1 && value <= 1e5) {
        throw ValidationError("\(name) is \(value); it must be 1 to 100000 mm")
      }
    }
    let setup = setup(columns: 1, rows: 1)
    guard setup.sourceToDetector >= setup.sourceToAxis else {
      throw ValidationError(
        "--sid (\(setup.sourceToDetector) mm) must not be less than --sad "
          + "(\(setup.sourceToAxis) mm): the detector lies behind the patient")
    }
  }

  /// Whether anything was said.
  var isStated: Bool { !stated.isEmpty }

  /// The names of the options that were given.
  var stated: [String] {
    [
      ("--sad", sad != nil), ("--sid", sid != nil), ("--pixel", pixel != nil),
      ("--parallel", parallel),
    ].compactMap { $0.1 ? $0.0 : nil }
  }

  /// What was said, to complete a DICOM header with.
  func statedBeam(_ isocenter: Vector3?) -> StatedBeam {
    StatedBeam(
      sourceToAxis: sad, sourceToDetector: sid, pixelSize: pixel?.millimetres,
      isParallel: parallel, isocenter: isocenter)
  }

  /// The setup for images of so many pixels.
  func setup(columns: Int, rows: Int) -> ViewSetup {
    let standard = ViewSetup()
    // The detector keeps its size when its pixels become more: else the head would leave it.
    let side = standard.pixelSize.x * Double(standard.columns) / Double(max(columns, rows))
    return ViewSetup(
      sourceToAxis: sad ?? standard.sourceToAxis,
      sourceToDetector: sid ?? standard.sourceToDetector,
      pixelSize: pixel?.millimetres ?? SIMD2(side, side), columns: columns, rows: rows,
      isParallel: parallel)
  }
}

/// How named views differ from the plain ones: tilted, or with the detector moved.
struct PoseOptions: ParsableArguments {
  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      "Raise the source by so many degrees about the isocentre; negative lowers it (pa with 15 is "
        + "Caldwell's view, ap with 30 Towne's). Once for all views, or once for each in their order.",
      valueName: "degrees"),
    transform: { try RealNumber.read($0, "degrees, as 15 or -20") })
  var tilt: [Double] = []
  @Option(
    name: .customLong("principal-point"), parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      "The pixel that the central ray meets, from the centre of pixel 0,0 (default: the middle); "
        + "for all views, or for each.", valueName: "column,row"),
    transform: PixelArgument.read)
  var principalPoint: [PixelArgument] = []
  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      "Instead: move the detector so many mm along its columns and its rows; for all views, or for "
        + "each.", valueName: "mm,mm"),
    transform: PixelArgument.read)
  var offset: [PixelArgument] = []

  func validate() throws {
    for tilt in tilt where !(tilt.magnitude <= 90) {
      throw ValidationError("--tilt is \(tilt); it must be from -90 to 90 degrees")
    }
    guard principalPoint.isEmpty || offset.isEmpty else {
      throw ValidationError("give --principal-point or --offset, not both")
    }
  }

  /// Refuses what is given neither once nor once a view.
  func check(views: Int) throws {
    for (name, count) in counts where count > 1 && count != views {
      throw ValidationError(
        "\(name) is given \(count) times for \(views) \(views == 1 ? "view" : "views"); give it once for "
          + "all views, or once for each")
    }
  }

  /// The names of the options that were given.
  var stated: [String] { counts.compactMap { $0.count > 0 ? $0.name : nil } }

  /// The names of those that were given for each view by itself.
  var statedForEach: [String] { counts.compactMap { $0.count > 1 ? $0.name : nil } }

  private var counts: [(name: String, count: Int)] {
    [
      ("--tilt", tilt.count), ("--principal-point", principalPoint.count),
      ("--offset", offset.count),
    ]
  }

  /// The geometry of a named view with its pose; `number` is its place among the views, from 0.
  func geometry(
    of view: NamedView, number: Int, _ setup: ViewSetup, isocenter: Vector3
  ) throws -> ProjectionGeometry {
    func own<Value>(_ values: [Value]) -> Value? {
      values.count > 1 ? values[number] : values.first
    }
    // A detector that moves towards higher columns meets the central ray at a lower one.
    let moved = own(offset).map {
      SIMD2(Double(setup.columns - 1), Double(setup.rows - 1)) / 2 - $0.position / setup.pixelSize
    }
    return try setup.geometry(
      of: view, isocenter: isocenter, tiltDegrees: own(tilt) ?? 0,
      principalPoint: own(principalPoint)?.position ?? moved)
  }
}
