import ArgumentParser
import Foundation
import SpiderCore
import SpiderIO
import SpiderPretrained
import SpiderReport

struct Reconstruct: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Reconstruct a CT and its anatomy from X-rays.",
    discussion: """
      Writes CT numbers (whole HU) and, with --labels, tissue classes on one axis-aligned RAS+ grid. \
      Each X-ray brings its geometry in a .json file of the same name, as spider drr writes it, or is \
      named as a standard view. In pictures bone must be bright (--invert turns negative films round) and \
      the head upright, as the view's name says.
      Examples: spider reconstruct pa.nii.gz left.nii.gz --out ct.nii.gz
                spider reconstruct --view pa=front.png --view left=side.png --out ct.nii.gz
                spider reconstruct front.jpg side.jpg --geometry auto --out ct.nii.gz
                spider reconstruct ap.nii.gz left.nii.gz oblique.nii.gz --model head-any --out ct.nii.gz
      """)

  @Argument(
    help: ArgumentHelp(
      "X-ray images, in addition to those of --view.", valueName: "[view=]image[:geometry.json]"),
    transform: ViewSpecification.read)
  var images: [ViewSpecification] = []
  @OptionGroup var radiographs: RadiographOptions
  @OptionGroup(title: "Unknown geometry") var estimation: GeometryEstimation
  @Option(
    help: ArgumentHelp(
      "A model that comes with Spider, head, head-research (better on real heads, not for commercial use) or "
        + "head-any (one to four X-rays from any side), or a model file (default: head).",
      valueName: "head|head-research|head-any|file"))
  var model: String?
  @OptionGroup(title: "Voxels") var grid: GridOptions
  @OptionGroup var volume: VolumeOptions
  @Option(help: "The CT to write, .nii.gz or .nii.") var out: String
  @Option(help: ArgumentHelp("The labels to write.", valueName: "file")) var labels: String?
  @Option(
    help: ArgumentHelp(
      "How far the CT numbers may be off, to write: half the width of the 90 % interval, HU.",
      valueName: "file"))
  var uncertainty: String?
  @Option(
    help: ArgumentHelp(
      "The labels' names and colours to write, for ITK-SNAP (.txt) or 3D Slicer (.ctbl).",
      valueName: "file"))
  var labelTable: String?
  @Option(
    help: ArgumentHelp("An interactive HTML page to write.", valueName: "file"))
  var report: String?
  @Option(
    help: ArgumentHelp(
      "The true CT, where it is known: the page shows it beside, the error, and metrics.",
      valueName: "ct"))
  var reference: String?
  @Option(help: ArgumentHelp("The true labels.", valueName: "labels")) var referenceLabels: String?
  @Option(
    help: ArgumentHelp(
      "A JSON file to write: what --json prints, with version, command, model and geometry.",
      valueName: "file"))
  var record: String?
  @OptionGroup(title: "Surfaces") var mesh: MeshOptions
  @Option(
    help: ArgumentHelp(
      "A new folder to write the CT to as a DICOM series too, marked as derived and not for diagnosis.",
      valueName: "folder"))
  var dicom: String?
  @Flag(help: "Answer for every voxel, also where an X-ray shows nothing but air.")
  var noCulling = false
  @Option(
    help: ArgumentHelp(
      "How far the patient may be from where the geometry says: culling takes nothing of him away (default: 1,0.5).",
      valueName: "mm,degrees"), transform: PoseTolerance.read)
  var poseTolerance = PoseTolerance()
  @OptionGroup var refining: RefinementOptions
  @Flag(help: "Go on although something seems to be wrong with an X-ray.")
  var acceptFaults = false
  @Flag(help: "Repeat at every voxel what could be worked out once a pixel.")
  var noHoisting = false
  @Flag(
    help: "Multiply in single precision also where the processor is faster with 16-bit numbers.")
  var noBfloat16 = false
  @Flag(help: "Replace files that exist.") var overwrite = false
  @OptionGroup var common: CommonOptions

  func validate() throws {
    guard !radiographs.views.isEmpty || !images.isEmpty else {
      throw ValidationError("give the X-rays, as arguments or with --view")
    }
    if let labelTable, LabelTable.format(of: URL(fileURLWithPath: labelTable)) == nil {
      throw ValidationError("--label-table is \(labelTable); its name must end in .txt or .ctbl")
    }
    guard reference == nil || report != nil else {
      throw ValidationError("--reference is for the page: give --report too")
    }
    guard referenceLabels == nil || reference != nil else {
      throw ValidationError("--reference-labels goes with --reference")
    }
    for (name, file) in [("--out", out), ("--labels", labels), ("--uncertainty", uncertainty)] {
      guard let lower = file?.lowercased() else { continue }
      guard lower.hasSuffix(".nii.gz") || lower.hasSuffix(".nii") else {
        throw ValidationError("\(name) is a NIfTI file; its name must end in .nii.gz or .nii")
      }
    }
  }

  func run() throws {
    common.apply()
    var radiographs = radiographs
    radiographs.views += images
    func file(_ path: String?) -> URL? { path.map { URL(fileURLWithPath: $0) } }
    let run = ReconstructionRun(
      radiographs: radiographs, estimation: estimation, grid: grid, limits: volume.limits,
      options: ReconstructionOptions(
        culling: !noCulling, hoisting: !noHoisting, bfloat16: !noBfloat16,
        poseTolerance: poseTolerance, borders: radiographs.borders,
        inspection: XrayInspection(try .pretrained(), acceptsFaults: acceptFaults)),
      refining: refining, model: model, mesh: mesh,
      truth: reference.map {
        ReferenceArgument(
          ct: URL(fileURLWithPath: $0), labels: file(referenceLabels), volume: volume)
      },
      targets: ReconstructionTargets(
        ct: URL(fileURLWithPath: out), labels: file(labels), uncertainty: file(uncertainty),
        report: file(report), mesh: mesh.url, labelTable: file(labelTable), record: file(record),
        dicom: dicom.map { URL(fileURLWithPath: $0, isDirectory: true) }, overwrite: overwrite))
    let record = try run()
    if common.json {
      try Console.printJSON(record)
    } else {
      let written = record.outputs.values.compactMap { $0 }.sorted()
      let time = String(format: "%.1f s", record.seconds.total)
      let figures = (record.measurements ?? []).map { "  \($0)" }
      try Console.answer(
        (written + ["\(record.points) voxels in \(time)"] + figures).joined(separator: "\n"))
    }
  }
}
