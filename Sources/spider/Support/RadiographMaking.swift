import Foundation
import SpiderAnatomy
import SpiderCore
import SpiderDRR
import SpiderIO
import SpiderReport
import SpiderSupport

/// The steps of `spider drr` for one CT: read it, place the views, integrate, write.
struct RadiographMaking {
  let views: [ViewRequest]
  let setup: ViewSetup
  let pose: PoseOptions
  let isocenter: IsocenterArgument
  let maker: DigitalRadiograph
  let overwrite: Bool

  /// Pixels along the longer side of films and overlays, at least: the detector's own pixels are cut so
  /// finely.
  private static let filmSide = 1024

  /// What was made of one CT.
  struct Outcome: Encodable {
    struct View: Encodable {
      let view: String
      let files: RadiographOutput
    }
    let ct: String
    let isocenter: [Double]
    let isocenterNote: String
    let views: [View]
    var warnings: [String]

    enum CodingKeys: String, CodingKey {
      case ct
      case isocenter = "isocenter_mm"
      case isocenterNote = "isocenter_note"
      case views, warnings
    }
  }

  /// Makes the X-rays of a CT, its padding counted as air. `progress` is told the share that is done.
  func callAsFunction(
    _ numbers: CTNumbers, named path: String, to outputs: [RadiographOutput],
    progress: (Double) -> Void
  ) throws -> Outcome {
    let (center, note) = isocenter.locate(in: numbers.scan)
    let ct = numbers.ct
    Console.say(note)
    // Named views come first: their numbers are those that the user counted.
    let geometries = try views.enumerated().map { number, view in
      switch view {
      case .named(let named):
        return try pose.geometry(of: named, number: number, setup, isocenter: center)
      case .file(_, let geometry): return geometry
      }
    }
    let maps = maker.maps(of: ct)
    var warnings: [String] = []
    let isUsed = views.contains { if case .named = $0 { true } else { false } }
    if isUsed, let outside = OutsidePoint(center, of: ct.grid) {
      warnings.append("the isocentre \(outside)")
    }
    for (index, (geometry, output)) in zip(geometries, outputs).enumerated() {
      let radiograph = maker.make(maps: maps, geometry: geometry, number: index)
      let reason = geometry.miss(of: ct.grid)?.description
      if reason != nil || radiograph.relativeScale == nil {
        warnings.append(
          "the X-ray '\(views[index].name)' shows nothing: "
            + (reason ?? "its rays miss the volume, or all of it is air"))
      }
      try output.write(radiograph, overwrite: overwrite)
      try drawPictures(radiograph, of: maps, number: index, output)
      progress(Double(index + 1) / Double(geometries.count))
    }
    return Outcome(
      ct: path, isocenter: [center.x, center.y, center.z], isocenterNote: note,
      views: zip(views, outputs).map { .init(view: $0.name, files: $1) }, warnings: warnings)
  }

  /// Film and overlay, from a radiograph of the same detector with finer pixels. Where noise or whole
  /// numbers belong to the pixels, they are shown as they are.
  private func drawPictures(
    _ radiograph: Radiograph, of maps: [Volume], number: Int, _ output: RadiographOutput
  ) throws {
    guard output.film != nil || output.overlay != nil else { return }
    let settings = maker.chain?.settings
    let isGrainy = settings?.photons != nil || settings?.digitization != nil
    let side = max(radiograph.geometry.columns, radiograph.geometry.rows)
    let factor = isGrainy ? 1 : (Self.filmSide + side - 1) / side
    let fine =
      factor > 1
      ? maker.make(
        maps: maps, geometry: try radiograph.geometry.refined(by: factor), number: number)
      : radiograph
    if let film = output.film {
      try PNG.writeGrey8(
        FilmPicture(fine).pixels, width: fine.geometry.columns, height: fine.geometry.rows,
        to: film, overwrite: overwrite)
      if let file = output.filmGeometry {
        var sidecar = GeometrySidecar(of: fine)
        // A film's greys are no line integrals.
        sidecar.photonEnergy = nil
        try sidecar.write(to: file, overwrite: overwrite)
      }
    }
    if let overlay = output.overlay {
      try ViewOverlay(
        title: output.name, radiograph: fine, grid: maps[0].grid, pixelGeometry: radiograph.geometry
      ).render().writePNG(to: overlay, overwrite: overwrite)
    }
  }
}

/// One X-ray that `spider drr` makes: a named view, or what a geometry file says.
enum ViewRequest {
  case named(NamedView)
  case file(URL, ProjectionGeometry)

  /// What follows the CT's name in the names of its files.
  var name: String {
    switch self {
    case .named(let view): return view.description
    case .file(let url, _): return url.stem
    }
  }

  /// Of a geometry file.
  init(geometry path: String) throws {
    let url = URL(fileURLWithPath: path)
    self = .file(url, try GeometrySidecar.read(url).geometry)
  }

  init(_ view: NamedView) { self = .named(view) }
}

/// What `spider drr --json` prints. Of one CT, its isocentre stands at the top; of several, that is null and
/// `cases` has each.
struct DRRRecord: Encodable {
  @NullWhenNil var isocenter: [Double]?
  @NullWhenNil var isocenterNote: String?
  let views: [RadiographMaking.Outcome.View]
  let warnings: [String]
  let cases: [RadiographMaking.Outcome]

  init(_ outcomes: [RadiographMaking.Outcome]) {
    let only = outcomes.count == 1 ? outcomes.first : nil
    isocenter = only?.isocenter
    isocenterNote = only?.isocenterNote
    views = outcomes.flatMap(\.views)
    warnings = outcomes.flatMap(\.warnings)
    cases = outcomes
  }

  enum CodingKeys: String, CodingKey {
    case isocenter = "isocenter_mm"
    case isocenterNote = "isocenter_note"
    case views, warnings, cases
  }
}

/// The files of a radiograph that Spider makes: line integrals, a picture to look at, geometry; and, where
/// they are asked for, a film and an overlay.
struct RadiographOutput: Encodable {
  let name: String
  let image: URL
  let picture: URL
  let geometry: URL
  let film: URL?
  /// The film's own geometry file: its pixels are finer than the X-ray's.
  let filmGeometry: URL?
  let overlay: URL?

  /// The files `<name>.nii.gz`, `.png`, `.json`, `_film.png` with its `_film.json`, and `_overlay.png` of a folder.
  init(_ name: String, in folder: OutputFolder, film: Bool = false, overlay: Bool = false) {
    self.name = name
    image = folder.file("\(name).nii.gz")
    picture = folder.file("\(name).png")
    geometry = folder.file("\(name).json")
    self.film = film ? folder.file("\(name)_film.png") : nil
    filmGeometry = film ? folder.file("\(name)_film.json") : nil
    self.overlay = overlay ? folder.file("\(name)_overlay.png") : nil
  }

  var all: [URL] { [image, picture, geometry] + [film, filmGeometry, overlay].compactMap { $0 } }

  /// Writes line integrals, picture and geometry; old geometries go first and the new ones come last,
  /// so that an image is never found with another one's.
  func write(_ radiograph: Radiograph, overwrite: Bool) throws {
    for old in [geometry, filmGeometry].compactMap({ $0 })
    where overwrite && FileManager.default.fileExists(atPath: old.path) {
      do {
        try FileManager.default.removeItem(at: old)
      } catch {
        throw FileError.notWritable(old, reason: error.localizedDescription)
      }
    }
    try RadiographFile.write(radiograph, to: image, overwrite: overwrite)
    try PNG.writeGrey16(
      RadiographPicture.gray16(radiograph), width: radiograph.geometry.columns,
      height: radiograph.geometry.rows, to: picture, overwrite: overwrite)
    try GeometrySidecar(of: radiograph).write(to: geometry, overwrite: overwrite)
  }

  enum CodingKeys: String, CodingKey {
    case image, picture, geometry, film, overlay
    case filmGeometry = "film_geometry"
  }

  /// Paths; null for what was not asked for.
  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(image.path, forKey: .image)
    try container.encode(picture.path, forKey: .picture)
    try container.encode(geometry.path, forKey: .geometry)
    try container.encode(film?.path, forKey: .film)
    try container.encode(filmGeometry?.path, forKey: .filmGeometry)
    try container.encode(overlay?.path, forKey: .overlay)
  }
}
