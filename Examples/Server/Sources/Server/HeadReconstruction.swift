import Foundation
import NIOHTTP1
import SpiderCore
import SpiderDRR
import SpiderIO
import SpiderPretrained
import SpiderReport

/// What the server does: a form with X-rays in, an archive of files out. It knows nothing of the network.
struct HeadReconstruction: Sendable {
  private let reconstructor: Reconstructor
  private let provenance: Provenance.Model
  /// Where the X-rays and files of the request at work lie, nobody else's to read.
  private let folder: URL
  /// The most voxels a side.
  private let limit: Int

  /// The most pixels of an X-ray.
  private static let maxPixels = 1 << 24

  /// Loads the model that comes with Spider.
  init(folder: URL, limit: Int) throws {
    reconstructor = try .pretrained()
    provenance = try Provenance.Model(
      name: PretrainedModel.head.rawValue, file: PretrainedModel.head.url)
    self.folder = folder
    self.limit = limit
  }

  /// Answers a request.
  ///
  /// - Parameter interest: is asked between the slabs of the volume.
  /// - Throws: ``Refusal`` that tells the client what to do, `CancellationError`, or what else goes wrong.
  func answer(_ form: Form, _ interest: Interest) throws -> [UInt8] {
    let place = folder.appendingPathComponent(UUID().uuidString, isDirectory: true)
    try FileManager.default.createDirectory(at: place, withIntermediateDirectories: false)
    defer { try? FileManager.default.removeItem(at: place) }
    do {
      let request = try Request(form, limit: limit)
      do {
        return try answer(request, in: place, interest)
      } catch ViewError.faulty(let faults) {
        let list = faults.map { "\(request.views[$0.index].name): \($0.text)" }
        throw Refusal(.badRequest, list.joined(separator: "; "))
      }
    } catch let error as FileError where error.url.path.hasPrefix(place.path) {
      let isUnknown = if case .unknownFormat = error { true } else { false }
      throw Refusal(
        isUnknown ? .unsupportedMediaType : .badRequest,
        "\(error.url.lastPathComponent): \(error.fault); \(error.remedy)")
    } catch let error as ViewError {
      throw Refusal(.badRequest, error.description)
    } catch let error as GeometryError {
      throw Refusal(.badRequest, "\(error)")
    }
  }

  private func answer(_ request: Request, in place: URL, _ interest: Interest) throws -> [UInt8] {
    let model = reconstructor.model
    let loaded = try request.views.map { try read($0, in: place) }
    let views = try PreparedViews(
      loaded.map(\.radiograph), for: model.traits, inspection: reconstructor.inspection)
    let grid = model.traits.grid(about: views.isocenter, size: request.size)
    let provenance = Provenance(
      commit: nil, model: provenance, isocenter: views.isocenter,
      views: views.given.map(\.geometry))
    let files = (
      ct: place.appendingPathComponent("ct.nii.gz"),
      labels: place.appendingPathComponent("labels.nii.gz")
    )
    let ct = try NIfTIWriter(
      files.ct, grid: grid, datatype: .int16, provenance: provenance, overwrite: false)
    let labels = try NIfTIWriter(
      files.labels, grid: grid, datatype: .uint8, provenance: provenance, overwrite: false)
    var shown = ReconstructionPreview(of: grid)
    let summary = try model.reconstruct(views, on: grid) { slab in
      try interest.check()
      try ct.append(slab.hounsfield[...])
      try labels.append((slab.labels ?? [])[...])
      shown.add(slab)
    }
    try ct.finish()
    try labels.finish()

    let notes = zip(request.views, loaded).flatMap { view, film in
      film.notes.map { "\(view.name): \($0)" }
    }
    let found = views.notes.map { "\(request.views[$0.index].name): \($0.text)" }
    let warnings = notes + found + summary.warnings
    let fits = Reprojection.views(of: shown.ct, views.given)
    try interest.check()
    var report = ReconstructionReport(
      views: zip(request.views, views.given).map { .init(title: $0.name, radiograph: $1) },
      result: (shown.ct, shown.labels), model: .init(model.traits))
    report.fits = fits
    report.warnings = warnings
    report.grid = grid
    var archive = TarArchive()
    archive.add("ct.nii.gz", try Data(contentsOf: files.ct))
    archive.add("labels.nii.gz", try Data(contentsOf: files.labels))
    archive.add("report.html", report.page().html().utf8)
    archive.add("answer.json", try Record(request, fits, warnings).json)
    archive.finish()
    return archive.bytes
  }

  /// Reads an X-ray with its geometry: the file's that came with it, else what the form says.
  private func read(_ view: Request.View, in place: URL) throws -> LoadedRadiograph {
    // What it is, its content says; the name only spares a remark on the ending.
    let isPacked = view.image.starts(with: [0x1F, 0x8B])
    let image = place.appendingPathComponent(isPacked ? "\(view.name).nii.gz" : view.name)
    try Data(view.image).write(to: image)
    let sidecar = try view.geometry.map { bytes in
      let url = place.appendingPathComponent("\(view.name).json")
      try Data(bytes).write(to: url)
      return url
    }
    return try RadiographFile.read(
      ViewSpecification(view: view.view, image: image, sidecar: sidecar),
      maxPixels: Self.maxPixels
    ) { columns, rows in
      guard let beam = view.beam else {
        throw Refusal(
          .badRequest,
          "\(view.name): nobody says how it was taken; send its geometry file as the field "
            + "'\(view.name).json', or the fields sad, sid and pixel, in mm")
      }
      return try ViewSetup(
        sourceToAxis: beam.sad, sourceToDetector: beam.sid,
        pixelSize: SIMD2(beam.pixel, beam.pixel), columns: columns, rows: rows
      ).geometry(of: view.view)
    }
  }

  /// What answer.json holds.
  private struct Record: Encodable {
    struct View: Encodable {
      let name: String
      let agreement: Double?
      let reprojection_relative_error: Double?
    }

    let version = SpiderRelease.version
    let size: Int
    let views: [View]
    let warnings: [String]

    init(_ request: Request, _ fits: [Reprojection.View], _ warnings: [String]) {
      size = request.size
      views = zip(request.views, fits).map {
        View(
          name: $0.name, agreement: $1.agreement, reprojection_relative_error: $1.relativeError)
      }
      self.warnings = warnings
    }

    var json: Data {
      get throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        return try encoder.encode(self)
      }
    }
  }
}

extension ReconstructionReport.Model {
  fileprivate init(_ traits: ModelTraits) {
    self.init(
      views: traits.views, fieldOfView: traits.fieldOfView ?? 256, window: traits.window,
      scheme: traits.scheme ?? .head, training: traits.training)
  }
}
