import ArgumentParser
import SpiderCore
import SpiderDRR
import SpiderIO

/// What of the detector the beam lights, how evenly, and where that lies on the scale.
struct FieldOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Collimate: percent of the image that the blades hide at the left, right, top and bottom. What is "
        + "hidden is masked: NaN in the NIfTI file, black in pictures.",
      valueName: "l,r,t,b"))
  var collimate: CollimationMargins?
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Turn the collimator. With --collimate.", valueName: "degrees"))
  var collimatorTurn: Double?
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Heel effect: by how many percent the beam is weaker at the first row than in the middle.",
      valueName: "%"))
  var heel: Double?
  @Option(
    help: ArgumentHelp(
      "Spread of the pixels' gains, a standard deviation in percent: a fixed pattern.",
      valueName: "%"))
  var gainSpread: Double?
  @Flag(
    help: ArgumentHelp(
      "Leave the uneven field in the image: no flat-field correction. A cone also weakens outwards."
    ))
  var noFlatField = false
  @Option(
    help: ArgumentHelp(
      "Where the open field lies on the detector's scale, in percent; above 100 thin parts saturate "
        + "(default: 80). With --bits.", valueName: "%"))
  var openField: Double?

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
struct CollimationMargins: ExpressibleByArgument {
  private let margins: [Double]

  init?(argument: String) {
    guard let percent: [Double] = parts(of: argument, separator: ",", counts: [4]),
      percent.allSatisfy((0..<100).contains), percent[0] + percent[1] <= 95,
      percent[2] + percent[3] <= 95
    else { return nil }
    margins = percent.map { $0 / 100 }
  }

  /// The middle of the open field, as shares of the detector.
  var center: SIMD2<Double> {
    SIMD2(1 + margins[0] - margins[1], 1 + margins[2] - margins[3]) / 2
  }

  /// Its size, as shares of the detector.
  var size: SIMD2<Double> { SIMD2(1 - margins[0] - margins[1], 1 - margins[2] - margins[3]) }
}
