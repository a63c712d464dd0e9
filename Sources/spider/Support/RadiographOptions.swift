import ArgumentParser
import Foundation
import SpiderBaselines
import SpiderCore
import SpiderDICOM
import SpiderIO

/// X-rays that a command reads, and how they were taken where no geometry file says so.
struct RadiographOptions: ParsableArguments {
  @Option(
    name: .customLong("view"), parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      "An X-ray image (NIfTI, PNG or DICOM), repeatable. Its geometry file, the .json of the same name, is "
        + "found by itself; without one, and where a DICOM header does not say it, name the view: pa, ap, "
        + "left, right or a gantry angle.",
      valueName: "[view=]image[:geometry.json]"))
  var views: [ViewSpecification] = []
  @OptionGroup(title: "X-rays without a geometry file") var beam: BeamOptions
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The isocentre in world mm (default: that of the geometry files, else 0,0,0).",
      valueName: "x,y,z"))
  var isocenter: PointArgument?

  @Flag(help: "Do not look for collimated borders: take every pixel for what the patient shows.")
  var keepBorders = false

  func validate() throws {
    for view in views where view.view == nil {
      // A file may have an equals sign in its name; a word before one that is no file's is a typo.
      let parts = view.image.relativePath.split(separator: "=", maxSplits: 1)
      guard parts.count == 2, !parts[0].contains("/"),
        !FileManager.default.fileExists(atPath: view.image.path)
      else { continue }
      throw ValidationError("'\(parts[0])' is no view; use pa, ap, left, right or an angle")
    }
  }

  /// How borders are told from the pictures.
  var borders: PreparedViews.Borders { keepBorders ? .asStated : .found }

  /// Reads all of them, in the order given.
  func read() throws -> [LoadedRadiograph] {
    try views.map { view in
      do {
        return try RadiographSource.read(view, stated: beam.stated(isocenter?.point)) {
          columns, rows in
          guard let name = view.view else { throw FileError.missingGeometry(view.image) }
          return try beam.setup(columns: columns, rows: rows).geometry(
            of: name, isocenter: isocenter?.point ?? .zero)
        }
      } catch let error as GeometryError {
        throw CommandFailure("\(view.image.path): \(error)")
      }
    }
  }

  /// The middle of what the X-rays show: as given, else as they state it, else where they meet.
  func commonIsocenter(of radiographs: [LoadedRadiograph]) throws -> Vector3 {
    if let isocenter { return isocenter.point }
    return try naming { try Isocenter.of(radiographs.map(\.radiograph.geometry)) }
  }

  /// Does something with the X-rays; an error about them names the file, or all files.
  func naming<Result>(_ body: () throws -> Result) throws -> Result {
    func all(_ index: Int? = nil) -> String {
      index.map { views[$0].image.path } ?? views.map(\.image.path).joined(separator: ", ")
    }
    do {
      return try body()
    } catch let error as ViewError {
      switch error {
      case .emptyImage(let index), .sourceAtIsocenter(let index), .notAbsolute(let index):
        throw CommandFailure(all(index), error)
      default: throw CommandFailure(all(), error)
      }
    } catch let error where error is GeometryError || error is BaselineError {
      throw CommandFailure(all(), error)
    }
  }

  /// What the user should know of how the images were understood: the files, what preparing them found
  /// out, and what was taken for granted.
  func notes(on radiographs: [LoadedRadiograph], _ prepared: [ViewNote]) -> [String] {
    var notes: [String] = []
    for (index, (view, loaded)) in zip(views, radiographs).enumerated() {
      let name = view.image.lastPathComponent
      notes += loaded.notes.map { "\(name): \($0)" }
      notes += prepared.filter { $0.index == index }.map { "\(name): \($0.text)" }
      if loaded.sidecar == nil {
        notes.append("\(name): no geometry file; \(assumption(view, loaded.radiograph.geometry))")
      } else if let isocenter, let stated = loaded.radiograph.geometry.isocenter,
        length(stated - isocenter.point) > 0.01
      {
        notes.append("\(name): --isocenter replaces the isocentre of its geometry file")
      }
    }
    // A DICOM header, which is its image's own, may need what the options say.
    let haveFiles = zip(views, radiographs).allSatisfy {
      $1.sidecar != nil && $1.sidecar != $0.image
    }
    if beam.isStated, haveFiles {
      notes.append(
        "--sad, --sid, --pixel and --parallel have no effect: every X-ray has a geometry file")
    }
    return notes
  }

  private func assumption(_ view: ViewSpecification, _ geometry: ProjectionGeometry) -> String {
    let setup = beam.setup(columns: geometry.columns, rows: geometry.rows)
    let pixel = String(format: "%.4g x %.4g mm", setup.pixelSize.x, setup.pixelSize.y)
    let source =
      setup.isParallel
      ? "parallel rays"
      : String(
        format: "SAD %.5g mm, SID %.5g mm", setup.sourceToAxis, setup.sourceToDetector)
    let name = view.view.map(\.description) ?? ""
    return "taken as '\(name)' with \(source), pixels of \(pixel)"
      + (beam.pixel == nil ? " (assumed; state it with --pixel)" : "") + ", isocentre "
      + (isocenter?.point.text ?? "0,0,0 (assumed; state it with --isocenter)")
  }
}
