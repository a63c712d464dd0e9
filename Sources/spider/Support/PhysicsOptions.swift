import ArgumentParser
import SpiderCore
import SpiderDRR
import SpiderIO
import SpiderPhantom

/// Spectrum, noise, scatter, blur and detector of X-rays.
struct PhysicsOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Tube voltage, 40 to 150 kV: X-rays with the spectrum of a tungsten tube, so that beams harden "
        + "on their way (default: photons of 70 keV only). Skull films are taken at 70 to 85 kV.",
      valueName: "kv"), transform: RealNumber.read)
  var kvp: Double?
  @Option(
    help: ArgumentHelp(
      "Total filter of the tube: mm of aluminium, and of copper if there is any "
        + "(default: 2.5). With --kvp.", valueName: "al[+cu]"),
    transform: TubeFilter.read)
  var filtration: TubeFilter?
  @Option(
    help: ArgumentHelp(
      "Photons that a pixel detects in the open field: quantum noise follows Poisson's law. A pixel "
        + "of 0.15 mm of a skull film gets about 100000, of which the head leaves a hundredth "
        + "(default: no noise).",
      valueName: "n"), transform: RealNumber.read)
  var photons: Double?
  @Option(
    help: ArgumentHelp(
      "Electronic noise, its standard deviation in photons. With --photons.", valueName: "n"),
    transform: RealNumber.read)
  var electronicNoise: Double?
  @Option(
    help: ArgumentHelp(
      "Scattered radiation: its ratio to the primary behind 20 cm of water. About 0.5 with a grid, 2 "
        + "to 4 without (default: none).", valueName: "ratio"), transform: RealNumber.read)
  var scatter: Double?
  @Option(
    help: ArgumentHelp(
      "How far scatter spreads, full width at half maximum at the detector (default: 80). With "
        + "--scatter.", valueName: "mm"), transform: RealNumber.read)
  var scatterWidth: Double?
  @Option(
    help: ArgumentHelp(
      "Side of the focal spot. It blurs by its size times the magnification less 1; 0.6 and 1.2 are "
        + "usual (default: a point).", valueName: "mm"), transform: RealNumber.read)
  var focalSpot: Double?
  @Option(
    help: ArgumentHelp(
      "Spread of light in the detector, full width at half maximum; 0.2 is usual (default: none).",
      valueName: "mm"), transform: RealNumber.read)
  var detectorBlur: Double?
  @Option(
    help: ArgumentHelp(
      "Bits of the detector's numbers, 4 to 20: signal in whole numbers, at most 2^n - 1, the open "
        + "field at 80 % of that (default: real numbers).", valueName: "n"),
    transform: WholeNumber.read)
  var bits: Int?
  @Option(
    help: ArgumentHelp(
      "What voxels of 3000 HU and more are made of: titanium, iron, gold or amalgam. A CT cannot tell "
        + "(default: titanium with --kvp, dense bone without).", valueName: "metal"))
  var metal: Metal?
  @OptionGroup var field: FieldOptions
  @Flag(
    help: "With --kvp: bring the line integrals to 70 keV by the law of water, as CT scanners do.")
  var correctWater = false
  @Option(
    help: ArgumentHelp("Where the randomness of the noise starts.", valueName: "s"),
    transform: SeedArgument.read)
  var seed: UInt64 = 1

  func validate() throws {
    let dependent: [(isGiven: Bool, name: String, isMet: Bool, needs: String)] = [
      (filtration != nil, "--filtration", kvp != nil, "--kvp"),
      (correctWater, "--correct-water", kvp != nil, "--kvp"),
      (electronicNoise != nil, "--electronic-noise", photons != nil, "--photons"),
      (scatterWidth != nil, "--scatter-width", scatter != nil, "--scatter"),
      (field.openField != nil, "--open-field", bits != nil, "--bits"),
      (field.collimatorTurn != nil, "--collimator-turn", field.collimate != nil, "--collimate"),
    ]
    for option in dependent where option.isGiven && !option.isMet {
      throw ValidationError("\(option.name) has a meaning only with \(option.needs)")
    }
    do {
      if let settings { _ = try XRayChain(settings) }
    } catch {
      throw ValidationError("\(error)")
    }
  }

  /// The physics asked for; nil for line integrals at 70 keV.
  var settings: RadiographPhysics? {
    var settings = RadiographPhysics()
    settings.decomposition.metal = metal ?? (kvp == nil ? nil : .titanium)
    let plain = settings
    settings.tube = kvp.map {
      XRayTube(
        kilovolts: $0, aluminium: filtration?.aluminium ?? 2.5, copper: filtration?.copper ?? 0)
    }
    settings.correctsWater = correctWater
    settings.photons = photons
    settings.electronicNoise = electronicNoise ?? 0
    settings.scatter = scatter.map { Scatter(ratio: $0, width: scatterWidth ?? 80) }
    settings.focalSpot = focalSpot ?? 0
    settings.detectorBlur = detectorBlur ?? 0
    settings.digitization = bits.map { Digitization(bits: $0) }
    field.apply(to: &settings)
    guard settings != plain || metal != nil else { return nil }
    settings.seed = seed
    return settings
  }

  /// What makes the radiographs.
  func radiographMaker(projector: any Projector) throws -> DigitalRadiograph {
    guard let settings else { return DigitalRadiograph(projector: projector) }
    return DigitalRadiograph(chain: try XRayChain(settings), projector: projector)
  }
}

extension Metal: ExpressibleByArgument {}

/// What of the detector the beam lights, how evenly, and where that lies on the scale.
struct FieldOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Collimate: percent of the image that the blades hide at the left, right, top and bottom. What is "
        + "hidden is masked: NaN in the NIfTI file, black in pictures.",
      valueName: "l,r,t,b"), transform: CollimationMargins.read)
  var collimate: CollimationMargins?
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Turn the collimator. With --collimate.", valueName: "degrees"),
    transform: RealNumber.read)
  var collimatorTurn: Double?
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Heel effect: by how many percent the beam is weaker at the first row than in the middle, -90 to 90.",
      valueName: "%"), transform: RealNumber.read)
  var heel: Double?
  @Option(
    help: ArgumentHelp(
      "Spread of the pixels' gains, a standard deviation of 0 to 20 percent: a fixed pattern.",
      valueName: "%"), transform: RealNumber.read)
  var gainSpread: Double?
  @Flag(
    help: ArgumentHelp(
      "Leave the uneven field in the image: no flat-field correction. A cone also weakens outwards."
    ))
  var noFlatField = false
  @Option(
    help: ArgumentHelp(
      "Where the open field lies on the detector's scale, in percent; above 100 thin parts saturate "
        + "(default: 80). With --bits.", valueName: "%"), transform: RealNumber.read)
  var openField: Double?

  func validate() throws {
    // The library knows shares; here they are percent.
    let shares: [(value: Double?, name: String, range: ClosedRange<Double>)] = [
      (heel, "--heel", -90...90), (gainSpread, "--gain-spread", 0...20),
      (openField, "--open-field", 1...10_000),
    ]
    for share in shares {
      guard let value = share.value, !share.range.contains(value) else { continue }
      throw ValidationError(
        "\(share.name) is \(value); it must be \(Int(share.range.lowerBound)) to "
          + "\(Int(share.range.upperBound)) percent")
    }
  }

  /// Puts what was asked for into the settings.
  func apply(to settings: inout RadiographPhysics) {
    settings.collimation = collimate.map {
      CollimatedField(center: $0.center, size: $0.size, turnDegrees: collimatorTurn ?? 0)
    }
    settings.openField = FlatField(
      fallsOff: noFlatField, heel: (heel ?? 0) / 100, gainDeviation: (gainSpread ?? 0) / 100,
      isCorrected: !noFlatField)
    if let openField { settings.digitization?.openField = openField / 100 }
  }
}

/// What a collimator hides at the left, right, top and bottom of an image, in percent.
struct CollimationMargins {
  private let margins: [Double]

  static func read(_ text: String) throws -> CollimationMargins {
    let percent: [Double] = try NumberList.read(
      text, ",", [4], 0...95, "four shares in percent: left, right, top, bottom")
    guard percent[0] + percent[1] <= 95, percent[2] + percent[3] <= 95 else {
      throw ValidationError("the blades of two sides may hide 95 percent together at most")
    }
    return CollimationMargins(margins: percent.map { $0 / 100 })
  }

  /// The middle of the open field, as shares of the detector.
  var center: SIMD2<Double> {
    SIMD2(1 + margins[0] - margins[1], 1 + margins[2] - margins[3]) / 2
  }

  /// Its size, as shares of the detector.
  var size: SIMD2<Double> { SIMD2(1 - margins[0] - margins[1], 1 - margins[2] - margins[3]) }
}
