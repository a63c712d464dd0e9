import Foundation
import SpiderCore
import SpiderSupport
import SpiderTestSupport
import Testing

/// The decoder says by how much a class is the likeliest.
@Suite struct MarginTests {
  private static let classes: [UInt8] = [3, 0, 6]

  private func decoder(
    _ given: DecoderCase, on grid: VoxelGrid, margins: [UInt8], _ instructions: InstructionSet
  ) throws -> VolumeDecoder {
    try VolumeDecoder(
      model: given.model(), features: given.features(), matrices: given.matrices(),
      isocenter: given.isocenter, grid: grid, hoisting: true, margins: margins,
      instructions: instructions)
  }

  /// By softmax in double precision from the scores of the plain way.
  @Test(arguments: InstructionSet.available)
  func marginsAreThoseOfTheProbabilities(_ instructions: InstructionSet) throws {
    let given = DecoderCase()
    for (_, grid) in DecoderGrids.all {
      let answers = try decoder(given, on: grid, margins: Self.classes, instructions)
        .answers(slices: 0..<grid.nz)
      let margins = try #require(answers.margins)
      #expect(margins.count == grid.count * Self.classes.count)
      let plain = try given.plain(on: grid)
      var (found, expected) = ([Float](), [Float]())
      for voxel in 0..<grid.count {
        let own = Array(margins[voxel * Self.classes.count..<(voxel + 1) * Self.classes.count])
        guard plain.intensity[voxel] != nil else {
          #expect(own == [-1, -1, -1], "voxel \(voxel) beyond the frame")
          continue
        }
        let powers = plain.scores[voxel].map { exp(Double($0)) }
        let sum = powers.reduce(0, +)
        for value in Self.classes {
          let others = powers.enumerated().filter { $0.offset != Int(value) }.map(\.element)
          expected.append(Float((powers[Int(value)] - (others.max() ?? 0)) / sum))
        }
        found += own
      }
      #expect(Set(expected).count > 100)
      expectClose(found, expected, rtol: 1e-3, atol: 1e-4)
      // Where a class has a margin above zero it is the label, and nobody's answer changes for being asked.
      for (voxel, label) in answers.labels.enumerated() {
        for (n, value) in Self.classes.enumerated() {
          let margin = margins[voxel * Self.classes.count + n]
          #expect(margin == 0 || (margin > 0) == (label == value), "voxel \(voxel), \(value)")
        }
      }
      let silent = try decoder(given, on: grid, margins: [], instructions)
        .answers(slices: 0..<grid.nz)
      #expect(silent.margins == nil)
      #expect(silent.hounsfield == answers.hounsfield && silent.labels == answers.labels)
    }
  }

  /// Slabs and voxels that are left out change nothing of the others.
  @Test func slabsAndCulledVoxels() throws {
    let (given, grid) = (DecoderCase(), DecoderGrids.all[0].1)
    let decoder = try decoder(given, on: grid, margins: Self.classes, .best)
    let whole = try #require(decoder.answers(slices: 0..<grid.nz).margins)
    let (plane, count) = (grid.nx * grid.ny, Self.classes.count)
    let kept = (0..<plane).filter { $0 % 3 != 0 }.map { UInt32($0) }
    let slice = try #require(decoder.answers(slices: 1..<2, keeping: kept).margins)
    for voxel in 0..<plane {
      let own = Array(slice[voxel * count..<(voxel + 1) * count])
      let all = Array(whole[(plane + voxel) * count..<(plane + voxel + 1) * count])
      #expect(own == (voxel % 3 == 0 ? [-1, -1, -1] : all), "voxel \(voxel)")
    }
  }
}
