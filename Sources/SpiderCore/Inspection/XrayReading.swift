import Foundation

/// What ``XrayInspector`` says of a picture.
public struct XrayReading: Equatable, Sendable {
  /// What a picture shows, turned upright.
  public enum Content: Int, CaseIterable, Sendable {
    /// A head from the front or from behind; which of the two, no projection tells.
    case frontal
    /// A head from the side that faces the viewer's left.
    case facingLeft
    /// A head from the side that faces the viewer's right.
    case facingRight
    /// No head, or too little of one.
    case other
  }

  /// The probability of each content.
  public let contents: [Double]
  /// The probabilities that the picture has been turned clockwise by 0, 1, 2 and 3 quarters.
  public let turns: [Double]
  /// The probability that it is a negative: bone dark.
  public let inverted: Double
  /// The share of the head, jaw and skull from 70 mm below its middle upwards, that it shows.
  public let visibleShare: Double
  /// What the longer side of the picture measures at the patient, mm.
  public let width: Double
  /// Where the middle of the head lies: (0, 0) is the picture's middle, (1, 1) lies half its longer side to the
  /// right and below. The middle is that of the canonical field of view, 116 mm below the crown.
  public let middle: SIMD2<Double>

  /// Takes the network's numbers apart: logits of four contents, of four turns, of being a negative, of the
  /// visible share, ln(width / 300 mm), and the middle; the last is kept free.
  init(outputs: [Float]) {
    let numbers = outputs.map(Double.init)
    precondition(numbers.count == XrayInspector.outputs, "\(numbers.count) numbers")
    contents = Self.softmax(numbers[0..<4])
    turns = Self.softmax(numbers[4..<8])
    inverted = Self.logistic(numbers[8])
    visibleShare = Self.logistic(numbers[9])
    width = 300 * exp(min(max(numbers[10], -5), 5))
    middle = SIMD2(numbers[11], numbers[12])
  }

  /// The likeliest content, and its probability.
  public var content: (Content, probability: Double) {
    let best = contents.indices.max { contents[$0] < contents[$1] } ?? 0
    return (Content.allCases[best], contents[best])
  }

  /// The probability of a content.
  public subscript(content: Content) -> Double { contents[content.rawValue] }

  private static func softmax(_ logits: ArraySlice<Double>) -> [Double] {
    let top = logits.max() ?? 0
    let powers = logits.map { exp($0 - top) }
    let sum = powers.reduce(0, +)
    return powers.map { $0 / sum }
  }

  private static func logistic(_ x: Double) -> Double { 1 / (1 + exp(-x)) }
}
