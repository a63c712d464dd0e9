import SpiderBaselines

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
