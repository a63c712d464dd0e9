import ArgumentParser
import Foundation
import SpiderCore
import SpiderDRR
import SpiderIO

struct DRR: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "drr",
    abstract: "Make X-rays of a CT.",
    discussion: """
      Writes, for every view, <stem>_<view>.nii.gz (line integrals of attenuation, at 70 keV without noise unless physics are asked for), .png (16-bit, \
      bone bright, to look at) and .json (geometry). Superior is up; in pa and ap the patient's right \
      is at the viewer's left, in left the patient faces the viewer's left.
      Example: spider drr ct.nii.gz --view pa --view left --out xrays
      """)

  /// What integrates along the rays.
  enum Algorithm: String, CaseIterable, ExpressibleByArgument {
    case exact, joseph

    var projector: any Projector { self == .exact ? ExactProjector() : JosephProjector() }
  }

  @Argument(help: ArgumentHelp("A CT volume (NIfTI, HU).", valueName: "ct")) var ct: String
  @Option(
    name: .customLong("view"), parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      "A view, repeatable (default: pa and left).", valueName: "pa|ap|left|right|angle"))
  var views: [NamedView] = []
  @OptionGroup var beam: BeamOptions
  @Option(
    help: ArgumentHelp("Pixels of the detector: columns, or columns x rows.", valueName: "c|cxr"))
  var size: DetectorSize?
  @Option(parsing: .unconditional, help: "The isocentre: auto, volume or x,y,z in mm.")
  var isocenter = IsocenterArgument.auto
  @Option(help: "Line integrals by exact intersections or, faster, by Joseph's interpolation.")
  var algorithm = Algorithm.joseph
  @OptionGroup(title: "Physics") var physics: PhysicsOptions
  @Option(help: "Folder to write to; made if it is not there.") var out = "."
  @Flag(help: "Replace files that exist.") var overwrite = false
  @OptionGroup var volume: VolumeOptions
  @OptionGroup var common: CommonOptions

  func validate() throws {
    guard Set(views.map(\.description)).count == views.count else {
      throw ValidationError("a view is given twice")
    }
  }

  func run() throws {
    common.apply()
    let input = URL(fileURLWithPath: ct)
    let folder = try OutputFolder(planned: out)
    let views = views.isEmpty ? [.pa, .left] : views
    let outputs = views.map { RadiographOutput("\(input.stem)_\($0)", in: folder) }
    try OutputFolder.refuseExisting(outputs.flatMap(\.all), overwrite: overwrite)

    var (ct, warnings) = try volume.load(input)
    let (center, note) = isocenter.locate(in: ct)
    Console.say(note)
    let setup = beam.setup(columns: size?.columns ?? 128, rows: size?.rows ?? size?.columns ?? 128)
    let geometries = try views.map { try setup.geometry(of: $0, isocenter: center) }
    let drr = try physics.radiographMaker(projector: algorithm.projector)
    let maps = drr.maps(of: ct)
    let progress = ProgressDisplay("drr")
    let radiographs = geometries.enumerated().map { index, geometry in
      defer { progress.update(Double(index + 1) / Double(geometries.count)) }
      return drr.make(maps: maps, geometry: geometry, number: index)
    }
    for (view, radiograph) in zip(views, radiographs) where radiograph.relativeScale == nil {
      warnings.append(
        "the X-ray '\(view)' shows nothing: its rays miss the volume, or all of it is air")
    }
    for warning in warnings { Console.say(warning) }

    try folder.create()
    for (radiograph, output) in zip(radiographs, outputs) {
      try output.write(radiograph, overwrite: overwrite)
    }
    if common.json {
      try Console.printJSON(
        Record(
          isocenter: [center.x, center.y, center.z], isocenterNote: note,
          views: zip(views, outputs).map { Record.View(view: $0, files: $1) },
          warnings: warnings))
    } else {
      try Console.answer(outputs.flatMap(\.all).map(\.path).joined(separator: "\n"))
    }
  }

  /// What `--json` prints.
  private struct Record: Encodable {
    struct View: Encodable {
      let view: NamedView
      let files: RadiographOutput
    }
    let isocenter: [Double]
    let isocenterNote: String
    let views: [View]
    let warnings: [String]

    enum CodingKeys: String, CodingKey {
      case isocenter = "isocenter_mm"
      case isocenterNote = "isocenter_note"
      case views, warnings
    }
  }
}
