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
      "An X-ray image (NIfTI, PNG, JPEG, TIFF or DICOM), repeatable. Its geometry file, the .json of the same "
        + "name, is found by itself; without one, and where a DICOM header does not say it, name the view: pa, ap, "
        + "left, right or a gantry angle.",
      valueName: "[view=]image[:geometry.json]"), transform: ViewSpecification.read)
  var views: [ViewSpecification] = []
  @OptionGroup(title: "X-rays without a geometry file") var beam: BeamOptions
  @OptionGroup(title: "Pose of X-rays without a geometry file") var pose: PoseOptions
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The isocentre in world mm (default: that of the geometry files, else 0,0,0).",
      valueName: "x,y,z"),
    transform: PointArgument.read)
  var isocenter: PointArgument?

  @Option(
    help: ArgumentHelp(
      "Where the first row of NIfTI images without a geometry file lies, if they do not say so "
        + "themselves (dcm2niix: bottom).", valueName: "top|bottom"))
  var firstRow: RadiographFile.FirstRow?
  @Flag(
    help: "Turn the greys of all X-rays round: for negative films, on which bone is dark.")
  var invert = false

  @Flag(
    help:
      "Do not look for collimated borders, painted bars and marks: take every pixel for what the patient shows."
  )
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
    try pose.check(views: views.count)
  }

  /// How borders are told from the pictures.
  var borders: PreparedViews.Borders { keepBorders ? .asStated : .found }

  /// Reads all of them, in the order given.
  ///
  /// - Parameter unnamed: stands for the view of images that are not named, where their places are found later.
  func read(unnamed: NamedView? = nil) throws -> [LoadedRadiograph] {
    try views.enumerated().map { number, view in
      do {
        let loaded = try read(view, number: number, unnamed: unnamed)
        return invert ? try inverted(loaded, view) : loaded
      } catch let error as GeometryError {
        throw CommandFailure("\(view.image.path): \(error)")
      }
    }
  }

  private func read(
    _ view: ViewSpecification, number: Int, unnamed: NamedView?
  ) throws -> LoadedRadiograph {
    do {
      return try RadiographSource.read(
        view, stated: beam.statedBeam(isocenter?.point), firstRow: firstRow
      ) { columns, rows in
        guard let name = view.view ?? unnamed else { throw FileError.missingGeometry(view.image) }
        return try pose.geometry(
          of: name, number: number, beam.setup(columns: columns, rows: rows),
          isocenter: isocenter?.point ?? .zero)
      }
    } catch DICOMError.incompleteGeometry where unnamed != nil {
      return try RadiographSource.readUnplaced(view.image)
    }
  }

  private func inverted(
    _ loaded: LoadedRadiograph, _ view: ViewSpecification
  ) throws -> LoadedRadiograph {
    guard loaded.radiograph.intensity == .relative else {
      throw CommandFailure(
        "\(view.image.path): --invert turns greys round, and these are line integrals, larger behind "
          + "bone by definition; leave --invert away, or let a geometry file say \"intensity\": "
          + "\"relative\" if they are greys")
    }
    return loaded.inverted()
  }

  /// The middle of what the X-rays show: as given, else as they state it, else where they meet.
  func commonIsocenter(of radiographs: [LoadedRadiograph]) throws -> Vector3 {
    if let isocenter { return isocenter.point }
    return try naming { try Isocenter.of(radiographs.map(\.radiograph.geometry)) }
  }

  /// Does something with the X-rays; an error about them names the file, or all files.
  func naming<Result>(acceptable: Bool = true, _ body: () throws -> Result) throws -> Result {
    func all(_ index: Int? = nil) -> String {
      index.map { views[$0].image.path } ?? views.map(\.image.path).joined(separator: ", ")
    }
    do {
      return try body()
    } catch let error as ViewError {
      switch error {
      case .faulty(let faults):
        let list = faults.map { "\(views[$0.index].image.path): \($0.text)" }
        let hint = acceptable ? hint(for: error).map { "Hint: \($0)" } : nil
        throw CommandFailure((list + [hint].compactMap { $0 }).joined(separator: "\n"))
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
  ///
  /// - Parameter estimated: what was found of the X-rays whose places were estimated, by their numbers.
  func notes(
    on radiographs: [LoadedRadiograph], _ prepared: [ViewNote], estimated: [Int: String] = [:]
  ) -> [String] {
    var notes: [String] = []
    for (index, (view, loaded)) in zip(views, radiographs).enumerated() {
      let name = view.image.lastPathComponent
      notes += loaded.notes.map { "\(name): \($0)" }
      notes += prepared.filter { $0.index == index }.map { "\(name): \($0.text)" }
      if let found = estimated[index] {
        notes.append("\(name): \(found)")
      } else if loaded.sidecar == nil {
        notes.append("\(name): no geometry file; \(assumption(view, loaded.radiograph.geometry))")
      } else if let isocenter, let stated = loaded.radiograph.geometry.isocenter,
        length(stated - isocenter.point) > 0.01
      {
        notes.append("\(name): --isocenter replaces the isocentre of its geometry file")
      }
    }
    return notes + idleOptions(with: radiographs)
  }

  /// Options that say what geometry files, or the images, say already.
  private func idleOptions(with radiographs: [LoadedRadiograph]) -> [String] {
    guard !radiographs.isEmpty else { return [] }
    var notes: [String] = []
    func list(_ names: [String]) -> String {
      names.joined(separator: ", ") + (names.count == 1 ? " has" : " have") + " no effect"
    }
    let stated = beam.stated + pose.stated
    // A DICOM header, which is its image's own, may need what the options say.
    let haveFiles = zip(views, radiographs).allSatisfy {
      $1.sidecar != nil && $1.sidecar != $0.image
    }
    if haveFiles {
      if !stated.isEmpty { notes.append("\(list(stated)): every X-ray has a geometry file") }
    } else if !pose.statedForEach.isEmpty {
      for (view, loaded) in zip(views, radiographs)
      where loaded.sidecar != nil && loaded.sidecar != view.image {
        notes.append(
          "\(view.image.lastPathComponent): \(list(pose.statedForEach)) on it: it has a geometry file"
        )
      }
    }
    // Only NIfTI images without a geometry file hold line integrals that nobody speaks of.
    if firstRow != nil,
      radiographs.allSatisfy({ $0.sidecar != nil || $0.radiograph.intensity == .relative })
    {
      notes.append("\(list(["--first-row"])): no X-ray is a NIfTI image without a geometry file")
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
    let pose =
      pose.stated.isEmpty
      ? "" : ", \(pose.stated.joined(separator: ", ")) as given"
    return "taken as '\(name)'\(pose), with \(source), pixels of \(pixel)"
      + (beam.pixel == nil ? " (assumed; state it with --pixel)" : "") + ", isocentre "
      + (isocenter?.point.text ?? "0,0,0 (assumed; state it with --isocenter)")
  }
}

extension RadiographFile.FirstRow: ExpressibleByArgument {}
