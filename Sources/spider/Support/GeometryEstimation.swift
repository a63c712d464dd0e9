import ArgumentParser
import Foundation
import SpiderCore
import SpiderEvaluation
import SpiderIO
import SpiderPretrained

/// Where the geometry of pictures comes from that have no geometry file.
enum GeometryChoice: String, ExpressibleByArgument, CaseIterable {
  /// Estimated from the pictures.
  case auto
}

/// A line of known length in a picture: x0,y0,x1,y1,mm, pixel positions and its length at the patient.
struct ScaleArgument {
  /// The view whose picture it is in; nil: it holds for all.
  let view: NamedView?
  /// mm at the patient to a pixel.
  let pixelAtPatient: Double

  /// How long a line at a patient may be, mm.
  private static let lengths = 1.0...2000

  init(_ argument: String) throws(CommandFailure) {
    let parts = argument.split(separator: "=", maxSplits: 1)
    view = parts.count == 2 ? NamedView(String(parts[0])) : nil
    if parts.count == 2, view == nil {
      throw CommandFailure("'\(parts[0])' is no view; give pa, ap, left, right or a gantry angle")
    }
    let numbers = listed(String(parts.last ?? "")).map { Double($0) ?? .nan }
    guard numbers.count == 5, numbers.allSatisfy(\.isFinite) else {
      throw CommandFailure(
        "five numbers are needed, the two ends of a line in pixels and its length in mm: x0,y0,x1,y1,mm"
      )
    }
    guard numbers.prefix(4).allSatisfy({ abs($0) <= 1e5 }) else {
      throw CommandFailure("the ends of the line are pixels of the picture, at most 100000")
    }
    guard Self.lengths.contains(numbers[4]) else {
      throw CommandFailure(
        "the line is \(numbers[4]) mm long, the last number; it must be \(Int(Self.lengths.lowerBound)) to "
          + "\(Int(Self.lengths.upperBound)) mm")
    }
    let across = SIMD2(numbers[2] - numbers[0], numbers[3] - numbers[1])
    let distance = (across * across).sum().squareRoot()
    guard distance >= 1 else {
      throw CommandFailure("the two ends of the line are less than a pixel apart")
    }
    pixelAtPatient = numbers[4] / distance
  }
}

/// How the places of pictures are found that nobody wrote down.
struct GeometryEstimation: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "auto: find views, pixel sizes and positions from the pictures themselves, and write them to "
        + "geometry files beside the CT.", valueName: "auto"))
  var geometry: GeometryChoice?
  @Option(
    help: ArgumentHelp(
      "A line of known length in a picture, from pixel x0,y0 to x1,y1, its length in mm at the patient: of the "
        + "picture of that name, or of all, where their pixels are of one size.",
      valueName: "[view=]x0,y0,x1,y1,mm"), transform: { try ScaleArgument($0) })
  var scale: [ScaleArgument] = []

  func validate() throws {
    guard scale.isEmpty || geometry == .auto else {
      throw ValidationError("--scale is for --geometry auto; --pixel states a size")
    }
  }

  var isWanted: Bool { geometry == .auto }

  /// Finds the places of pictures without a geometry file. Those with one keep it.
  ///
  /// - Returns: the X-rays in their places, and what was found, for people, one text an X-ray.
  func place(
    _ loaded: [LoadedRadiograph], _ radiographs: RadiographOptions, by model: any StorableModel
  ) throws -> (
    loaded: [LoadedRadiograph], notes: [Int: String], geometries: [Int: ProjectionGeometry]
  ) {
    guard loaded.allSatisfy({ $0.sidecar == nil }) else {
      throw CommandFailure(
        "--geometry auto is for pictures of which nobody says how they were taken; a geometry file or the DICOM "
          + "header says it of "
          + zip(radiographs.views, loaded).filter { $1.sidecar != nil }.map { $0.0.image.path }
          .joined(separator: ", ")
          + "; leave --geometry auto away, or give all of them without such a file")
    }
    try checkScales(of: radiographs)
    let inspector = try XrayInspector.pretrained()
    let setup = radiographs.beam.setup(columns: 128, rows: 128)
    let pictures = PreparedViews.masked(loaded.map(\.radiograph), borders: radiographs.borders)
      .radiographs
    let unplaced = try pictures.enumerated().map { index, picture in
      let view = radiographs.views[index].view
      let scale = scale.first { $0.view == nil || $0.view == view }
      let pixel = scale?.pixelAtPatient ?? loaded[index].pixelAtPatient
      if let scale { try Self.check(scale, of: loaded[index].radiograph, radiographs.views[index]) }
      // Large pictures have been averaged over blocks of pixels.
      let block = Double(loaded[index].radiograph.reduction)
      return UnplacedPicture(picture, view: view, pixelAtPatient: pixel.map { $0 * block })
    }
    // Without a head in each, or views from two sides, there is nothing to find: no fault can be accepted here.
    let placed = try radiographs.naming(acceptable: false) {
      let first = try GeometryEstimator(inspector: inspector, setup: setup).place(unplaced)
      return try GeometrySearch(model: model).improved(first)
    }
    var result = (
      loaded: [LoadedRadiograph](), notes: [Int: String](), geometries: [Int: ProjectionGeometry]()
    )
    for (index, picture) in placed.pictures.enumerated() {
      result.loaded.append(
        LoadedRadiograph(
          radiograph: picture.radiograph, sidecar: nil, notes: loaded[index].notes))
      let geometry = try Self.geometry(of: loaded[index].radiograph, asPlaced: picture)
      result.geometries[index] = geometry
      result.notes[index] = text(on: picture, geometry, setup)
    }
    return result
  }

  /// Where the picture lies as it is in its file: not its mirror image, and not averaged.
  private static func geometry(
    of file: Radiograph, asPlaced picture: PlacedPicture
  ) throws -> ProjectionGeometry {
    let found = picture.radiograph.geometry
    let hung = picture.isMirrored ? try found.flipped(columns: true, rows: false) : found
    return try hung.refined(
      by: file.reduction, columns: file.geometry.columns, rows: file.geometry.rows)
  }

  /// Refuses a scale that no picture would take, and sizes that are stated in another way.
  private func checkScales(of radiographs: RadiographOptions) throws {
    guard radiographs.beam.pixel == nil, radiographs.isocenter == nil else {
      throw CommandFailure(
        "--geometry auto finds pixels and isocentre: --pixel and --isocenter are for pictures without it; state a "
          + "length with --scale")
    }
    let named = scale.compactMap(\.view)
    guard Set(named.map(\.description)).count == named.count, scale.count <= named.count + 1 else {
      throw CommandFailure("--scale: two lengths for one picture; give one each")
    }
    for view in named where !radiographs.views.contains(where: { $0.view == view }) {
      throw CommandFailure(
        "--scale \(view)=...: no picture is named so; name it, as in \(view)=side.jpg")
    }
  }

  /// How wide a picture of a head, or of a piece of one, can be at the patient, mm.
  private static let believableWidths = 50.0...1500

  /// Refuses a length by which the picture would be no picture of a head.
  private static func check(
    _ scale: ScaleArgument, of picture: Radiograph, _ view: ViewSpecification
  ) throws(CommandFailure) {
    let columns = picture.geometry.columns
    let width = scale.pixelAtPatient * Double(columns)
    guard !believableWidths.contains(width) else { return }
    throw CommandFailure(
      "--scale: by this length the \(columns) pixels of \(view.image.lastPathComponent) are "
        + String(format: "%.3g mm", width)
        + " of the patient; a head's picture is 50 to 1500 mm wide. The numbers are x0,y0,x1,y1 in pixels and the length in mm"
    )
  }

  private func text(
    on picture: PlacedPicture, _ geometry: ProjectionGeometry, _ setup: ViewSetup
  ) -> String {
    let middle = geometry.project(.zero)
    let distances =
      setup.isParallel
      ? "parallel rays"
      : String(
        format: "SAD %.5g mm, SID %.5g mm (as given or assumed)", setup.sourceToAxis,
        setup.sourceToDetector)
    return String(
      format:
        "taken as '%@'%@; pixels of %.3g mm on the detector, +- %.0f %%; the head's middle at pixel %.0f, "
        + "%.0f; %@", "\(picture.view)",
      picture.isMirrored ? ", mirrored, since the patient faces right in it" : "",
      length(geometry.columnStep),
      100 * picture.uncertainty, middle.x, middle.y, distances)
  }
}
