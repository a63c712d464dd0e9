/// How a reconstruction is worked out. What comes out is the same but for rounding, and for the air about
/// the patient.
public struct ReconstructionOptions: Sendable, Equatable {
  /// Whether points whose rays met no attenuation in some view are taken for air: -1000 HU and background.
  /// See ``VisualHull``.
  public var culling: Bool
  /// Whether parts of the decoder's first layer may be worked out once a pixel instead of once a point.
  public var hoisting: Bool
  /// How far the patient may be from where the radiographs' geometry says, without culling taking any of
  /// him away.
  public var poseTolerance: PoseTolerance

  /// Everything that saves time is on by default.
  public init(
    culling: Bool = true, hoisting: Bool = true, poseTolerance: PoseTolerance = PoseTolerance()
  ) {
    self.culling = culling
    self.hoisting = hoisting
    self.poseTolerance = poseTolerance
  }
}
