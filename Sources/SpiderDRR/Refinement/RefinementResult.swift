import SpiderImaging

extension Refinement {
  /// A refined volume, and how it agrees with its X-rays.
  public struct Result: Sendable {
    /// The volume, HU, on the grid of the answer.
    public var ct: Volume
    /// The steps that were made.
    public var iterations: Int
    /// The X-rays, in the order given.
    public var views: [View]
  }
}

extension Refinement.Result {
  /// What became of an X-ray.
  public struct View: Sendable, Equatable {
    /// How it was read.
    public var use: ViewUse
    /// The share of its pixels that count.
    public var share: Double
    /// |b - A x| / |b| over the pixels that count, b its line integrals or what the tone curve makes of it,
    /// before; nil where none counts.
    public var residualBefore: Double?
    /// The same afterwards.
    public var residualAfter: Double?
  }
}

/// How the numbers of an X-ray are read in a ``Refinement``.
public enum ViewUse: String, Sendable, Encodable {
  /// As line integrals at the law's energy.
  case lineIntegrals = "line_integrals"
  /// By a tone curve fitted to the volume's own radiograph, since the picture is relative.
  case toned
  /// The same, since the line integrals contradict the volume's as a whole: a hardened beam, scatter, another
  /// energy, or another scale.
  case contradicted
  /// Not at all: too few rays say something of the volume.
  case unused
}
