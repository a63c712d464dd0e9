import Foundation
import SpiderImaging
import Testing

/// What is in an X-ray but not of the patient.
@Suite struct MarkTests {

  /// A ball of 80 pixels across in an open field, with an even, repeatable grain.
  private func picture(side: Int = 128, grain: Float = 0.01) throws -> Radiograph {
    let geometry = try ViewSetup(
      pixelSize: SIMD2(460.8, 460.8) / Double(side), columns: side, rows: side
    ).geometry(of: .pa)
    let values = (0..<side * side).map { index -> Float in
      let x = (Double(index % side) + 0.5) / Double(side) - 0.5
      let y = (Double(index / side) + 0.5) / Double(side) - 0.5
      let depth = max(0, 1 - (x * x + y * y) / 0.0977).squareRoot()
      let noise = Float((index * 7919 + index / side * 104_729) % 1000) / 1000 - 0.5
      return Float(depth) + grain * noise
    }
    return Radiograph(geometry: geometry, values: values, intensity: .relative)
  }

  @Test func aCleanPictureStaysAsItIs() throws {
    for grain in [0, 0.02, 0.2] as [Float] {
      let clean = try picture(grain: grain)
      let result = clean.withoutMarks()
      #expect(result.radiograph == clean && result.replaced == 0 && result.masked == 0)
    }
  }

  @Test func hotAndDeadPixelsAreReplacedByTheirNeighbours() throws {
    let clean = try picture()
    var marked = clean
    let places = [(20, 20), (64, 64), (80, 50), (64, 100)].map { $0.1 * 128 + $0.0 }
    for (number, place) in places.enumerated() { marked.values[place] = number == 2 ? -0.5 : 2 }
    let result = marked.withoutMarks()
    #expect(result.replaced == places.count && result.masked == 0)
    for place in places {
      #expect(abs(result.radiograph.values[place] - clean.values[place]) < 0.03)
    }
    let others = clean.values.indices.filter { !places.contains($0) }
    #expect(others.allSatisfy { result.radiograph.values[$0] == clean.values[$0] })
  }

  @Test func aHotLineIsReplacedOverItsWholeLength() throws {
    let clean = try picture()
    var marked = clean
    for row in 0..<128 { marked.values[row * 128 + 70] = 1.8 }
    let result = marked.withoutMarks()
    #expect(result.replaced == 128)
    for row in 0..<128 {
      let place = row * 128 + 70
      // At the rim the ball falls off within the window of five.
      #expect(abs(result.radiograph.values[place] - clean.values[place]) < 0.2)
    }
  }

  @Test func lettersBesideThePatientAreMasked() throws {
    for side in [128, 512] {
      let n = side / 128
      var marked = try picture(side: side)
      // An L of strokes three wide, 15 high.
      let letter = (0..<side * side).filter { (index: Int) -> Bool in
        let x: Int = index % side / n - 6
        let y: Int = index / side / n - 6
        let isUpright = (0..<15).contains(y) && (0..<3).contains(x)
        let isFoot = (12..<15).contains(y) && (0..<9).contains(x)
        return isUpright || isFoot
      }
      for index in letter { marked.values[index] = 1 }
      let result = marked.withoutMarks()
      let mask = try #require(result.radiograph.mask)
      #expect(letter.allSatisfy { !mask[$0] || result.radiograph.values[$0] < 0.1 })
      // Nothing of the patient goes with it.
      let patient = mask.indices.filter { marked.values[$0] > 0.2 && !letter.contains($0) }
      #expect(patient.allSatisfy { mask[$0] })
      #expect(result.masked >= letter.count / 2)
    }
  }

  @Test func metalAndBoneOfThePatientStay() throws {
    var filled = try picture()
    for row in 70..<77 { for column in 60..<67 { filled.values[row * 128 + column] = 2.5 } }
    let result = filled.withoutMarks()
    #expect(result.radiograph == filled)
  }

  @Test func withoutAnOpenFieldNothingIsAMark() throws {
    var inside = try picture()
    // The patient fills the picture: bright islands are his.
    inside.values = (0..<128 * 128).map { index in
      let (x, y) = (Float(index % 128) / 9, Float(index / 128) / 9)
      return 0.5 + 0.3 * sin(x) * sin(y)
    }
    #expect(inside.withoutMarks().masked == 0)
  }

  @Test func smallPicturesAreLeftAlone() throws {
    var tiny = try picture(side: 24)
    tiny.values[30] = 5
    #expect(tiny.withoutMarks().radiograph == tiny)
  }
}
