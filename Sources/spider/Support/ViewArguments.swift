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
