import ArgumentParser
import Foundation
import SpiderAnatomy
import SpiderCore
import SpiderIO

struct Mesh: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Make closed surfaces of labels, or of what lies above a CT number.",
    discussion: """
      Writes STL (binary), PLY (binary, with the labels' colours) or OBJ, in mm. The surfaces are closed, look \
      outwards, are smoothed without shrinking, and enclose the volume of their voxels.
      Examples: spider mesh labels.nii.gz --out bones.stl
                spider mesh labels.nii.gz --labels skull,mandible --faces 50000 --out head.ply
                spider mesh ct.nii.gz --threshold 300 --out bone.obj
      """)

  @Argument(help: "A label map; with --threshold a CT: NIfTI, or a folder of a DICOM series.")
  var volume: String
  @Option(
    help: ArgumentHelp(
      "Which labels, separated by commas; bones and all name several (default: bones).",
      valueName: "names"))
  var labels: String?
  @Option(
    help: ArgumentHelp("The surface of a CT at this CT number.", valueName: "hu"),
    transform: RealNumber.read)
  var threshold: Double?
  @Option(
    help: ArgumentHelp("What the labels mean: head, or a JSON file.", valueName: "head|file"))
  var scheme = LabelScheme.head.name
  @Option(
    help: ArgumentHelp("Reduce the surfaces to about so many faces, all together.", valueName: "n"),
    transform: WholeNumber.read)
  var faces: Int?
  @Option(
    help: ArgumentHelp(
      "The axes of the positions: ras, as the volume has them, or lps, as DICOM does.",
      valueName: "ras|lps"))
  var space = MeshFile.Space.ras
  @Option(help: "The mesh to write, .stl, .ply or .obj.") var out: String
  @Flag(help: "Replace the file if it exists.") var overwrite = false
  @OptionGroup var reading: VolumeOptions
  @OptionGroup var common: CommonOptions

  func validate() throws {
    guard MeshFile.format(of: URL(fileURLWithPath: out)) != nil else {
      throw ValidationError("--out is \(out); its name must end in .stl, .ply or .obj")
    }
    guard threshold == nil || labels == nil else {
      throw ValidationError("give --labels or --threshold, not both")
    }
    if let threshold, !(abs(threshold) <= 1e5) {
      throw ValidationError("--threshold is \(threshold); it is a CT number in HU")
    }
    try MeshOptions.check(faces, "--faces")
  }

  func run() throws {
    common.apply()
    let (source, target) = (URL(fileURLWithPath: volume), URL(fileURLWithPath: out))
    try OutputFolder.checkTargets([target], overwrite: overwrite)
    let surfaces =
      try threshold.map { try self.surface(of: source, at: $0, target) }
      ?? surfaces(of: source, target)
    let records = surfaces.map { SurfaceRecord($0) }
    if common.json {
      try Console.printJSON(
        Record(output: target.path, space: space.rawValue.uppercased(), surfaces: records))
    } else {
      try Console.answer(([target.path] + records.map(\.text)).joined(separator: "\n"))
    }
  }

  private func surfaces(of source: URL, _ target: URL) throws -> [LabelledSurface] {
    let writing = try MeshWriting(
      labels, of: LabelArguments.scheme(scheme), faces: faces, space: space)
    let map: LabelVolume
    do {
      map = try NIfTI.readLabels(source, options: reading.readOptions)
    } catch {
      guard case .notLabels = error, case nil = try? NIfTI.load(source).content else {
        throw error
      }
      throw CommandFailure("\(error)\nHint: --threshold 300 makes the surface of a CT's bone")
    }
    try writing.scheme.refuse(
      map, of: source,
      hint: "--threshold makes the surface of a CT; --scheme FILE.json says what other labels mean")
    let (surfaces, warnings) = try writing(map, to: target, overwrite: overwrite)
    for warning in warnings { Console.say(warning) }
    guard !surfaces.isEmpty else {
      throw CommandFailure(
        "\(source.path): none of its voxels has one of the labels; spider info tells what it holds")
    }
    return surfaces
  }

  private func surface(
    of source: URL, at level: Double, _ target: URL
  ) throws -> [LabelledSurface] {
    let loaded = try reading.load(source)
    for warning in loaded.warnings { Console.say(warning) }
    guard
      let surface = SurfaceExtractor(faceLimit: faces).surface(of: loaded.ct, at: Float(level))
    else {
      throw CommandFailure("\(source.path): no voxel reaches \(level) HU; lower --threshold")
    }
    try MeshFile.write([surface], to: target, space: space, overwrite: overwrite)
    return [surface]
  }

  /// What `--json` prints.
  private struct Record: Encodable {
    let output: String
    let space: String
    let surfaces: [SurfaceRecord]
  }
}
