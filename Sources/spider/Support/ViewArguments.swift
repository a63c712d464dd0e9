import ArgumentParser
import Foundation
import SpiderCore
import SpiderIO

extension NamedView: ExpressibleByArgument {
  /// Reads `pa`, `ap`, `left`, `right` or an angle in degrees.
  public init?(argument: String) { self.init(argument) }
}

extension ViewSpecification: ExpressibleByArgument {
  /// Reads `[pa=|ap=|left=|right=|ANGLE=]IMAGE[:GEOMETRY.json]`.
  public init?(argument: String) { self.init(argument) }
}

/// A world point as the command line takes it: x,y,z in mm.
struct PointArgument: ExpressibleByArgument {
  let point: Vector3

  init?(argument: String) {
    guard let point = Vector3(commaSeparated: argument) else { return nil }
    self.point = point
  }
}
