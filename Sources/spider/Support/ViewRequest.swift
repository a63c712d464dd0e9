import Foundation
import SpiderCore
import SpiderIO

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
