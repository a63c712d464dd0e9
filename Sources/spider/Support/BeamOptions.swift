import ArgumentParser
import SpiderCore
import SpiderDICOM
import SpiderSupport

/// Distances and detector of X-rays.
struct BeamOptions: ParsableArguments {
  @Option(help: "Distance from the source to the isocentre in mm (default: 1000).")
  var sad: Double?
  @Option(help: "Distance from the source to the detector in mm (default: 1500).")
  var sid: Double?
  @Option(
    help: ArgumentHelp(
      "Size of a pixel on the detector in mm, as 3.6 or 3.6x3.2 (default: the longer side of the "
        + "image measures 460.8 mm: 3.6 mm for 128 pixels).", valueName: "mm"))
  var pixel: PixelSize?
  @Flag(help: "Parallel rays instead of a cone.") var parallel = false

  func validate() throws {
    for (name, value) in [("--sad", sad), ("--sid", sid)] {
      if let value, !(value > 0 && value <= 1e5) {
        throw ValidationError("\(name) is \(value); it must be positive, in mm")
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
