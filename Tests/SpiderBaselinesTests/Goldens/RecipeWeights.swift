import SpiderCore
import SpiderSupport
import SpiderTensor

/// Weights of golden sets that are not stored: each parameter's numbers follow from its name alone, by the
/// recipe of `Recipe` in Tests/Generators/published_networks.py. Every step is exact in double precision but
/// the last rounding, so both sides have the same bits.
struct RecipeWeights {
  let seed: UInt64

  func arena(_ layout: ParameterLayout) -> ParameterArena {
    var arena = ParameterArena(layout)
    for parameter in layout.parameters {
      var random = SeededGenerator(seed: hash(parameter.name))
      let spread = (3 / Double(parameter.shape.dropFirst().reduce(1, *))).squareRoot()
      arena.set(
        parameter,
        (0..<parameter.count).map { _ in
          let u = random.uniform()
          if parameter.name.hasSuffix("running_var") { return Float(0.5 + u) }
          if parameter.shape.count > 1 { return Float((2 * u - 1) * spread) }
          return Float(parameter.name.hasSuffix(".weight") ? 0.7 + 0.6 * u : 0.3 * (2 * u - 1))
        })
    }
    return arena
  }

  /// FNV-1a, its start mixed with the seed.
  private func hash(_ name: String) -> UInt64 {
    name.utf8.reduce(0xCBF2_9CE4_8422_2325 ^ seed) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
  }
}
