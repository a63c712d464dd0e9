import Foundation
import SpiderTensor

/// A small network that looks at an X-ray picture as a technician would before anything is made of it: does it
/// show a head, from which side, which way up, negative or positive, all of it, how large?
///
/// It knows nothing of geometry. The picture is shrunk into a square of 64 x 64 pixels, its longer side filling
/// it, and brought to the relative form; four times a 3x3 convolution, ReLU and a mean over 2x2, then two
/// linear layers. ``XrayReading`` is what it says, and `ViewInspection` holds that against the geometry.
/// Trained on radiographs of procedural and real heads with all these faults made
/// (`Benchmarks/peers/train_inspector.py`); what it catches and how often it errs: Docs/Xrays.md.
public struct XrayInspector: Sendable {
  /// Pixels along a side of what it reads.
  static let side = 64
  /// Numbers it gives: see ``XrayReading``.
  static let outputs = 14
  /// The open field lies here in what it reads, so that the masked, which is 0, differs from it.
  private static let level: Float = 0.4

  private let convolutions: [Convolution]
  private let hidden: Linear
  private let output: Linear
  let parameters: ParameterArena

  /// The places of its parameters, under the names that its file has.
  package static let layout = plan().layout

  /// An inspector with parameters of ``layout``.
  package init(_ parameters: ParameterArena) {
    precondition(parameters.layout.count == Self.layout.count, "parameters of another network")
    (_, convolutions, hidden, output) = Self.plan()
    self.parameters = parameters
  }

  private static func plan() -> (
    layout: ParameterLayout, convolutions: [Convolution], hidden: Linear, output: Linear
  ) {
    var layout = ParameterLayout()
    let widths = [2, 12, 24, 48, 64]
    let convolutions = widths.indices.dropLast().map { level in
      Convolution(
        "convolutions.\(level)", over: .images, inputChannels: widths[level],
        outputChannels: widths[level + 1], layout: &layout)
    }
    let last = side >> convolutions.count
    let hidden = Linear(
      "hidden", inputs: widths[convolutions.count] * last * last, outputs: 96, relu: true,
      layout: &layout)
    let output = Linear("output", inputs: 96, outputs: outputs, relu: false, layout: &layout)
    return (layout, convolutions, hidden, output)
  }

  /// Looks at a radiograph as it hangs, whatever its geometry says.
  ///
  /// Nil where it shows nothing.
  public func read(_ radiograph: Radiograph) -> XrayReading? {
    read(
      radiograph, about: radiograph.geometry.middlePixel, side: radiograph.geometry.longerSide)
  }

  /// Looks at a square part of a radiograph; the reading is of that part.
  ///
  /// - Parameters:
  ///   - middle: the pixel position, column and row, about which the part lies.
  ///   - side: its side on the detector, mm.
  func read(_ radiograph: Radiograph, about middle: SIMD2<Double>, side: Double) -> XrayReading? {
    Self.part(of: radiograph, about: middle, side: side).map { XrayReading(outputs: answer($0)) }
  }

  /// A square part of a radiograph, by default as the network reads it, in the relative form; nil where it
  /// shows nothing.
  static func part(
    of radiograph: Radiograph, about middle: SIMD2<Double>, side: Double, pixels: Int = Self.side
  ) -> Radiograph? {
    guard
      let frame = try? radiograph.geometry.square(of: pixels, about: middle, side: side)
    else { return nil }
    let small = radiograph.resampled(onto: frame)
    return small.relativeScale == nil ? nil : small.relative()
  }

  /// The network's numbers for a picture of its size in the relative form.
  package func answer(_ picture: Radiograph) -> [Float] {
    let known = picture.values.indices.map { picture.counts($0) ? Float(1) : 0 }
    let values = zip(picture.values, known).map { $0 - Self.level * $1 }
    var image = Tensor([1, 2, Self.side, Self.side], values + known)
    for convolution in convolutions {
      image = Self.halved(convolution.forward(image, parameters))
    }
    let middle = FloatSlice.scratch(hidden.outputs)
    hidden.forward(image.slice, parameters, into: middle)
    let answer = FloatSlice.scratch(output.outputs)
    output.forward(middle, parameters, into: answer)
    return answer.array
  }

  /// ReLU, then means over 2x2 pixels.
  private static func halved(_ image: Tensor) -> Tensor {
    let (channels, rows, columns) = (image.shape[1], image.shape[2] / 2, image.shape[3] / 2)
    let values = image.values
    var result = [Float](repeating: 0, count: channels * rows * columns)
    for index in result.indices {
      let (column, row) = (index % columns, index / columns)
      // Rows of all channels follow one another, two of the image for one of the result.
      let start = 2 * row * 2 * columns + 2 * column
      var sum: Float = 0
      for place in [start, start + 1, start + 2 * columns, start + 2 * columns + 1] {
        sum += max(0, values[place])
      }
      result[index] = sum / 4
    }
    return Tensor([1, channels, rows, columns], result)
  }
}

extension ProjectionGeometry {
  /// A square detector of so many pixels in the plane of this one, about one of its pixels and of a side in mm.
  fileprivate func square(
    of pixels: Int, about middle: SIMD2<Double>, side: Double
  ) throws(GeometryError) -> ProjectionGeometry {
    let step = side / Double(pixels)
    let (column, row) = (normalized(columnStep) * step, normalized(rowStep) * step)
    return try ProjectionGeometry(
      beam: beam,
      pixelOrigin: pixelCenter(column: middle.x, row: middle.y)
        - (column + row) * (Double(pixels - 1) / 2),
      columnStep: column, rowStep: row, columns: pixels, rows: pixels, isocenter: isocenter)
  }

  /// The pixel position of the detector's middle.
  var middlePixel: SIMD2<Double> { SIMD2(Double(columns - 1), Double(rows - 1)) / 2 }

  /// The length of the detector's longer side, mm.
  var longerSide: Double {
    max(length(columnStep) * Double(columns), length(rowStep) * Double(rows))
  }
}

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
