import ArgumentParser
import Foundation
import SpiderCore
import SpiderIO
import SpiderSupport

struct Geometry: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Convert how an X-ray is taken: plastimatch, RTK, 3x4 matrix, Spider.",
    discussion: """
      Reads a geometry file of Spider (.json), one of RTK (XML), a 3x4 projection matrix (text: twelve \
      numbers, row by row, from world RAS+ mm to pixels), or the arguments of plastimatch drr, and says it \
      in another form: as a file, or on standard output. Docs/Geometry.md explains all four.
      Examples:
        spider geometry --plastimatch '-n "0 -1 0" -r "512 512" -z "400 400"' --out ap.json
        spider geometry rtk.xml --projection 12 --size 1024x768 --pixel 0.388 --out view12.json
        spider geometry matrix.txt --size 1024 --pixel 0.2 --isocenter 0,0,0 --out carm.json
        spider geometry ap.json --to plastimatch
      """)

  /// What a geometry is written as.
  enum Form: String, CaseIterable, ExpressibleByArgument {
    case spider, rtk, plastimatch, matrix
  }

  @Argument(help: "A geometry file: Spider's, RTK's, or a matrix.") var file: String?
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Arguments of plastimatch drr, in place of a file.", valueName: "arguments"))
  var plastimatch: String?
  @Option(
    help: "Which projection of RTK's file, from 0 (default: 0).", transform: WholeNumber.read)
  var projection = 0
  @Option(
    help: ArgumentHelp("Pixels of the detector (RTK, matrix).", valueName: "c|cxr"),
    transform: DetectorSize.read)
  var size: DetectorSize?
  @Option(
    help: ArgumentHelp("Size of a pixel in mm (RTK, matrix).", valueName: "mm"),
    transform: PixelSize.read)
  var pixel: PixelSize?
  @Option(
    help: "Instead of --pixel, for a matrix: source to detector in mm.", transform: RealNumber.read)
  var sid: Double?
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The isocentre in world mm: the origin of RTK's fixed system (default: 0,0,0); for a matrix, a "
        + "point in front of the source.", valueName: "x,y,z"),
    transform: PointArgument.read)
  var isocenter: PointArgument?
  @Flag(help: "RTK: rows count along y, as in RTK's own images, so that the head is down.")
  var rowsUp = false
  @Flag(help: "Count the columns from the other end.") var flipColumns = false
  @Flag(help: "Count the rows from the other end.") var flipRows = false
  @Option(help: "The form to write.") var to = Form.spider
  @Option(help: "The file to write (default: standard output).") var out: String?
  @Flag(help: "Replace the file if it exists.") var overwrite = false
  @OptionGroup var common: CommonOptions

  func validate() throws {
    guard (file == nil) != (plastimatch == nil) else {
      throw ValidationError("give a file or --plastimatch, one of them")
    }
    if let sid, !(sid > 0 && sid <= 1e5) {
      throw ValidationError("--sid is \(sid); it must be positive, in mm")
    }
    guard pixel == nil || sid == nil else { throw ValidationError("give --pixel or --sid") }
    guard projection >= 0 else {
      throw ValidationError("--projection is \(projection); they are counted from 0")
    }
  }

  func run() throws {
    common.apply()
    let target = out.map { URL(fileURLWithPath: $0) }
    if let target { try OutputFolder.checkTargets([target], overwrite: overwrite) }
    let subject = file ?? "--plastimatch"
    do {
      let sidecar = try read().flipped(columns: flipColumns, rows: flipRows)
      let warnings = Self.warnings(on: sidecar.geometry) + omissions(of: sidecar)
      for warning in warnings { Console.say("warning: \(warning)") }
      let text = try text(of: sidecar)
      if let target {
        try AtomicFile.write(Data(text.utf8), to: target, overwrite: overwrite)
      }
      if common.json {
        try Console.printJSON(
          Record(
            sidecar: sidecar, text: text, output: target?.path, warnings: warnings))
      } else if target == nil {
        try Console.answer(text.trimmingCharacters(in: .newlines))
      }
    } catch let error as ConversionError {
      throw CommandFailure("\(subject): \(error)")
    } catch let error as GeometryError {
      throw CommandFailure("\(subject): \(error)")
    } catch let error as PlastimatchArgumentError {
      throw CommandFailure("\(subject): \(error)")
    }
  }

  /// What is possible, and hardly meant.
  private static func warnings(on geometry: ProjectionGeometry) -> [String] {
    guard let sid = geometry.sourceToDetector, let sad = geometry.sourceToAxis, sad > sid
    else { return [] }
    return [
      String(
        format:
          "the detector lies between source and isocentre (%.5g mm and %.5g mm from the source): "
          + "it must lie behind the patient; check the two distances", sid, sad)
    ]
  }

  /// What the file states and the other form has no place for.
  private func omissions(of sidecar: GeometrySidecar) -> [String] {
    guard to != .spider else { return [] }
    let stated = [
      sidecar.openPixels.map { _ in "the open field" },
      sidecar.photonEnergy.map { _ in "the energy of its line integrals" },
      sidecar.intensity.map { _ in "what its numbers mean" },
    ].compactMap { $0 }
    guard !stated.isEmpty else { return [] }
    return ["\(to.rawValue) has no place for \(stated.joined(separator: ", ")): left out"]
  }

  private func read() throws -> GeometrySidecar {
    if let plastimatch {
      return GeometrySidecar(geometry: try PlastimatchGeometry(arguments: plastimatch).geometry())
    }
    let url = URL(fileURLWithPath: file ?? "")
    switch try GeometryFileKind.of(url) {
    case .sidecar: return try GeometrySidecar.read(url)
    case .rtk: return GeometrySidecar(geometry: try rtk(url))
    case .matrix: return GeometrySidecar(geometry: try matrix(url))
    }
  }

  private func rtk(_ url: URL) throws -> ProjectionGeometry {
    let projections = try RTKGeometryFile.read(url)
    guard projection < projections.count else {
      throw CommandFailure(
        "\(url.path): it holds \(counted(projections.count, "projection")), from 0; --projection is \(projection)"
      )
    }
    guard let size, let pixel else {
      throw ValidationError("RTK's file does not say its images' pixels: give --size and --pixel")
    }
    let detector = RTKDetector(
      centered: size.columns, size.rows, pixelSize: pixel.millimetres, rowsRunDown: !rowsUp)
    return try projections[projection].geometry(detector, isocenter: isocenter?.point ?? .zero)
  }

  private func matrix(_ url: URL) throws -> ProjectionGeometry {
    let matrix = try ProjectionMatrixFile.read(url)
    guard let size, pixel != nil || sid != nil else {
      throw ValidationError(
        "a matrix does not say how large its detector is: give --size, and --pixel or --sid")
    }
    let scale: DetectorScale =
      pixel.map { .pixel($0.millimetres.x) } ?? .sourceToDetector(sid ?? 0)
    return try matrix.geometry(
      columns: size.columns, rows: size.rows, scale: scale, seen: isocenter?.point,
      isocenter: isocenter?.point)
  }

  private func text(of sidecar: GeometrySidecar) throws -> String {
    let geometry = sidecar.geometry
    switch to {
    case .spider: return sidecar.json
    case .plastimatch: return try PlastimatchGeometry(geometry).arguments + "\n"
    case .matrix: return ProjectionMatrixFile.text(geometry.matrix)
    case .rtk:
      let (projection, detector) = try RTKProjection.from(geometry)
      Console.say(
        "RTK's image: origin \(detector.origin.x), \(detector.origin.y) mm, spacing "
          + "\(detector.spacing.x), \(detector.spacing.y) mm, \(detector.columns) x \(detector.rows) "
          + "pixels")
      return RTKGeometryFile.text([projection])
    }
  }

  /// What `--json` prints.
  private struct Record: Encodable {
    let sidecar: GeometrySidecar
    let text: String
    let output: String?
    let warnings: [String]

    enum CodingKeys: CodingKey { case geometry, matrix, text, output, warnings }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(GeometrySummary(sidecar), forKey: .geometry)
      try container.encode(sidecar.geometry.matrix.rows, forKey: .matrix)
      try container.encode(text, forKey: .text)
      try container.encode(output, forKey: .output)
      try container.encode(warnings, forKey: .warnings)
    }
  }
}
