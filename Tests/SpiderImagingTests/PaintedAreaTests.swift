import SpiderImaging
import Testing

/// Bars and boxes that someone painted over an X-ray.
@Suite struct PaintedAreaTests {

  /// A ball of 5/8 of the picture in an open field, on a neck that leaves it below, with an even, repeatable grain.
  private func picture(side: Int = 192, grain: Float = 0.01, clip: Float = -1) throws -> Radiograph
  {
    let geometry = try ViewSetup(
      pixelSize: SIMD2(460.8, 460.8) / Double(side), columns: side, rows: side
    ).geometry(of: .pa)
    let values = (0..<side * side).map { index -> Float in
      let x = (Double(index % side) + 0.5) / Double(side) - 0.5
      let y = (Double(index / side) + 0.5) / Double(side) - 0.5
      let ball = max(0, 1 - (x * x + y * y) / 0.0977).squareRoot()
      let neck = y > 0 ? max(0, 1 - x * x / 0.02).squareRoot() * 0.6 : 0
      let noise = Float((index * 7919 + index / side * 104_729) % 1000) / 1000 - 0.5
      return max(clip, Float(max(ball, neck)) + grain * noise)
    }
    return Radiograph(geometry: geometry, values: values, intensity: .relative)
  }

  /// Paints a rectangle, given in parts of the side.
  private func paint(
    _ image: inout Radiograph, columns: ClosedRange<Double>, rows: ClosedRange<Double>,
    value: Float
  ) -> [Int] {
    let side = image.geometry.columns
    func pixels(_ range: ClosedRange<Double>) -> Range<Int> {
      Int(range.lowerBound * Double(side))..<Int(range.upperBound * Double(side))
    }
    var places: [Int] = []
    for row in pixels(rows) {
      for column in pixels(columns) {
        places.append(row * side + column)
        image.values[row * side + column] = value
      }
    }
    return places
  }

  @Test func aPictureWithoutPaintStaysAsItIs() throws {
    for side in [64, 192, 700] {
      for (grain, clip) in [(0, -1), (0.02, -1), (0, 0.02), (0.02, 0.02)] as [(Float, Float)] {
        let clean = try picture(side: side, grain: grain, clip: clip)
        #expect(clean.withoutPaintedAreas() == clean)
      }
    }
  }

  @Test func aBarOverTheEyesIsFilledInAnyGrey() throws {
    for side in [192, 700] {
      for value in [0, 0.4, 0.97, 3] as [Float] {
        let clean = try picture(side: side, clip: 0)
        var painted = clean
        let bar = paint(&painted, columns: 0.3...0.7, rows: 0.4...0.5, value: value)
        let result = painted.withoutPaintedAreas()
        #expect(result.mask == nil)
        #expect(bar.allSatisfy { abs(result.values[$0] - clean.values[$0]) < 0.1 })
        let changed = result.values.indices.count { result.values[$0] != painted.values[$0] }
        #expect(changed < bar.count * 3 / 2, "\(changed) pixels for a bar of \(bar.count)")
      }
    }
  }

  @Test func aBarFromEndToEndIsFilledAndABoxMasked() throws {
    for value in [0, 0.4, 3] as [Float] {
      let clean = try picture(side: 300, clip: 0)
      var painted = clean
      let bar = paint(&painted, columns: 0...1, rows: 0.4...0.5, value: value)
      let filled = painted.withoutPaintedAreas()
      #expect(bar.allSatisfy { abs(filled.values[$0] - clean.values[$0]) < 0.2 })
    }
    var boxed = try picture(side: 300)
    let box = paint(&boxed, columns: 0.35...0.65, rows: 0.35...0.65, value: 0.3)
    let result = boxed.withoutPaintedAreas()
    #expect(box.allSatisfy { !result.counts($0) } && result.values == boxed.values)
  }

  /// Posterised, a picture has even areas of its own.
  @Test func inFewGreysNothingIsLookedFor() throws {
    var coarse = try picture(side: 300, grain: 0)
    coarse.values = coarse.values.map { (60 * $0).rounded() / 60 }
    _ = paint(&coarse, columns: 0.3...0.7, rows: 0.4...0.5, value: 0.4)
    #expect(coarse.withoutPaintedAreas() == coarse)
  }

  @Test func aPartPaintedGreyUpToTheEdgeIsMasked() throws {
    var painted = try picture(side: 300)
    let part = paint(&painted, columns: 0...0.33, rows: 0...1, value: 0.5)
    let result = painted.withoutPaintedAreas()
    #expect(part.allSatisfy { !result.counts($0) })
    #expect(result.counts(150 * 300 + 150))
  }

  @Test func twoBoxesAreFoundWhereOneIsSmoothedAtItsEdges() throws {
    let side = 512
    var painted = try picture(side: side, grain: 0.03)
    let first = paint(&painted, columns: 0.32...0.45, rows: 0.3...0.4, value: 0)
    let second = paint(&painted, columns: 0.55...0.68, rows: 0.3...0.4, value: 0.2)
    // As compression leaves it: uneven near the edges, even within.
    for place in first {
      let (column, row) = (place % side, place / side)
      let depth = min(column - 163, 229 - column, row - 153, 204 - row)
      if depth < 5, (row + column) % 3 != 0 { painted.values[place] = 0.01 }
    }
    let result = painted.withoutPaintedAreas()
    let clean = try picture(side: side, grain: 0.03)
    #expect((first + second).allSatisfy { abs(result.values[$0] - clean.values[$0]) < 0.15 })
  }

  /// Too little or too much light on a detector makes areas of one number as well.
  @Test func whatADetectorCutsOffIsNoPaint() throws {
    var dark = try picture(clip: 0.05)
    // The open field above the crown, and a shoulder that stops all light.
    #expect(dark.withoutPaintedAreas() == dark)
    // The air between a chin and a chest, up to the image's end.
    let chin = paint(&dark, columns: 0.6...0.85, rows: 0.6...0.7, value: 0.8)
    let chest = paint(&dark, columns: 0.6...1, rows: 0.78...0.83, value: 0.7)
    for (number, place) in (chin + chest).enumerated() {
      dark.values[place] += Float(number % 9) / 90
    }
    #expect(dark.withoutPaintedAreas() == dark)
    let shoulders = paint(&dark, columns: 0...1, rows: 0.85...1, value: 1.4)
    let result = dark.withoutPaintedAreas()
    #expect(shoulders.allSatisfy(result.counts))
  }

  @Test func inASimulationNothingIsLookedFor() throws {
    var painted = try picture()
    _ = paint(&painted, columns: 0.3...0.7, rows: 0.4...0.5, value: 0.4)
    painted.photonEnergy = 70
    #expect(painted.withoutPaintedAreas() == painted)
  }
}
