import Foundation
import RadiographLooks
import SpiderCore
import SpiderDRR
import SpiderIO

/// Two films of a head: cropped to it, saved as JPEG of quality 80, and separated from their geometry.
struct Films {
  /// The pictures where they truly belong.
  let inPlace: [Radiograph]
  /// The pictures as a person has them: grey values and nothing else.
  let pictures: [Radiograph]

  init(of ct: Volume, about center: Vector3, isJPEG: Bool, _ random: inout Draws) throws {
    var (inPlace, pictures): ([Radiograph], [Radiograph]) = ([], [])
    for view in try Look.filmed.views(of: ct, about: center, &random).shown {
      var film = try view.croppedToTheHead(&random)
      if isJPEG { film.values = try film.throughJPEG() }
      inPlace.append(film)
      let unknown = ViewSetup(
        pixelSize: SIMD2(1, 1), columns: film.geometry.columns, rows: film.geometry.rows)
      pictures.append(
        Radiograph(
          geometry: try unknown.geometry(of: NamedView.pa), values: film.values,
          intensity: .relative,
          mask: film.mask))
    }
    (self.inPlace, self.pictures) = (inPlace, pictures)
  }

  /// How far the same point of the world, seen in both films, lies from itself: where the central rays of the
  /// found geometries truly went.
  ///
  /// - Returns: the point nearest to both true rays, and by how much the second ray passes above the first, mm.
  func trueOrigin(of found: [ProjectionGeometry]) -> (point: Vector3, gap: Double) {
    var rays: [(from: Vector3, along: Vector3)] = []
    for (film, geometry) in zip(inPlace, found) {
      let pixel = geometry.project(.zero)
      let end = film.geometry.pixelCenter(column: pixel.x, row: pixel.y)
      guard case .cone(let source) = film.geometry.beam else { continue }
      rays.append((source, normalized(end - source)))
    }
    let (a, b) = (rays[0], rays[1])
    let between = b.from - a.from
    let (d, ab) = (dot(a.along, b.along), 1 - dot(a.along, b.along) * dot(a.along, b.along))
    let s = (dot(between, a.along) - d * dot(between, b.along)) / ab
    let t = (d * dot(between, a.along) - dot(between, b.along)) / ab
    let (p, q) = (a.from + a.along * s, b.from + b.along * t)
    return ((p + q) * 0.5, q.z - p.z)
  }
}

extension Radiograph {
  /// The part that shows the head, with margins of 4 to 15 mm at the patient, down to below the chin.
  fileprivate func croppedToTheHead(_ random: inout Draws) throws -> Radiograph {
    let g = geometry
    let limit = 0.15 * (values.max() ?? 0)
    func isTissue(_ column: Int, _ row: Int) -> Bool { values[row * g.columns + column] > limit }
    let pixel = length(g.rowStep) / 1.5
    let top = (0..<g.rows).first { row in (0..<g.columns).contains { isTissue($0, row) } } ?? 0
    let bottom = min(g.rows - 1, top + Int(235 / pixel))
    // The shoulders may be wider than the picture: the head's own width counts, above the chin.
    let upper = top..<min(g.rows, top + Int(170 / pixel))
    let columns = (0..<g.columns).filter { column in upper.contains { isTissue(column, $0) } }
    func margin() -> Int { Int(Double.random(in: 4...15, using: &random) / pixel) }
    let from = SIMD2(max(0, (columns.first ?? 0) - margin()), max(0, top - margin()))
    let to = SIMD2(
      min(g.columns - 1, (columns.last ?? g.columns) + margin()), min(g.rows - 1, bottom + margin())
    )
    let size = (columns: to.x - from.x + 1, rows: to.y - from.y + 1)
    func part<Value>(_ values: [Value]) -> [Value] {
      (0..<size.columns * size.rows).map {
        values[(from.y + $0 / size.columns) * g.columns + from.x + $0 % size.columns]
      }
    }
    return Radiograph(
      geometry: try ProjectionGeometry(
        beam: g.beam, pixelOrigin: g.pixelCenter(column: Double(from.x), row: Double(from.y)),
        columnStep: g.columnStep, rowStep: g.rowStep, columns: size.columns, rows: size.rows,
        isocenter: g.isocenter), values: part(values), intensity: .relative, mask: mask.map(part))
  }

  /// The grey values as they come back from a JPEG of quality 80, made by cjpeg of libjpeg-turbo.
  fileprivate func throughJPEG() throws -> [Float] {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let (grey, film) = (
      folder.appendingPathComponent("film.pgm"), folder.appendingPathComponent("film.jpg")
    )
    let top = max(values.max() ?? 1, 1e-6)
    var bytes = Data("P5 \(geometry.columns) \(geometry.rows) 255\n".utf8)
    bytes += values.map { UInt8(min(255, max(0, ($0 / top * 255).rounded()))) }
    try bytes.write(to: grey)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["cjpeg", "-quality", "80", "-outfile", film.path, grey.path]
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw FileError.missing(film)
    }
    return try RadiographFile.read(image: film) { _, _ in geometry }.radiograph.values
  }
}
