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

  /// What the page's style has beside that of all reports.
  static var style: String { text(PackageResources.viewer_css) }

  private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}
