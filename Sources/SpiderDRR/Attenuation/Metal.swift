/// What the metal in a patient is taken to be: a CT cannot tell, since its scale ends below all of
/// them.
public enum Metal: String, Codable, CaseIterable, Sendable {
  /// Implants, plates, screws.
  case titanium
  /// Steel, and roughly cobalt-chromium.
  case iron
  /// Crowns and inlays of gold.
  case gold
  /// Dental amalgam.
  case amalgam

  /// Its attenuation.
  public var material: AttenuatingMaterial {
    switch self {
    case .titanium: return .titanium
    case .iron: return .iron
    case .gold: return .gold
    case .amalgam: return .amalgam
    }
  }
}
