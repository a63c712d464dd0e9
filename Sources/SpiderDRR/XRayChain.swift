import Foundation
import SpiderImaging
import SpiderSupport

/// The way of X-rays from the tube to the radiograph, stage by stage in the order of nature:
///
/// materials, spectrum, collimator, focal spot, scatter, uneven field, quantum noise, spread in the
/// detector, electronic noise, gains, saturation and whole numbers; then the normaliser, the
/// correction for water, the picture.
public struct XRayChain: Sendable {
  /// The settings.
  public let settings: RadiographPhysics
  /// The beam as the detector sees it.
  package let beam: BeamSignal
  private let correction: WaterCorrection?

  /// Prepares a chain.
  ///
  /// - Throws: ``PhysicsError`` for settings that are not modelled.
  public init(_ settings: RadiographPhysics) throws(PhysicsError) {
    try settings.check()
    self.settings = settings
    let materials = settings.decomposition.materials
    if let tube = settings.tube {
      beam = try BeamSignal(try TubeSpectrum(tube), settings.response, materials: materials)
    } else {
      beam = BeamSignal(checked: settings.keV, materials: materials)
    }
    correction = settings.correctsWater ? WaterCorrection(beam) : nil
  }

  /// The radiograph behind lengths of the materials.
  ///
  /// - Parameters:
  ///   - lengths: mm, one image per material of ``BeamSignal/materials``; the last may be missing.
  ///   - center: where the patient is, for the magnification of the focal spot, if the geometry has
  ///     no isocentre.
  ///   - number: of the view: views of one seed have different noise.
  package func radiograph(
    lengths: [[Float]], geometry: ProjectionGeometry, center: Vector3 = .zero, number: Int = 0
  ) -> Radiograph {
    let lineIntegrals = beam.lineIntegrals(lengths)
    var result = Radiograph(geometry: geometry, values: lineIntegrals)
    if !settings.isIdeal {
      let recorded = detectorImage(
        of: lineIntegrals, geometry: geometry, center: center, number: number)
      do {
        result = try recorded.radiograph()
      } catch {
        // Its open field is ours, and lit: the checks of the settings see to it.
        preconditionFailure("\(error)")
      }
    }
    if let correction { result.values = result.values.map(correction.corrected) }
    if settings.isOfOneEnergy { result.photonEnergy = settings.keV }
    if let film = settings.film { return result.film(film) }
    return settings.tone?.picture(of: result) ?? result
  }

  /// The detector's image behind line integrals.
  package func detectorImage(
    of lineIntegrals: [Float], geometry: ProjectionGeometry, center: Vector3 = .zero,
    number: Int = 0
  ) -> DetectorImage {
    let (columns, rows) = (geometry.columns, geometry.rows)
    let seed = SeededGenerator(seed: settings.seed)
    var random = seed.fork(UInt64(number) + 1)
    let open = settings.collimation?.opens(geometry)
    let illumination = settings.openField.illumination(geometry)
    let gains = settings.openField.gains(count: geometry.count, seed.fork(0))

    var signal = lineIntegrals.map { exp(-$0) }
    if let open, let leakage = settings.collimation.map({ Float($0.leakage) }) {
      for index in signal.indices where !open[index] { signal[index] *= leakage }
    }
    let primary = signal
    if let blur = FocalSpot.blur(size: settings.focalSpot, geometry, about: center) {
      signal = blur.blurred(signal, columns: columns, rows: rows)
    }
    if let scatter = settings.scatter {
      let scattered = scatter.scattered(
        primary: primary, lineIntegrals: lineIntegrals,
        reference: beam.referenceLineIntegral([Scatter.referenceThickness]), on: geometry)
      for index in signal.indices { signal[index] += scattered[index] }
    }
    for index in signal.indices { signal[index] *= illumination[index] }
    if let photons = settings.photons {
      for index in signal.indices {
        signal[index] = Float(random.poisson(photons * Double(signal[index])) / photons)
      }
    }
    signal = GaussianBlur(width: settings.detectorBlur, on: geometry)
      .blurred(signal, columns: columns, rows: rows)
    if let photons = settings.photons, settings.electronicNoise > 0 {
      for index in signal.indices {
        signal[index] += Float(settings.electronicNoise * random.normal() / photons)
      }
    }
    for index in signal.indices { signal[index] *= gains[index] }
    return digitized(signal, geometry, flat: zip(illumination, gains).map { $0 * $1 }, open)
  }

  private func digitized(
    _ signal: [Float], _ geometry: ProjectionGeometry, flat: [Float], _ open: [Bool]?
  ) -> DetectorImage {
    let scale = settings.digitization.map { $0.fullScale * Float($0.openField) } ?? 1
    // Half a photon, or half a step of the numbers, is what nothing is taken for.
    let photon = settings.photons.map { 0.5 * scale / Float($0) } ?? 0
    let step: Float = settings.digitization == nil ? 1e-30 : 0.5
    let isFlat = settings.openField.isEven || !settings.openField.isCorrected
    return DetectorImage(
      geometry: geometry, counts: settings.digitization.map { signal.map($0.count) } ?? signal,
      openField: isFlat ? .known(scale) : .flat(flat.map { $0 * scale }),
      leastSignal: max(photon, step), mask: open)
  }
}
