import Foundation
import SpiderCore
import SpiderSupport
import SpiderTensor
import SpiderTestSupport
import Testing

/// The decoder says how far its CT numbers may be off, and says the same CT numbers as before.
@Suite struct UncertaintyTests {
  /// A head that answers with exp(intensity - 3): the intensity is known the plain way.
  private func model(_ given: DecoderCase, factor: Float = 2) throws -> SpiderModel {
    var model = given.model()
    func numbers(_ name: String) throws -> [Float] {
      let parameter = model.network.layout.parameters.first {
        $0.name == "decoder.intensity.\(name)"
      }
      return model.parameters[try #require(parameter)].array
    }
    model.uncertainty = UncertaintyHead(
      weights: try numbers("weight"), bias: try numbers("bias")[0] - 3, factor: factor)
    return model
  }

  private func decoder(
    _ model: SpiderModel, _ given: DecoderCase, on grid: VoxelGrid, isUncertain: Bool = true,
    _ instructions: InstructionSet = .best
  ) throws -> VolumeDecoder {
    try VolumeDecoder(
      model: model, features: given.features(), matrices: given.matrices(),
      isocenter: given.isocenter, grid: grid, hoisting: true, isUncertain: isUncertain,
      instructions: instructions)
  }

  @Test(arguments: InstructionSet.available)
  func theScaleIsThatOfTheHead(_ instructions: InstructionSet) throws {
    // 1 + 7 + 1 outputs fill two panels of 8, 1 + 6 + 1 just one.
    for given in [DecoderCase(), DecoderCase(pooling: .mean, views: 3, classes: 6)] {
      let model = try model(given)
      for (_, grid) in DecoderGrids.all {
        let slices = 0..<grid.nz
        let answers = try decoder(model, given, on: grid, instructions).answers(slices: slices)
        let scales = try #require(answers.uncertainty)
        var (found, expected) = ([Float](), [Float]())
        for (index, intensity) in try given.plain(on: grid).intensity.enumerated() {
          guard let intensity else {
            #expect(scales[index] == 0, "voxel \(index) beyond the frame")
            continue
          }
          guard intensity > 0, intensity < 1 else { continue }
          found.append(scales[index])
          expected.append(3000 * min(1, 2 * exp(intensity - 3)))
        }
        #expect(Set(expected).count > 100)
        expectClose(found, expected, rtol: 5e-4, atol: 0)
        // The CT numbers and labels are those of a decoder that nobody asks.
        let plain = try decoder(model, given, on: grid, isUncertain: false, instructions)
          .answers(slices: slices)
        #expect(plain.hounsfield == answers.hounsfield && plain.labels == answers.labels)
        #expect(plain.uncertainty == nil)
      }
    }
  }

  @Test func airThatNobodyAskedForIsCertain() throws {
    let (given, grid) = (DecoderCase(), DecoderGrids.canonical)
    let kept: [UInt32] = [3, 70, 71, 500]
    let scales = try #require(
      try decoder(model(given), given, on: grid).answers(slices: 4..<6, keeping: kept).uncertainty)
    #expect(scales.indices.filter { scales[$0] != 0 } == kept.map { Int($0) })
  }

  @Test func scalesStayWithinTheirRange() throws {
    let (given, grid) = (DecoderCase(), DecoderGrids.canonical)
    for (bias, most) in [(Float(1e30), Float(1)), (-1e30, exp(-12))] {
      var model = given.model()
      let inputs = try #require(given.hidden.last)
      model.uncertainty = UncertaintyHead(
        weights: [Float](repeating: 0, count: inputs), bias: bias, factor: 1)
      let scales = try #require(
        try decoder(model, given, on: grid).answers(slices: 0..<1).uncertainty)
      expectClose(scales[0], 3000 * most, rtol: 1e-5, atol: 0)
    }
  }

  @Test func aModelWithoutAHeadDoesNotSay() throws {
    let (given, grid) = (DecoderCase(), DecoderGrids.canonical)
    #expect(try decoder(given.model(), given, on: grid).answers(slices: 0..<1).uncertainty == nil)
  }

  @Test func impossibleHeadsAreNamed() {
    let head = UncertaintyHead(inputs: 5)
    #expect(head.fault(inputs: 5) == nil && head.fault(inputs: 4) != nil)
    var broken = head
    broken.factor = .nan
    #expect(broken.fault(inputs: 5) != nil)
    broken = head
    broken.weights[2] = .infinity
    #expect(broken.fault(inputs: 5) != nil)
  }
}
