import SpiderSupport

/// Which teeth a head has, and what a dentist did to them.
///
/// Bit n of each row stands for tooth n (0 the middle incisor, 7 the wisdom tooth).
/// Rows: upper right, upper left, lower right, lower left.
struct Dentition: Sendable {
  /// Natural teeth.
  private(set) var teeth = SIMD4<UInt8>()
  /// Crowns of metal on them.
  private(set) var crowns = SIMD4<UInt8>()
  /// Fillings of metal in their bite.
  private(set) var fillings = SIMD4<UInt8>()
  /// Titanium screws in place of a root, with a crown.
  private(set) var implants = SIMD4<UInt8>()

  /// Draws the teeth of a person; `aged` is 0 at 20 years, 1 at 90.
  init(aged: Float, options: HeadPhantom.Options, _ generator: inout SeededGenerator) {
    let isToothless = generator.uniform() < options.edentulousProbability
    let missing =
      options.maximumMissingTeeth * generator.uniform()
      * (0.4 * generator.uniform() + 0.6 * Double(aged))
    let hasMetal = generator.uniform() < options.metalProbability
    let crownShare = hasMetal ? generator.uniform(in: 0...0.3) : 0
    let fillingShare = hasMetal ? generator.uniform(in: 0.05...0.5) : 0
    let hasImplants = generator.uniform() < options.implantProbability
    for row in 0..<4 {
      for place in 0..<8 {
        let bit = UInt8(1) << UInt8(place)
        let chance = place == 7 ? 0.45 : 1 - missing
        let isThere = generator.uniform() < chance && !isToothless
        let (crown, filling, implant) = (
          generator.uniform(), generator.uniform(), generator.uniform()
        )
        if isThere {
          teeth[row] |= bit
          // Crowns and fillings are on the back teeth.
          if crown < crownShare, place >= 3 {
            crowns[row] |= bit
          } else if filling < fillingShare, place >= 3 {
            fillings[row] |= bit
          }
        } else if hasImplants, place < 7, implant < (isToothless ? 0.2 : 0.6) {
          implants[row] |= bit
        }
      }
    }
    // Metal that was asked for shows, whatever the dice said.
    if hasMetal, crowns == .zero, fillings == .zero {
      for row in 0..<4 where teeth[row] & 0b0111_1000 != 0 {
        let molar = teeth[row] & 0b0111_1000
        fillings[row] = molar & (~molar &+ 1)
        break
      }
    }
  }

  /// How much of a jaw's ridge is left: 1 with teeth, less without.
  func ridge(upper: Bool) -> Float {
    let rows = upper ? (teeth.x, teeth.y) : (teeth.z, teeth.w)
    return min(1, Float(rows.0.nonzeroBitCount + rows.1.nonzeroBitCount) / 5)
  }
}
