import SpiderCore

/// The networks that are timed: fixed sizes, random numbers. N64, N128 and N256 differ in the width of
/// the decoder's hidden layers; each has a variant with the Fourier code instead of the hash code.
struct BenchmarkNetwork: Sendable {
  let name: String
  let model: SpiderModel

  static let widths = [64, 128, 256]

  /// All six.
  static let all: [BenchmarkNetwork] = [PositionalCodeChoice.paper, .fourier(octaves: 6)]
    .flatMap { code in widths.map { BenchmarkNetwork(width: $0, code: code) } }

  init(width: Int, code: PositionalCodeChoice) {
    if case .fourier = code { name = "N\(width)-fourier" } else { name = "N\(width)" }
    let architecture = SpiderArchitecture(
      encoderWidths: [32, 64, 128, 256], featuresPerView: 64, viewCount: 2, pooling: .concatenate,
      code: code, hiddenWidths: [width, width, width])
    model = SpiderModel(ModelDescription(architecture: architecture), seed: UInt64(width))
  }
}
