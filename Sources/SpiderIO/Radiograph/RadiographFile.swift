import Foundation
import SpiderCore

/// A radiograph as it came from files, with what its reader should know.
public struct LoadedRadiograph: Sendable {
  /// Pixels and geometry. Pixels that were NaN or infinite are 0 and masked.
  public let radiograph: Radiograph
  /// The file that gave the geometry; nil when the caller did.
  public let sidecar: URL?
  /// How the files were understood where they left room.
  public let notes: [String]

  /// The size of a pixel along a row at the patient, mm, where the file states it and no geometry.
  public let pixelAtPatient: Double?

  /// The white that the picture declares transparent, which is masked.
  var clearedWhite: ClearedWhite?

  /// Gathers what is known of a radiograph.
  public init(
    radiograph: Radiograph, sidecar: URL?, notes: [String], pixelAtPatient: Double? = nil
  ) {
    self.radiograph = radiograph
    self.pixelAtPatient = pixelAtPatient
    self.sidecar = sidecar
    self.notes = notes
  }

  /// The same with its greys turned round, noted; they must be relative. White that the picture declares transparent
  /// is then the open field, and counts.
  package func inverted() -> LoadedRadiograph {
    var (seen, notes) = (radiograph, notes)
    if let clearedWhite {
      seen = clearedWhite.counting(in: seen)
      notes = notes.filter { $0 != clearedWhite.note }
      notes.append("white is declared transparent: on a negative it is the open field, and counts")
    }
    return LoadedRadiograph(
      radiograph: seen.inverted(), sidecar: sidecar,
      notes: notes + ["its greys are turned round, as asked"], pixelAtPatient: pixelAtPatient)
  }
}

/// Reads and writes radiographs: an image (NIfTI, PNG, JPEG or TIFF) and the geometry file beside it.
///
/// In NIfTI a radiograph has dims (columns, rows, 1), line integrals as float32, and as sform the
/// detector's place in the world: column step, row step, unit direction of the central ray, and the
/// centre of pixel (0, 0).
public enum RadiographFile {
  /// The text in the header of radiographs that Spider writes.
  static let headerText = "Spider radiograph"

  /// Where the first row of an image lies.
  public enum FirstRow: String, Sendable, CaseIterable {
    case top, bottom
  }

  /// A geometry for an image of so many columns and rows, for images without a geometry file.
  public typealias Fallback = (_ columns: Int, _ rows: Int) throws -> ProjectionGeometry

  /// Reads what the command line calls a view.
  ///
  /// - Parameters:
  ///   - view: image, and optionally name and geometry file. A name must agree with the geometry
  ///     file: ``/SpiderImaging/NamedView/agrees(with:)``.
  ///   - maxPixels: larger images are refused before memory is taken.
  ///   - firstRow: where the first row of a NIfTI image without a geometry file lies; nil leaves it to the
  ///     image to say.
  ///   - fallback: the geometry when there is no geometry file.
  /// - Throws: ``FileError``, or what `fallback` throws.
  public static func read(
    _ view: ViewSpecification, maxPixels: Int = 1 << 26, firstRow: FirstRow? = nil,
    fallback: Fallback? = nil
  ) throws -> LoadedRadiograph {
    let loaded = try read(
      image: view.image, sidecar: view.sidecar, maxPixels: maxPixels, firstRow: firstRow,
      fallback: fallback)
    if let name = view.view, let sidecar = loaded.sidecar,
      !name.agrees(with: loaded.radiograph.geometry)
    {
      throw FileError.disagreement(
        sidecar, fault: "its geometry is not that of the view \(name) given with it",
        remedy: "leave the name away, or give the geometry file that belongs to the image")
    }
    return loaded
  }

  /// Reads an image with its geometry: from `sidecar`, else from the .json file of the same name
  /// beside the image, else from `fallback`. A .json file beside it that is another program's is ignored,
  /// with a note.
  ///
  /// A picture comes as parts of full white (0...1), bone bright, upright by its orientation tag, and is
  /// always relative: no picture says which grey is which line integral. A NIfTI image is absolute unless
  /// the geometry file says otherwise; where it states its detector's place, the geometry must agree
  /// within 0.01 mm.
  ///
  /// NIfTI images of other programs, without a geometry file, are hung head up as their affine says, with
  /// a note; one whose affine says nothing is refused unless `firstRow` does.
  ///
  /// - Throws: ``FileError``, or what `fallback` throws.
  public static func read(
    image url: URL, sidecar: URL? = nil, maxPixels: Int = 1 << 26, firstRow: FirstRow? = nil,
    fallback: Fallback? = nil
  ) throws -> LoadedRadiograph {
    var image = try RadiographImage(url, maxPixels: maxPixels)
    var source = sidecar
    if sidecar == nil {
      switch GeometrySidecar.neighbour(of: url) {
      case .none: break
      case .own(let found): source = found
      case .foreign(let note): image.notes.append(note)
      }
    }
    if let source {
      let content = try GeometrySidecar.read(source)
      try checkCounts(content.geometry, image, source)
      try checkPlace(content.geometry, image, source)
      return load(image, content.geometry, content, source)
    }
    guard let geometry = try fallback?(image.columns, image.rows) else {
      throw FileError.missingGeometry(url)
    }
    precondition(
      geometry.columns == image.columns && geometry.rows == image.rows,
      "a geometry of \(geometry.columns) x \(geometry.rows) for an image of other size")
    // The affine of ours is the detector's place; that of other programs' images is a way of hanging.
    if image.isOwn {
      try checkPlace(geometry, image, url)
    } else if !image.isPicture {
      try image.hang(as: geometry, firstRow: firstRow)
    }
    return load(image, geometry, nil, nil)
  }

  private static func load(
    _ image: RadiographImage, _ geometry: ProjectionGeometry, _ content: GeometrySidecar?,
    _ sidecar: URL?
  ) -> LoadedRadiograph {
    var notes = image.notes
    if image.isPicture, content?.intensity == .absolute {
      notes.append("a picture cannot hold line integrals: read as relative")
    }
    var mask = image.mask
    var clearedWhite = image.clearedWhite
    if let open = content?.openPixels?.mask(columns: image.columns, rows: image.rows) {
      let both = mask.map { zip($0, open).map { $0 && $1 } } ?? open
      let more = both.count { !$0 } - (mask?.count { !$0 } ?? 0)
      if more > 0 { notes.append("\(more) pixels beyond the open field are masked") }
      mask = both
      if let white = clearedWhite {
        clearedWhite?.pixels = zip(white.pixels, open).map { $0 && $1 }
      }
    }
    let intensity = image.isPicture ? .relative : content?.intensity ?? .absolute
    var loaded = LoadedRadiograph(
      radiograph: Radiograph(
        geometry: geometry, values: image.values, intensity: intensity, mask: mask,
        photonEnergy: intensity == .absolute ? content?.photonEnergy : nil),
      sidecar: sidecar, notes: notes)
    loaded.clearedWhite = clearedWhite
    return loaded
  }

  private static func checkCounts(
    _ geometry: ProjectionGeometry, _ image: RadiographImage, _ sidecar: URL
  ) throws(FileError) {
    guard geometry.columns == image.columns, geometry.rows == image.rows else {
      throw .disagreement(
        sidecar,
        fault: "it describes \(geometry.columns) x \(geometry.rows) pixels, but "
          + "\(image.url.lastPathComponent) has \(image.columns) x \(image.rows)",
        remedy: "give the geometry file that belongs to the image")
    }
  }

  /// Compares the detector's corners, and the ends of the unit vectors along the central rays.
  private static func checkPlace(
    _ geometry: ProjectionGeometry, _ image: RadiographImage, _ source: URL
  ) throws(FileError) {
    guard let affine = image.affine else { return }
    let last = (Double(geometry.columns - 1), Double(geometry.rows - 1))
    var worst = length(affine.columns.2 - geometry.centralDirection)
    for (c, r) in [(0, 0), (last.0, 0), (0, last.1), last] {
      let stated = affine.apply(Vector3(c, r, 0))
      worst = max(worst, length(stated - geometry.pixelCenter(column: c, row: r)))
    }
    // A detector of a single column or row has no corners that show its steps.
    worst = max(
      worst, length(affine.columns.0 - geometry.columnStep),
      length(affine.columns.1 - geometry.rowStep))
    guard worst <= 0.01 else {
      let distance = String(format: "%.3g", worst)
      throw .disagreement(
        source,
        fault: "the geometry and the place stated in \(image.url.lastPathComponent) differ by "
          + "\(distance) mm",
        remedy: "give the geometry with which this image was made")
    }
  }
}

extension RadiographFile {
  /// Writes the image as NIfTI, float32, with the detector's place as sform, and NaN where a pixel is
  /// masked. Its geometry file is written by ``GeometrySidecar/write(to:overwrite:)`` to ``GeometrySidecar/url(beside:)``.
  ///
  /// - Throws: ``FileError``; then no file has appeared and none has changed.
  public static func write(
    _ radiograph: Radiograph, to url: URL, overwrite: Bool = false
  ) throws(FileError) {
    let geometry = radiograph.geometry
    let grid = VoxelGrid(
      nx: geometry.columns, ny: geometry.rows, nz: 1,
      affine: Affine(
        columns: (geometry.columnStep, geometry.rowStep, geometry.centralDirection),
        translation: geometry.pixelOrigin))
    let writer = try NIfTIWriter(
      url, grid: grid, datatype: .float32, text: headerText, allowsNaN: true,
      overwrite: overwrite)
    try writer.append(
      radiograph.values.indices.map { radiograph.counts($0) ? radiograph.values[$0] : .nan }[...])
    try writer.finish()
  }
}

/// One view as the command line names it: `[pa=|ap=|left=|right=|ANGLE=]IMAGE[:GEOMETRY.json]`.
public struct ViewSpecification: Equatable, Sendable {
  /// The view's name or angle, if one was given.
  public let view: NamedView?
  /// The image.
  public let image: URL
  /// The geometry file, if one was given.
  public let sidecar: URL?

  /// Gathers the parts.
  public init(view: NamedView?, image: URL, sidecar: URL? = nil) {
    self.view = view
    self.image = image
    self.sidecar = sidecar
  }

  /// Takes a specification apart; nil when no image is named.
  ///
  /// The text is split at its last colon only when that is followed by a name ending in .json, and at
  /// its first equals sign only when a view stands before it: other paths may hold both signs.
  public init?(_ text: String) {
    var rest = text[...]
    var view: NamedView?
    if let sign = rest.firstIndex(of: "="), let named = NamedView(String(rest[..<sign])) {
      view = named
      rest = rest[rest.index(after: sign)...]
    }
    var sidecar: URL?
    if rest.lowercased().hasSuffix(".json"), let colon = rest.lastIndex(of: ":") {
      let name = rest[rest.index(after: colon)...]
      guard name.count > ".json".count else { return nil }
      sidecar = URL(fileURLWithPath: String(name))
      rest = rest[..<colon]
    }
    guard !rest.isEmpty else { return nil }
    self.init(view: view, image: URL(fileURLWithPath: String(rest)), sidecar: sidecar)
  }
}
