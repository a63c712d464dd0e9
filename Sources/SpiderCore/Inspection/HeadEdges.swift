/// Where the head goes on beyond the edges of a picture: a head that is whole is surrounded by air.
struct HeadEdges {
  /// The longest stretch of the head along an edge, and its length at the patient.
  let longest: (edge: ViewFault.Edge, millimetres: Double)?

  /// Tissue starts here, in the relative form: some 4 cm of it.
  private static let tissue: Float = 0.2
  /// How far below its middle a head reaches, mm: what lies lower, chin, neck and shoulders, may leave a picture.
  private static let below = 40.0

  /// Looks along the top and the sides of what a picture shows; nil where it shows nothing.
  init?(_ radiograph: Radiograph, _ reading: XrayReading) {
    let side = XrayInspector.side
    guard
      let picture = XrayInspector.part(
        of: radiograph, about: radiograph.geometry.middlePixel, side: radiograph.geometry.longerSide
      )
    else { return nil }
    let millimetres = reading.width / Double(side)
    let lowest = (reading.middle.y + 1) / 2 * Double(side) + Self.below / millimetres
    var longest: (ViewFault.Edge, Double)?
    for edge in ViewFault.Edge.allCases {
      let count = (0..<side).count { line in
        // From the edge inwards, the first pixel that is part of the picture.
        let places = (0..<side).lazy.map { depth in
          switch edge {
          case .top: depth * side + line
          case .left: line * side + depth
          case .right: line * side + side - 1 - depth
          }
        }
        guard let first = places.first(where: picture.counts) else { return false }
        return Double(first / side) < lowest && picture.values[first] > Self.tissue
      }
      let length = Double(count) * millimetres
      if length > longest?.1 ?? 0 { longest = (edge, length) }
    }
    self.longest = longest
  }
}

/// Where the crown of a head is seen in a picture: the first row, from above, in which the head is wide enough to be
/// no noise and no hair.
///
/// It is what two views of one head have in common: at one height in the world, it lies on nearly the same plane of
/// rays in both.
package struct Crown {
  /// The row of the picture, counted from the middle of its first row.
  package let row: Double

  /// Pixels along a side of what is looked at.
  private static let pixels = 128
  /// The side of the square that is looked at, mm at the patient: above the ears, and air.
  private static let side = 180.0
  /// How wide the head must be in a row, mm.
  private static let width = 25.0
  /// Tissue starts here, in the relative form: 2 to 3 cm of it.
  private static let tissue: Float = 0.12
  /// How far from where it is expected the crown may be, mm.
  private static let reach = 45.0

  /// Looks for the crown near a pixel, column and row; nil where the head is cut off above, or not seen.
  ///
  /// - Parameter pixelAtPatient: the size of a pixel there, along a row and along a column, mm.
  package init?(
    in radiograph: Radiograph, near expected: SIMD2<Double>, pixelAtPatient: SIMD2<Double>
  ) {
    let geometry = radiograph.geometry
    let millimetres = Self.side / Double(Self.pixels)
    // On the detector a pixel has its own length, whatever it measures at the patient.
    let side = Self.side / pixelAtPatient.x * length(geometry.columnStep)
    guard
      let part = XrayInspector.part(
        of: radiograph, about: expected, side: side, pixels: Self.pixels)
    else { return nil }
    let middle = Double(Self.pixels - 1) / 2
    let reach = Int(Self.reach / millimetres)
    let rows = max(0, Int(middle) - reach)...min(Self.pixels - 1, Int(middle) + reach)
    let widths = rows.map { Self.longestRun(in: part, row: $0) * millimetres }
    // Three rows in a row: a lead letter above the head is no crown, and neither is a line.
    guard
      let first = widths.indices.dropLast(2).first(where: { start in
        widths[start...start + 2].allSatisfy { $0 >= Self.width }
      }), first > 0, part.counts((rows.lowerBound + first - 1) * Self.pixels + Self.pixels / 2)
    else { return nil }
    let (above, below) = (widths[first - 1], widths[first])
    let share = below > above ? (Self.width - above) / (below - above) : 1
    let place = Double(rows.lowerBound + first - 1) + share
    row = expected.y + (place - middle) * millimetres / pixelAtPatient.y
  }

  /// Pixels in the longest run of tissue of a row.
  private static func longestRun(in part: Radiograph, row: Int) -> Double {
    var (longest, run) = (0, 0)
    for index in row * pixels..<(row + 1) * pixels {
      run = part.counts(index) && part.values[index] > tissue ? run + 1 : 0
      longest = max(longest, run)
    }
    return Double(longest)
  }
}
