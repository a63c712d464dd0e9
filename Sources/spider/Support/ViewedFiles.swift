import Foundation
import SpiderCore
import SpiderDICOM
import SpiderIO
import SpiderReport
import SpiderSupport

/// The files that `spider view` shows, each told by its content.
struct ViewedFiles {
  /// A file and what it was taken for.
  struct Found: Encodable {
    let file: String
    let kind: String
  }

  /// More values than this are no labels, whole as they may be.
  private static let mostLabels = 128
  /// An uncertainty belongs to a volume of which it covers this share: all but a rim of voxels cut by rounding.
  private static let leastCovered = 0.95
  /// CT numbers span 4,096 HU; nothing is off by more than this.
  private static let mostUncertain: Float = 10_000

  private(set) var found: [Found] = []
  /// What the reader should know of the files.
  private(set) var notes: [String] = []
  private var layers: [ViewerContent.Layer] = []
  private var views: [ViewerContent.View] = []
  private let volume: VolumeOptions
  private let title: String

  init(_ files: [String], _ radiographs: RadiographOptions, _ volume: VolumeOptions) throws {
    self.volume = volume
    title = files.map { URL(fileURLWithPath: $0).lastPathComponent }.joined(separator: ", ")
    var radiographs = radiographs
    var loose: (labels: LabelVolume, name: String)?
    for file in files {
      let url = URL(fileURLWithPath: file)
      switch try kind(of: file) {
      case .radiograph:
        guard let view = ViewSpecification(file) else { throw FileError.notAFile(url) }
        radiographs.views.append(view)
        found.append(Found(file: view.image.path, kind: "X-ray"))
      case .labels(let labels):
        found.append(Found(file: url.path, kind: "labels"))
        if layers.isEmpty {
          loose = (labels, url.lastPathComponent)
        } else {
          try attach(labels, url)
        }
      case .volume:
        let loaded = try volume.load(url)
        notes += loaded.warnings
        found.append(Found(file: url.path, kind: "volume"))
        layers.append(.init(url.lastPathComponent, loaded.ct))
        if let labels = loose?.labels { try attach(labels, url) }
        loose = nil
      }
    }
    if let loose { layers = [Self.layer(of: loose.labels, loose.name)] }
    let loaded = try radiographs.read()
    let prepared = PreparedViews.masked(loaded.map(\.radiograph), borders: radiographs.borders)
    notes += radiographs.notes(on: loaded, prepared.notes)
    let explaining = layers.first?.ct
    views = zip(radiographs.views, prepared.radiographs).map {
      .init($0.view?.description ?? $0.image.stem, $1, explainedBy: explaining)
    }
    guard explaining != nil else {
      throw CommandFailure(
        "\(title): there is no volume among the files; name a CT or a label map beside the X-rays")
    }
  }

  private enum Kind { case volume, labels(LabelVolume), radiograph }

  private func kind(of file: String) throws -> Kind {
    let url = URL(fileURLWithPath: file)
    if !FileManager.default.fileExists(atPath: url.path), let view = ViewSpecification(file),
      view.view != nil || view.sidecar != nil
    {
      return .radiograph
    }
    if url.isFolder { return .volume }
    if DICOMSummary.describes(url) {
      let summary = try DICOMSummary.of(url, series: volume.series, options: volume.readOptions)
      return summary.kind == "radiograph" ? .radiograph : .volume
    }
    switch try FileKind.of(url) {
    case .picture: return .radiograph
    case .safetensors, .json:
      throw CommandFailure(
        "\(url.path): it is no volume, label map or X-ray; spider info \(url.lastPathComponent) tells what it is"
      )
    case .other: break
    }
    let image = try NIfTI.summary(of: url, options: volume.readOptions)
    if image.shape[2] == 1 { return .radiograph }
    if image.content == NIfTIContent.uncertainty.rawValue {
      throw CommandFailure(
        "\(url.path): it says that it holds \(NIfTIContent.uncertainty.words); give the CT that it belongs to, and this "
          + "as --uncertainty \(url.lastPathComponent)")
    }
    guard (image.minimum ?? -1) >= 0, (image.maximum ?? 256) <= 255,
      let labels = try? NIfTI.readLabels(url, options: volume.readOptions),
      Self.differentValues(of: labels) <= Self.mostLabels
    else { return .volume }
    return .labels(labels)
  }

  private static func differentValues(of labels: LabelVolume) -> Int {
    var isUsed = [Bool](repeating: false, count: 256)
    for value in labels.values { isUsed[Int(value)] = true }
    return isUsed.count { $0 }
  }

  private mutating func attach(_ labels: LabelVolume, _ url: URL) throws {
    let last = layers.count - 1
    try requireOverlap(labels.grid, url, with: layers[last])
    layers[last].labels = labels
  }

  private func requireOverlap(
    _ grid: VoxelGrid, _ url: URL, with layer: ViewerContent.Layer
  ) throws {
    guard layer.ct.grid.coverage(by: grid).population > 0 else {
      throw CommandFailure(
        "\(url.path): it does not lie where \(layer.name) lies; give files of one patient in one position"
      )
    }
  }

  /// Labels alone: tissue where there is a label, so that they have a shape.
  private static func layer(of labels: LabelVolume, _ name: String) -> ViewerContent.Layer {
    .init(name, labels.withValues(labels.values.map { $0 == 0 ? -1000 : 500 }), labels: labels)
  }

  /// Adds the true CT, if there is one.
  mutating func add(reference url: URL?) throws {
    guard let url else { return }
    let loaded = try volume.load(url)
    notes += loaded.warnings
    found.append(Found(file: url.path, kind: "reference"))
    try requireOverlap(loaded.ct.grid, url, with: layers[0])
    layers.append(.init("Truth", loaded.ct, role: .truth))
  }

  /// Adds the first volume's uncertainty, if it is known.
  mutating func add(uncertainty url: URL?) throws {
    guard let url else { return }
    let loaded = try NIfTI.load(url, options: volume.readOptions)
    if let fault = Self.fault(ofUncertainty: loaded) {
      throw CommandFailure(
        "\(url.path): \(fault), and an uncertainty in HU is wanted; give what --uncertainty of spider reconstruct "
          + "has written")
    }
    found.append(Found(file: url.path, kind: "uncertainty"))
    try requireOverlap(loaded.volume.grid, url, with: layers[0])
    let grid = layers[0].ct.grid
    let covered = Double(grid.coverage(by: loaded.volume.grid).population) / Double(grid.count)
    guard covered >= Self.leastCovered else {
      throw CommandFailure(
        "\(url.path): it covers \(Int(100 * covered)) % of \(layers[0].name), and the rest would be shown as "
          + "certain; give the uncertainty that was written with that volume")
    }
    layers[0].uncertainty = loaded.volume
  }

  /// Why a volume is no uncertainty.
  private static func fault(ofUncertainty loaded: LoadedVolume) -> String? {
    if let content = loaded.content, content != .uncertainty {
      return "it says that it holds \(content.words)"
    }
    if loaded.nonFiniteCount > 0 {
      return
        "\(counted(loaded.nonFiniteCount, "of its numbers is", "of its numbers are")) not finite"
    }
    let values = loaded.volume.values
    if values.contains(where: { $0 < 0 }) { return "it holds negative numbers" }
    let most = values.max() ?? 0
    if most > mostUncertain { return "it says that CT numbers may be off by \(most) HU" }
    return most > 0 ? nil : "it is 0 everywhere, which would call every CT number certain"
  }

  /// The page.
  func page() -> ReportPage {
    var page = ReportPage(title: title)
    page.warnings = notes
    let first = layers[0]
    var content = ViewerContent([.init(title, layers, views: views)])
    if first.labels != nil, first.ct.values.allSatisfy({ $0 == -1000 || $0 == 500 }) {
      content.window = DisplayWindow(low: -1000, high: 2000)
    }
    let payload = ViewerPayload(content, still: SurfaceRendering.still(of: first.ct).png)
    page.viewer = payload
    let truth = layers.first { $0.role == .truth }
    page.pictures = [
      .init(
        title: "Slices",
        png: SliceFigure(
          result: first.ct, resultLabels: first.labels, truth: truth?.ct, truthLabels: nil
        ).render().png, caption: "The middle slices.")
    ]
    if !views.isEmpty {
      let panels = views.map { RadiographFigure.Panel(title: $0.title, radiograph: $0.radiograph) }
      page.pictures.append(
        .init(
          title: "X-rays", png: RadiographFigure(panels: panels).render().png,
          caption: "The X-rays, as they hang."))
    }
    let grids = layers.map { layer in
      let (grid, step) = (layer.ct.grid, layer.ct.grid.spacing)
      return ReportPage.Fact(
        layer.name,
        String(
          format: "%d x %d x %d voxels of %.4g x %.4g x %.4g mm, ", grid.nx, grid.ny, grid.nz,
          step.x, step.y, step.z) + grid.orientation.description)
    }
    let geometries = views.map { PageProvenance.fact($0.title, $0.radiograph.geometry) }
    let shown = payload.note.map { [ReportPage.Fact("On this page", $0)] } ?? []
    page.facts = [
      .init(title: "Files", facts: grids + shown + geometries),
      .init(title: "This page", facts: PageProvenance.program),
    ]
    page.notes = ReportPage.conventions
    return page
  }
}
