import Foundation
import Yams

extension NetworkKind {
  /// The network that a configuration file speaks of: its architecture names a published network, or
  /// else it is SPIDER. Nil when the file cannot be read as YAML, which its reader will say better.
  public init?(configuration url: URL) {
    guard let text = try? String(contentsOf: url, encoding: .utf8),
      let node = try? Yams.compose(yaml: text)
    else { return nil }
    let architecture = node["model"]?["architecture"]?.mapping
    let published = [NetworkKind.x2ctGAN, .perX2CT].first {
      architecture?.keys.contains(Node($0.rawValue)) == true
    }
    self = published ?? .spider
  }
}
