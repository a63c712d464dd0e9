import SpiderCore
import SpiderSupport

/// The variation of patients' CT numbers, beside that of their shape. Ranges are one-sided: 15 means anything from
/// -15 to 15.
///
/// What varies is a curve of the CT number itself, not a number for each label: it acts on voxels whose
/// structure is unknown, is continuous where tissues share a voxel, and changes X-rays and truth alike.
/// Air stays air.
public struct TissueVariation: Codable, Equatable, Sendable {
  /// Shift of fat, HU.
  public var fat = 15.0
  /// Shift of brain, muscle and all else near water, HU.
  public var soft = 10.0
  /// Change of what bone has beyond soft tissue, as a share: its density.
  public var boneDensity = 0.12
  /// The share of that which may be missing besides: one-sided, for scans of high tube voltage.
  public var boneLoss = 0.0
  /// Change of all attenuation, as a share: the scanner's calibration.
  public var gain = 0.01

  /// The defaults.
  public init() {}

  /// No variation at all.
  public static let none: TissueVariation = {
    var none = TissueVariation()
    (none.fat, none.soft, none.boneDensity, none.boneLoss, none.gain) = (0, 0, 0, 0, 0)
    return none
  }()

  /// Settings and their limits: within these the curve rises everywhere.
  var ranges: [(name: String, value: Double, limit: Double)] {
    [
      ("fat", fat, 60), ("soft", soft, 60), ("boneDensity", boneDensity, 0.5),
      ("boneLoss", boneLoss, 0.7), ("gain", gain, 0.2),
    ]
  }

  /// A curve; nil where nothing varies.
  func draw(_ random: inout SeededGenerator) -> TissueCurve? {
    guard self != .none else { return nil }
    func pick(_ range: Double) -> Double { random.uniform(in: -range...range) }
    let (fat, soft) = (pick(fat), pick(soft))
    let (density, gain) = (1 + pick(boneDensity), 1 + pick(gain))
    let kept = 1 - random.uniform(in: 0...boneLoss)
    return TissueCurve(fat: fat, soft: soft, boneDensity: density * kept, gain: gain)
  }
}

/// A drawn curve of CT numbers: straight from air to fat, from there to soft tissue, and from there up.
///
/// It works on attenuation relative to water, 1 + HU/1000, which at 70 keV is both the CT number and the
/// attenuation (``/SpiderDRR/Attenuation/standard``).
struct TissueCurve: Equatable {
  private static let fat: Float = 0.9
  private static let soft: Float = 1.04
  /// Value = offset + slope times relative attenuation below fat, below soft tissue, and above.
  private let slopes: SIMD3<Float>
  private let offsets: SIMD3<Float>

  /// A curve of shifts in HU and factors.
  init(fat: Double, soft: Double, boneDensity: Double, gain: Double) {
    let (g, f, s) = (Float(gain), Self.fat + Float(fat / 1000), Self.soft + Float(soft / 1000))
    let slopes = SIMD3(f / Self.fat, (s - f) / (Self.soft - Self.fat), Float(boneDensity))
    self.slopes = g * slopes
    offsets = g * SIMD3(0, f - slopes[1] * Self.fat, s - slopes[2] * Self.soft)
  }

  /// The attenuation, relative to water, of what had another one before.
  @inline(__always) func relative(_ value: Float) -> Float {
    let part = value < Self.fat ? 0 : value < Self.soft ? 1 : 2
    return offsets[part] + slopes[part] * value
  }

  /// Attenuation, 1/mm, when that of water is `water`.
  func attenuation(_ values: [Float], water: Float) -> [Float] {
    let inverse = 1 / water
    let (o, s) = (offsets * water, slopes)
    return values.map { value in
      let relative = value * inverse
      return relative < Self.fat
        ? s[0] * value : relative < Self.soft ? o[1] + s[1] * value : o[2] + s[2] * value
    }
  }

  /// CT numbers, HU.
  func hu(_ value: Float) -> Float { 1000 * relative(1 + value / 1000) - 1000 }
}
