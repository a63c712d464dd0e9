import ArgumentParser
import Foundation
import SpiderCore
import SpiderDRR
import SpiderIO

struct DRR: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "drr",
    abstract: "Make X-rays of CTs.",
    discussion: """
      Writes, for every CT and view, <stem>_<view>.nii.gz (line integrals of attenuation, at 70 keV \
      and without noise unless physics are asked for), .png (16-bit, bone bright, to look at) and .json \
      (geometry). Superior is up; in pa and ap the patient's \
      right is at the viewer's left, in left the patient faces the viewer's left.
      --film adds <stem>_<view>_film.png, as a radiologist is used to (of pixels finer than the \
      detector's, unless noise or bits are asked for), and its own geometry, <stem>_<view>_film.json; \
      --overlay adds \
      <stem>_<view>_overlay.png with the volume's box and centre, the isocentre and the patient's axes.
      What lies behind the source or the detector, or beside the volume, adds nothing; an X-ray that \
      shows nothing is written and warned of. Padding of a file (corners around the field of \
      reconstruction, wedges of a resampled tilt) counts as air, whatever its value.
      Examples:
        spider drr ct.nii.gz --view pa --view left --film --out xrays
        spider drr ct.nii.gz --view pa --tilt 15 --size 1024 --sid 1800 --out xrays
        spider drr a.nii.gz b.nii.gz --geometry carm.json --overlay --out xrays
      """)

  /// What integrates along the rays.
  enum Algorithm: String, CaseIterable, ExpressibleByArgument {
    case exact, joseph

    var projector: any Projector { self == .exact ? ExactProjector() : JosephProjector() }
  }

  @Argument(
    help: ArgumentHelp(
      "CT volumes in HU: NIfTI files, or folders of a DICOM series.", valueName: "ct")) var cts:
    [String]
  @Option(
    name: .customLong("view"), parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      "A view, repeatable (default: pa and left).", valueName: "pa|ap|left|right|angle"),
    transform: NamedView.read)
  var views: [NamedView] = []
  @Option(
    help: ArgumentHelp(
      "A geometry file to take an X-ray by, repeatable; its name stands for the view's (spider geometry "
        + "and spider calibrate make such files).", valueName: "json"))
  var geometry: [String] = []
  @OptionGroup(title: "Distances and detector of named views") var beam: BeamOptions
  @Option(
    help: ArgumentHelp("Pixels of the detector: columns, or columns x rows.", valueName: "c|cxr"),
    transform: DetectorSize.read)
  var size: DetectorSize?
  @OptionGroup(title: "Pose of named views") var pose: PoseOptions
  @Option(
    parsing: .unconditional, help: "The isocentre: auto, volume or x,y,z in mm (default: auto).",
    transform: IsocenterArgument.read)
  var isocenter = IsocenterArgument.auto
  @Option(help: "Line integrals by exact intersections or, faster, by Joseph's interpolation.")
  var algorithm = Algorithm.joseph
  @OptionGroup(title: "Physics") var physics: PhysicsOptions
  @Flag(help: "Write films too: 8-bit, toned and sharpened for the eye.") var film = false
  @Flag(help: "Write overlays too: what the view shows, and where.") var overlay = false
  @Option(help: "Folder to write to; made if it is not there.") var out = "."
  @Flag(help: "Replace files that exist.") var overwrite = false
  @OptionGroup var volume: VolumeOptions
  @OptionGroup var common: CommonOptions

  func validate() throws {
    guard Set(views.map(\.description)).count == views.count else {
      throw ValidationError("a view is given twice")
    }
    if !geometry.isEmpty, views.isEmpty, beam.isStated || !pose.stated.isEmpty || size != nil {
      throw ValidationError(
        "--sad, --sid, --pixel, --parallel, --size, --tilt, --principal-point and --offset belong to a "
          + "--view; --geometry says all of it by itself")
    }
    try pose.check(views: views.isEmpty ? 2 : views.count)
  }

  func run() throws {
    common.apply()
    let inputs = cts.map { URL(fileURLWithPath: $0) }
    for input in inputs where !FileManager.default.fileExists(atPath: input.path) {
      throw FileError.missing(input)
    }
    let named = views.isEmpty && geometry.isEmpty ? [.pa, .left] : views
    let requests =
      named.map { ViewRequest($0) } + (try geometry.map { try ViewRequest(geometry: $0) })
    let folder = try OutputFolder(planned: out)
    let outputs = inputs.map { input in
      requests.map {
        RadiographOutput("\(input.stem)_\($0.name)", in: folder, film: film, overlay: overlay)
      }
    }
    try refuseClashes(inputs, outputs)
    try OutputFolder.refuseExisting(outputs.flatMap { $0.flatMap(\.all) }, overwrite: overwrite)

    let making = RadiographMaking(
      views: requests,
      setup: beam.setup(columns: size?.columns ?? 128, rows: size?.rows ?? size?.columns ?? 128),
      pose: pose, isocenter: isocenter,
      maker: try physics.radiographMaker(projector: algorithm.projector), overwrite: overwrite)
    let progress = ProgressDisplay("drr")
    var outcomes: [RadiographMaking.Outcome] = []
    for (index, input) in inputs.enumerated() {
      let loaded = try volume.load(input)
      try folder.create()
      var outcome = try making(loaded.numbers, named: input.path, to: outputs[index]) { share in
        progress.update((Double(index) + share) / Double(inputs.count))
      }
      outcome.warnings = loaded.warnings + outcome.warnings
      for warning in outcome.warnings { Console.say(warning) }
      outcomes.append(outcome)
    }
    if common.json {
      try Console.printJSON(DRRRecord(outcomes))
    } else {
      try Console.answer(outputs.flatMap { $0.flatMap(\.all) }.map(\.path).joined(separator: "\n"))
    }
  }

  /// Two CTs of one name in different folders, or a geometry file called as a view, would overwrite each
  /// other's X-rays.
  private func refuseClashes(_ inputs: [URL], _ outputs: [[RadiographOutput]]) throws {
    var seen: [String: String] = [:]
    for (input, outputs) in zip(inputs, outputs) {
      for output in outputs {
        if let other = seen.updateValue(input.path, forKey: output.image.path) {
          throw CommandFailure(
            "\(input.path): its X-ray '\(output.name)' would have the name of one of \(other); give "
              + "files of different names, or work in two folders")
        }
      }
    }
  }
}
