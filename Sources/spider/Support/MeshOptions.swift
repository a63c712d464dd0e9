import ArgumentParser
import Foundation
import SpiderAnatomy
import SpiderCore
import SpiderIO

/// Surfaces that a reconstruction writes beside its volumes.
struct MeshOptions: ParsableArguments {
  @Option(
    name: .customLong("mesh"),
    help: ArgumentHelp(
      "Closed surfaces of labels to write, in mm: .stl, .ply (with colours) or .obj, by the name's ending.",
      valueName: "file"))
  var file: String?
  @Option(
    name: .customLong("mesh-labels"),
    help: ArgumentHelp(
      "Which labels, separated by commas; bones and all name several (default: bones).",
      valueName: "names"))
  var labels: String?
  @Option(
    name: .customLong("mesh-faces"),
    help: ArgumentHelp("Reduce the surfaces to about so many faces, all together.", valueName: "n"),
    transform: WholeNumber.read)
  var faces: Int?
  @Option(
    name: .customLong("mesh-space"),
    help: ArgumentHelp(
      "The axes of the positions: ras, as the volumes have them, or lps, as DICOM does. The file's header says which "
        + "(3D Slicer reads it).", valueName: "ras|lps"))
  var space = MeshFile.Space.ras

  /// The file to write, if there is to be one.
  var url: URL? { file.map { URL(fileURLWithPath: $0) } }

  func validate() throws {
    if let file, MeshFile.format(of: URL(fileURLWithPath: file)) == nil {
      throw ValidationError("--mesh is \(file); its name must end in .stl, .ply or .obj")
    }
    try Self.check(faces, "--mesh-faces")
    if file == nil, labels != nil || faces != nil {
      throw ValidationError("--mesh-labels and --mesh-faces belong to --mesh")
    }
  }
}

extension MeshOptions {
  /// The faces that a mesh may be asked to have.
  private static let faceCounts = 4...1_000_000_000

  /// Refuses a number of faces that no mesh has.
  static func check(_ faces: Int?, _ option: String) throws {
    guard let faces, !faceCounts.contains(faces) else { return }
    throw ValidationError(
      "\(option) is \(faces); give \(faceCounts.lowerBound) to \(faceCounts.upperBound)")
  }
}

/// Surfaces of some labels of a map: what `spider mesh` and `spider reconstruct --mesh` write.
struct MeshWriting {
  let names: [String]
  let scheme: LabelScheme
  let extractor: SurfaceExtractor
  let space: MeshFile.Space

  /// Takes labels by their names, separated by commas; "bones" and "all" name several, unless a label
  /// is called so. Nil takes the bones.
  init(_ list: String?, of scheme: LabelScheme, faces: Int?, space: MeshFile.Space) throws {
    let asked = listed(list ?? "bones")
    let groups = asked.map { name -> [String] in
      switch name {
      case _ where scheme.classes.contains(name): [name]
      case "bones": scheme.bone
      case "all": Array(scheme.classes.dropFirst())
      default: [name]
      }
    }
    names = groups.flatMap(\.self)
    if let background = scheme.classes.first, names.contains(background) {
      throw CommandFailure(
        "'\(background)' is what no label covers: it has no surface; "
          + "choose of bones, all, " + scheme.classes.dropFirst().joined(separator: ", "))
    }
    for name in names where scheme.value(of: name) == nil {
      throw CommandFailure(
        (name.isEmpty
          ? "a name is missing in '\(list ?? "")'"
          : "'\(name)' is no label of the scheme '\(scheme.name)'") + "; choose of bones, all, "
          + scheme.classes.dropFirst().joined(separator: ", "))
    }
    try Self.refuseTwice(zip(asked, groups).map { (asked: $0, names: $1) })
    self.scheme = scheme
    extractor = SurfaceExtractor(faceLimit: faces)
    self.space = space
  }

  /// Refuses a label that is named twice, also by a word that stands for several.
  private static func refuseTwice(_ groups: [(asked: String, names: [String])]) throws {
    var askers: [String: String] = [:]
    for (asked, names) in groups {
      for name in names {
        guard let other = askers.updateValue(asked, forKey: name) else { continue }
        let group = [other, asked].first { $0 != name }
        let members = groups.first { $0.asked == group }?.names ?? []
        throw CommandFailure(
          group.map {
            "'\(name)' is named twice: \($0) stands for \(members.joined(separator: ", "))"
          } ?? "'\(name)' is named twice")
      }
    }
  }

  /// The classes, as a model is asked for their margins.
  var classes: [UInt8] { names.compactMap { scheme.value(of: $0) } }

  /// Writes the file, unless no voxel has any of the labels.
  ///
  /// - Parameter margins: those of ``classes`` on the labels' grid, where they are known.
  /// - Returns: what was written, and what the user should know.
  func callAsFunction(
    _ labels: LabelVolume, margins: [Float]? = nil, to url: URL, overwrite: Bool
  ) throws -> (surfaces: [LabelledSurface], warnings: [String]) {
    let surfaces =
      margins.map { extractor.surfaces(of: names, on: labels.grid, margins: $0, scheme: scheme) }
      ?? extractor.surfaces(of: names, in: labels, scheme: scheme)
    let missing = names.filter { name in !surfaces.contains { $0.name == name } }
    var warnings = missing.map { "no voxel is labelled '\($0)': the mesh has none of it" }
    if surfaces.isEmpty {
      warnings = ["no voxel is labelled \(names.joined(separator: ", ")): no mesh is written"]
    } else {
      try MeshFile.write(surfaces, to: url, space: space, overwrite: overwrite)
    }
    if let limit = extractor.faceLimit {
      let count = surfaces.reduce(0) { $0 + $1.mesh.faces.count }
      // Each part keeps four faces, and no share is cut to the face.
      if count > limit + limit / 20 + 4 * surfaces.count {
        warnings.append("the mesh has \(count) faces: fewer would open it or turn faces over")
      }
      warnings += surfaces.compactMap { surface in
        let voxels = Double(labels.values.lazy.filter { $0 == surface.label }.count)
        let share = surface.mesh.enclosedVolume / (voxels * abs(labels.grid.affine.determinant))
        guard voxels > 0, !(0.95...1.05).contains(share) else { return nil }
        return
          "'\(surface.name)' encloses \(Int((100 * share).rounded())) % of the volume of its voxels: "
          + "give more faces"
      }
    }
    return (surfaces, warnings)
  }
}

/// What is told of a surface.
struct SurfaceRecord: Encodable {
  let name: String
  let label: Int
  let vertices: Int
  let faces: Int
  let isClosed: Bool
  let volume: Double
  let area: Double

  enum CodingKeys: String, CodingKey {
    case name, label, vertices, faces
    case isClosed = "closed"
    case volume = "volume_ml"
    case area = "area_cm2"
  }

  init(_ surface: LabelledSurface) {
    name = surface.name
    label = Int(surface.label)
    vertices = surface.mesh.vertices.count
    faces = surface.mesh.faces.count
    isClosed = surface.mesh.isClosed
    volume = surface.mesh.enclosedVolume / 1000
    area = surface.mesh.area / 100
  }

  /// One line for people.
  var text: String {
    String(
      format: "%@: %d faces, %.1f ml, %.0f cm2", name, faces, volume, area)
      + (isClosed ? "" : ", not closed")
  }
}

extension MeshFile.Space: ExpressibleByArgument {}
