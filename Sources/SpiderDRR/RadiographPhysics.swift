/// Everything that decides how X-rays of a patient look beside the geometry. The defaults leave all of
/// it out: photons of 70 keV, no noise, no scatter, no blur.
///
///     var physics = RadiographPhysics()
///     physics.tube = XRayTube(kilovolts: 90)
///     physics.photons = 20_000
///     let drr = DigitalRadiograph(chain: try XRayChain(physics))
public struct RadiographPhysics: Codable, Equatable, Sendable {
  /// The X-ray tube; nil for photons of one energy.
  public var tube: XRayTube?
  /// The energy of the photons without a tube, keV.
  public var keV = 70.0
  /// The decomposition of CT numbers into materials.
  public var decomposition = MaterialDecomposition()
  /// The detector's response by photon energy.
  public var response = DetectorResponse.caesiumIodide(millimetres: 0.6)
  /// Whether line integrals of a tube are corrected to those of 70 keV for water.
  public var correctsWater = false
  /// The collimator; nil lights the whole detector.
  public var collimation: CollimatedField?
  /// Side of the square focal spot, mm; 0 is a point.
  public var focalSpot = 0.0
  /// Scattered radiation; nil for none.
  public var scatter: Scatter?
  /// The flat field: shading and gains of the open detector.
  public var openField = FlatField()
  /// Photons that a pixel detects in the open field; nil for no noise at all.
  public var photons: Double?
  /// Standard deviation of the electronic noise, in photons.
  public var electronicNoise = 0.0
  /// Full width at half maximum of the spread of a photon's signal in the detector, mm.
  public var detectorBlur = 0.0
  /// The detector's numbers; nil keeps real numbers.
  public var digitization: Digitization?
  /// The picture made of the radiograph; nil keeps line integrals.
  public var tone: ToneCurve?
  /// The seed of the noise and of the panel's gains.
  public var seed: UInt64 = 1

  /// The defaults.
  public init() {}

  /// Whether the radiograph is the line integral itself: nothing happens to it on the way.
  var isIdeal: Bool {
    collimation == nil && focalSpot == 0 && scatter == nil && openField.isEven && photons == nil
      && detectorBlur == 0 && digitization == nil
  }

  /// - Throws: ``PhysicsError`` for a setting out of range.
  func check() throws(PhysicsError) {
    try PhysicsError.check("the photon energy", keV, in: Attenuation.energies, "keV")
    try tube?.check()
    try response.check()
    try collimation?.check()
    try PhysicsError.check("the focal spot", focalSpot, in: 0...20, "mm")
    try scatter?.check()
    try openField.check()
    if let photons {
      try PhysicsError.check("the number of photons a pixel", photons, in: 1...1e12)
    } else if electronicNoise != 0 {
      throw .noiseWithoutPhotons
    }
    try PhysicsError.check("the electronic noise", electronicNoise, in: 0...1e6, "photons")
    try PhysicsError.check("the detector's blur", detectorBlur, in: 0...100, "mm")
    try digitization?.check()
    try tone?.check()
  }
}
