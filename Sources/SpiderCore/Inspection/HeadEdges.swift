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
