import Foundation
import SpiderBaselines
import Yams

/// The networks that can be trained, by the names of the command line.
public enum NetworkKind: String, CaseIterable, Sendable {
  /// SPIDER.
  case spider
  /// X2CT-GAN.
  case x2ctGAN = "x2ct-gan"
  /// PerX2CT.
  case perX2CT = "perx2ct"
}

extension BaselineArchitecture {
  /// Which network it is.
  public var kind: NetworkKind {
    switch self {
    case .x2ctGAN: .x2ctGAN
    case .perX2CT: .perX2CT
    }
  }
}

extension NetworkKind {
  /// The network that a configuration file speaks of: its architecture names a published network, or
  /// else it is SPIDER. Nil when the file cannot be read as YAML, which its reader will say better.
  public init?(configuration url: URL) {
    guard let node = Self.node(url) else { return nil }
    self = Self.stated(by: node) ?? .spider
  }

  /// The network that a configuration file names by an architecture; nil when it has none, as a file of
  /// a few settings does that is good for any.
  public static func stated(by url: URL) -> NetworkKind? { node(url).flatMap { stated(by: $0) } }

  private static func node(_ url: URL) -> Node? {
    guard let text = try? String(contentsOf: url, encoding: .utf8) else { return nil }
    return try? Yams.compose(yaml: text)
  }

  private static func stated(by node: Node) -> NetworkKind? {
    guard let architecture = node["model"]?["architecture"]?.mapping else { return nil }
    return [NetworkKind.x2ctGAN, .perX2CT].first {
      architecture.keys.contains(Node($0.rawValue))
    } ?? .spider
  }
}
