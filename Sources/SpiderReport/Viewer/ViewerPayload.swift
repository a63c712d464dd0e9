import Foundation
import SpiderCore

/// What a page embeds for its scripts: blocks of numbers, and a manifest that says what they are.
package struct ViewerPayload {
  /// The blocks, gzip in base64, by their ids in the page.
  package private(set) var blocks: [(id: String, base64: String)] = []
  /// The manifest, JSON.
  package private(set) var manifest = ""
  /// What is shown coarser than it is, in words; nil when nothing is.
  package private(set) var note: String?

  /// Embeds content, coarser where it would be too large.
  package init(_ content: ViewerContent, still: Data? = nil) {
    var limit = content.voxelLimit
    while true {
      self.init(content, voxelLimit: limit, still: still)
      guard size > content.byteLimit, limit > 4096 else { return }
      // Never by less than a tenth, so that it ends.
      let share = min(0.9, 0.97 * Double(content.byteLimit) / Double(size))
      limit = Int(Double(min(limit, content.largestVolume)) * share)
    }
  }

  /// Bytes of all blocks.
  package var size: Int { blocks.reduce(0) { $0 + $1.base64.utf8.count } }

  private init(_ content: ViewerContent, voxelLimit: Int, still: Data?) {
    var coarser: [String] = []
    let cases = content.cases.map { patient in
      let layers = patient.layers
      let volumes = layers.map { layer in
        let (grid, numbers) = layer.ct.encoded(limit: voxelLimit)
        if grid.count < layer.ct.grid.count {
          coarser.append(Self.note(layer, grid, in: content.cases.count > 1 ? patient : nil))
        }
        return Manifest.Volume(grid, add(numbers), name: layer.name, role: layer.role.rawValue)
      }
      let labels = layers.indices.compactMap { index in
        layers[index].labels.map { labels in
          let (grid, numbers) = labels.encoded(limit: voxelLimit)
          return Manifest.Volume(grid, add(numbers), of: index)
        }
      }
      var uncertainty: Manifest.Volume?
      for (index, layer) in layers.enumerated() where uncertainty == nil {
        guard let volume = layer.uncertainty else { continue }
        let (grid, numbers) = volume.encoded(limit: voxelLimit)
        // A hundred thousand voxels tell what all would.
        let places = stride(
          from: 0, to: volume.values.count, by: max(1, volume.values.count / 100_000))
        let some = places.map { volume.values[$0] }.filter(\.isFinite).sorted()
        let most = some.quantileOfSorted(0.995) ?? 1
        uncertainty = Manifest.Volume(grid, add(numbers), of: index, most: max(Double(most), 1))
      }
      return Manifest.Case(
        name: patient.name, figures: patient.figures.map { [$0.name, $0.value] }, volumes: volumes,
        labels: labels, uncertainty: uncertainty,
        views: patient.views.map { Manifest.View(EncodedView($0)) { add($0) } })
    }
    note =
      coarser.isEmpty
      ? nil : "Shown coarser to keep the page small: \(coarser.joined(separator: "; "))."
    let manifest = Manifest(
      cases: cases, labels: Manifest.labels(of: content),
      window: .init(low: content.window.low, high: content.window.high), note: note,
      still: still.map { "data:image/png;base64," + $0.base64EncodedString() })
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    // Plain numbers and texts: nothing that JSON cannot hold.
    let json = (try? encoder.encode(manifest)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
    // No text of the manifest may end its element.
    self.manifest = json.replacingOccurrences(of: "<", with: "\\u003c")
  }

  private mutating func add(_ numbers: EncodedNumbers) -> Manifest.Block {
    let id = "block-\(blocks.count)"
    blocks.append((id, numbers.base64))
    return Manifest.Block(type: numbers.kind, data: id)
  }

  private static func note(
    _ layer: ViewerContent.Layer, _ grid: VoxelGrid, in patient: ViewerContent.Case?
  ) -> String {
    func text(_ grid: VoxelGrid) -> String {
      String(
        format: "%d x %d x %d voxels of %.3g x %.3g x %.3g mm", grid.nx, grid.ny, grid.nz,
        grid.spacing.x, grid.spacing.y, grid.spacing.z)
    }
    let name = patient.map { "\($0.name), \(layer.name)" } ?? layer.name
    return "\(name) with \(text(grid)) instead of \(text(layer.ct.reoriented(to: .ras).grid))"
  }
}

extension ViewerContent {
  /// The voxels of the largest volume.
  fileprivate var largestVolume: Int {
    cases.flatMap(\.layers).map(\.ct.grid.count).max() ?? 1
  }
}

/// The scripts and the style of the interactive page. They are compiled in: a program that is moved has them.
enum ViewerResources {
  /// The scripts in one, in the order in which they use one another; nothing of it is global.
  static var script: String {
    let files: [[UInt8]] = [
      PackageResources.world_js, PackageResources.decoding_js, PackageResources.overlays_js,
      PackageResources.slices_js, PackageResources.surface_js, PackageResources.panels_js,
      PackageResources.xrays_js, PackageResources.scene_js, PackageResources.toolbar_js,
      PackageResources.interaction_js, PackageResources.reader_js, PackageResources.main_js,
    ]
    return "(() => {\n\"use strict\";\n" + files.map(text).joined(separator: "\n") + "\n})();"
  }

  /// The script that sorts tables: for itself, since it is good for pages without a viewer too.
  static var sorting: String {
    "(() => {\n\"use strict\";\n" + text(PackageResources.sorting_js) + "\n})();"
  }

  /// What the page's style has beside that of all reports.
  static var style: String { text(PackageResources.viewer_css) }

  private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}
