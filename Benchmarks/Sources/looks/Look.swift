import SpiderCore
import SpiderDRR

/// How radiographs may look and still be right.
public enum Look: String, CaseIterable {
  /// Line integrals.
  case clean
  /// Few photons, blur and scatter.
  case noisy
  /// A picture of 8 bits through a tone curve.
  case filmed
  /// A collimator hides the borders.
  case collimated

  /// The two views of a head, each up to 1.5 degrees and the patient up to 12 mm off.
  /// Beside what is shown come the line integrals in the same places.
  public func views(
    of ct: Volume, about center: Vector3, _ random: inout Draws
  ) throws -> (shown: [Radiograph], clean: [Radiograph]) {
    let setup = ViewSetup()
    let offset = Vector3(
      .random(in: -12...12, using: &random), .random(in: -12...12, using: &random),
      .random(in: -12...12, using: &random))
    let geometries = try [180.0, 270].map { angle in
      let view = NamedView.gantry(degrees: angle + .random(in: -1.5...1.5, using: &random))
      let arm = try setup.geometry(of: view, isocenter: center + offset)
      // A gantry's columns run the other way than those of views as they hang.
      return try arm.flipped(columns: true, rows: false)
    }
    let clean = DigitalRadiograph().make(ct: ct, geometries: geometries)
    var physics = RadiographPhysics()
    physics.seed = random.next()
    switch self {
    case .clean: return (clean, clean)
    case .noisy:
      physics.tube = XRayTube(
        kilovolts: .random(in: 65...110, using: &random), aluminium: 2.5, copper: 0)
      physics.photons = .random(in: 3000...20_000, using: &random)
      physics.scatter = Scatter(ratio: .random(in: 0.2...0.8, using: &random), width: 80)
      physics.detectorBlur = .random(in: 0.5...3, using: &random)
    case .filmed:
      physics.tube = XRayTube(
        kilovolts: .random(in: 65...110, using: &random), aluminium: 2.5, copper: 0)
      physics.photons = 100_000
      physics.digitization = Digitization(bits: 12)
      physics.tone = ToneCurve(gamma: .random(in: 0.6...1.5, using: &random), bits: 8)
    case .collimated:
      let margins = (0..<4).map { _ in Double.random(in: 0.03...0.1, using: &random) }
      physics.collimation = CollimatedField(
        center: SIMD2(1 + margins[0] - margins[1], 1 + margins[2] - margins[3]) / 2,
        size: SIMD2(1 - margins[0] - margins[1], 1 - margins[2] - margins[3]),
        turnDegrees: .random(in: -3...3, using: &random))
    }
    let chain = DigitalRadiograph(chain: try XRayChain(physics))
    return (chain.make(ct: ct, geometries: geometries), clean)
  }
}

/// Random numbers that are the same everywhere: SplitMix64.
public struct Draws: RandomNumberGenerator {
  private var state: UInt64

  /// Starts at a seed.
  public init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1 }

  /// The next number.
  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
