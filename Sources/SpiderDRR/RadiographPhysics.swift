import Foundation
import SpiderImaging
import SpiderSupport

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
  /// The film made of the radiograph, in the place of such a picture; nil makes none.
  public var film: FilmProcessing?
  /// The seed of the noise and of the panel's gains.
  public var seed: UInt64 = 1

  /// The defaults.
  public init() {}

  /// Whether the radiograph is the line integral itself: nothing happens to it on the way.
  var isIdeal: Bool {
    collimation == nil && focalSpot == 0 && scatter == nil && openField.isEven && photons == nil
      && detectorBlur == 0 && digitization == nil
  }

  /// Whether the numbers remain line integrals at ``keV``, but for noise and blur.
  var isOfOneEnergy: Bool {
    tube == nil && scatter == nil && collimation == nil && openField.isEven
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
    try film?.check()
  }
}

extension FilmProcessing {
  /// What each setting may be.
  fileprivate static let limits = (
    contour: 0.0...5.0, contourWidth: 0.0...0.5, texture: 0.0...5.0, toe: 0.0...0.5,
    exponent: 0.1...10.0
  )

  /// - Throws: ``PhysicsError`` for a setting out of range.
  fileprivate func check() throws(PhysicsError) {
    let limits = Self.limits
    try PhysicsError.check("the film's contour", contour, in: limits.contour)
    try PhysicsError.check("the width of the film's contour", contourWidth, in: limits.contourWidth)
    try PhysicsError.check("the film's texture", texture, in: limits.texture)
    try PhysicsError.check("the toe of the film's curve", toe, in: limits.toe)
    if let exponent {
      try PhysicsError.check("the exponent of the film's curve", exponent, in: limits.exponent)
    }
  }
}

/// Ranges from which the physics of training X-rays are drawn, so that a network meets the looks of
/// many tubes, detectors and picture programs.
///
/// Every draw is a ``RadiographPhysics`` that depends on the generator alone. Numbers are drawn evenly;
/// photons evenly by their logarithm.
public struct RadiographRandomization: Codable, Equatable, Sendable {
  /// The share of X-rays that are made with drawn physics; the others are line integrals at 70 keV.
  /// 0 draws nothing at all.
  public var share = 0.0
  /// Tube voltage, kV.
  public var kilovolts = 60.0...120.0
  /// Filtration by aluminium, mm.
  public var aluminium = 2.5...5.0
  /// Filtration by copper, mm.
  public var copper = 0.0...0.2
  /// Photons that a pixel detects in the open field.
  public var photons = 2e3...2e6
  /// Electronic noise, photons.
  public var electronicNoise = 0.0...5.0
  /// The ratio of scatter to primary behind 200 mm of water.
  public var scatter = 0.0...1.0
  /// The width of the scatter kernel, mm.
  public var scatterWidth = 40.0...160.0
  /// The focal spot, mm.
  public var focalSpot = 0.3...1.5
  /// The blur of the detector, mm.
  public var detectorBlur = 0.1...4.0
  /// The heel effect, as a share, in images that were not corrected for it.
  public var heel = -0.15...0.15
  /// The share of images that were not corrected for an uneven field.
  public var uncorrectedShare = 0.3
  /// Bits of the detector.
  public var bits = [10, 12, 14, 16]
  /// The open field's place on the detector's scale; above 1 it saturates.
  public var openField = 0.5...1.05
  /// The share of X-rays that reach the network as pictures, through a tone curve.
  public var pictureShare = 0.5
  /// The gamma of a picture.
  public var gamma = 0.6...1.5
  /// Bits of a picture.
  public var pictureBits = [8, 12]
  /// The share of pictures that are films: with detail added and a gradation curve (``/SpiderImaging/FilmProcessing``).
  public var filmShare = 0.6
  /// How much contour a film adds.
  public var filmContour = 0.0...1.2
  /// The width of the contour, a share of the longer side.
  public var filmContourWidth = 0.015...0.04
  /// How much texture it adds.
  public var filmTexture = 0.0...0.4
  /// The toe of its curve.
  public var filmToe = 0.0...0.15
  /// The exponent of its curve.
  public var filmExponent = 1.2...3.2
  /// The share of X-rays that are collimated.
  public var collimatedShare = 0.2
  /// The margin that a collimator hides on each side, as a share of the image.
  public var collimatedMargin = 0.0...0.15
  /// The turn of the collimator, degrees.
  public var collimatorTurn = -5.0...5.0

  /// The defaults: off.
  public init() {}

  /// Why physics cannot be drawn from these ranges, or nil.
  package var fault: String? {
    let shares = [
      ("share", share), ("uncorrectedShare", uncorrectedShare), ("pictureShare", pictureShare),
      ("filmShare", filmShare), ("collimatedShare", collimatedShare),
    ]
    for (name, value) in shares where !(0...1).contains(value) {
      return "\(name) is \(value); it must be a share of one, 0 to 1"
    }
    guard !bits.isEmpty, !pictureBits.isEmpty else {
      return "bits and pictureBits must list at least one number"
    }
    if !(collimatedMargin.lowerBound >= 0 && collimatedMargin.upperBound <= 0.4) {
      return "collimatedMargin is \(collimatedMargin); it must lie in 0 to 0.4"
    }
    let limits = FilmProcessing.limits
    let films = [
      ("filmContour", filmContour, limits.contour),
      ("filmContourWidth", filmContourWidth, limits.contourWidth),
      ("filmTexture", filmTexture, limits.texture), ("filmToe", filmToe, limits.toe),
      ("filmExponent", filmExponent, limits.exponent),
    ]
    for (name, range, limits) in films
    where !(limits.contains(range.lowerBound) && limits.contains(range.upperBound)) {
      return "\(name) is \(range); it must lie in \(limits.lowerBound) to \(limits.upperBound)"
    }
    // What both ends of all ranges allow, everything between them allows as well.
    do {
      for count in bits { try physics(bits: count, pictureBits: 8, \.lowerBound).check() }
      for count in pictureBits { try physics(bits: 12, pictureBits: count, \.upperBound).check() }
    } catch {
      return "\(error)"
    }
    return nil
  }

  /// Physics drawn from the ranges, for one X-ray; nil for one without.
  package func draw(_ random: inout SeededGenerator) -> RadiographPhysics? {
    guard share > 0, random.uniform() < share else { return nil }
    let bits = bits[random.index(below: bits.count)]
    let pictureBits = pictureBits[random.index(below: pictureBits.count)]
    var physics = physics(bits: bits, pictureBits: pictureBits) { random.uniform(in: $0) }
    physics.openField.isCorrected = random.uniform() >= uncorrectedShare
    if random.uniform() >= pictureShare { physics.tone = nil }
    if random.uniform() >= collimatedShare { physics.collimation = nil }
    physics.seed = random.next()
    // Drawn last: where there are no films, all else is drawn as before there were.
    if physics.tone != nil, filmShare > 0, random.uniform() < filmShare {
      physics.film = film { random.uniform(in: $0) }
    }
    return physics
  }

  /// The processing of a film, each number picked from its range.
  private func film(_ pick: (ClosedRange<Double>) -> Double) -> FilmProcessing {
    var film = FilmProcessing()
    film.contour = pick(filmContour)
    film.contourWidth = pick(filmContourWidth)
    film.texture = pick(filmTexture)
    film.toe = pick(filmToe)
    film.exponent = pick(filmExponent)
    return film
  }

  /// Physics with every part in it, each number picked from its range.
  private func physics(
    bits: Int, pictureBits: Int, _ pick: (ClosedRange<Double>) -> Double
  ) -> RadiographPhysics {
    var physics = RadiographPhysics()
    physics.tube = XRayTube(
      kilovolts: pick(kilovolts), aluminium: pick(aluminium), copper: pick(copper))
    // A training case knows water and bone only.
    physics.decomposition.metal = nil
    let decades = log(max(photons.lowerBound, 1e-3))...log(max(photons.upperBound, 1e-3))
    physics.photons = exp(pick(decades))
    physics.electronicNoise = pick(electronicNoise)
    physics.scatter = Scatter(ratio: pick(scatter), width: pick(scatterWidth))
    physics.focalSpot = pick(focalSpot)
    physics.detectorBlur = pick(detectorBlur)
    physics.openField.fallsOff = true
    physics.openField.heel = pick(heel)
    physics.digitization = Digitization(bits: bits, openField: pick(openField))
    physics.tone = ToneCurve(gamma: pick(gamma), bits: pictureBits)
    let (left, right) = (pick(collimatedMargin), pick(collimatedMargin))
    let (top, bottom) = (pick(collimatedMargin), pick(collimatedMargin))
    physics.collimation = CollimatedField(
      center: SIMD2(1 + left - right, 1 + top - bottom) / 2,
      size: SIMD2(1 - left - right, 1 - top - bottom), turnDegrees: pick(collimatorTurn))
    return physics
  }
}
