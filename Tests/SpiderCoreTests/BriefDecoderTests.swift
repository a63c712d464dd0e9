import SpiderCore
import SpiderSupport
import SpiderTensor
import SpiderTestSupport
import Testing

/// Inner layers that multiply numbers of 16 bits, sums that are rounded as they are made and heads that sum pairs of inputs,
/// against the plain ways in single precision. Where the processor has no instructions for it both are the same, and these tests
/// hold them to that.
@Suite struct BriefDecoderTests {
  /// Odd counts of inputs, panels of 32 and 16 outputs, and a layer whose outputs fill no vector.
  static let cases: [DecoderCase] = [
    DecoderCase(featuresPerView: 16, code: .paper, hidden: [64, 64, 64]),
    DecoderCase(code: DecoderCase.smallHash, hidden: [33, 48, 16, 40, 112]),
    DecoderCase(pooling: .mean, views: 3, hidden: [19, 32]),
    // As shipped, but for its width: the first layer is but sums of rows; of 8 vectors, one and half a one.
    DecoderCase(featuresPerView: 16, hidden: [152, 128, 128]),
    // More heads than a vector of pairs holds; an odd number of inputs; heads alone.
    DecoderCase(hidden: [64, 32], classes: 9), DecoderCase(hidden: [64, 32, 33]),
    DecoderCase(hidden: [20]),
  ]

  /// The same with an inner network of small whole numbers, which neither format rounds: each output of a layer is
  /// twice one input less another.
  private func whole(_ given: DecoderCase) -> SpiderModel {
    var model = given.model()
    for parameter in model.network.layout.parameters {
      if parameter.name == "decoder.intensity.weight" {
        model.parameters.set(parameter, model.parameters[parameter].array.map { 0.003 * $0 })
      }
      guard parameter.name.hasPrefix("decoder.hidden.") else { continue }
      var values = [Float](repeating: 0, count: parameter.count)
      if parameter.name.hasSuffix("bias") {
        values = values.indices.map { Float($0 % 7) }
      } else if !parameter.name.hasPrefix("decoder.hidden.0") {
        let inputs = parameter.shape[1]
        for row in 0..<parameter.shape[0] {
          values[row * inputs + (5 * row + 3) % inputs] = 2
          values[row * inputs + (3 * row + 1) % inputs] = -1
        }
      }
      model.parameters.set(parameter, values)
    }
    return model
  }

  @Test(arguments: cases) func wholeNumbersAreExact(_ given: DecoderCase) throws {
    let (grid, model) = (VoxelGrid.canonical(size: 8, center: given.isocenter), whole(given))
    func answers(_ bfloat16: Bool) throws -> ([Float], [UInt8]) {
      let decoder = try given.decoder(on: grid, bfloat16: bfloat16, model: model)
      let found = decoder.decode(slices: 0..<grid.nz)
      return (found.hounsfield, found.labels)
    }
    let (single, brief) = (try answers(false), try answers(true))
    // But for the heads, which may sum the same products in another order.
    expectClose(brief.0, single.0, atol: 1e-3)
    #expect(single.1 == brief.1)
    let number = try #require(single.0.first)
    #expect(number > -1000 && number < 2000, "cut off, so that nothing shows")
  }

  /// Numbers that 8 bits do not hold change the answers, and not much: by some 2^-9 of what is summed.
  @Test(arguments: cases) func roundingIsSmall(_ given: DecoderCase) throws {
    for (name, grid) in DecoderGrids.all {
      let single = try given.decoder(on: grid).decode(slices: 0..<grid.nz)
      let brief = try given.decoder(on: grid, bfloat16: true).decode(slices: 0..<grid.nz)
      let differences = zip(single.hounsfield, brief.hounsfield).map { abs($0 - $1) }
      let largest = differences.max() ?? 0
      #expect(largest < 30, "\(name): \(largest) HU")
      let isBrief = InstructionSet.hasBfloat16 && InstructionSet.best == .avx512
      #expect((largest > 0) == isBrief, "\(name)")
      let changed = zip(single.labels, brief.labels).count { $0 != $1 }
      #expect(changed <= grid.count / 20, "\(name): \(changed) labels")
    }
  }

  /// No bit depends on the slab or on the number of threads.
  @Test(arguments: cases) func theWayDoesNotMatter(_ given: DecoderCase) throws {
    let grid = DecoderGrids.permuted
    let decoder = try given.decoder(on: grid, bfloat16: true)
    let whole = Parallel.withWorkerCount(1) { decoder.decode(slices: 0..<grid.nz) }
    let other = Parallel.withWorkerCount(3) { decoder.decode(slices: 0..<grid.nz) }
    #expect(other.hounsfield == whole.hounsfield && other.labels == whole.labels)
    let plane = grid.nx * grid.ny
    let slab = decoder.decode(slices: 2..<5, keeping: [3, 4, 50, 51, 200])
    for voxel in [3, 4, 50, 51, 200] {
      #expect(slab.hounsfield[voxel] == whole.hounsfield[2 * plane + voxel])
    }
  }

  /// A feature that is not a number makes the answers of all points that see it none.
  @Test func notANumberTravels() throws {
    let given = Self.cases[0]
    var features = given.features()
    let slice = features.mutableSlice()
    for pixel in 200..<400 { slice[pixel * given.featuresPerView + 2] = .nan }
    let grid = DecoderGrids.oblique
    let single = try given.decoder(on: grid, features: features).decode(slices: 0..<grid.nz)
    let brief = try given.decoder(on: grid, bfloat16: true, features: features).decode(
      slices: 0..<grid.nz)
    #expect(single.hounsfield.map(\.isNaN) == brief.hounsfield.map(\.isNaN))
    #expect(single.hounsfield.contains { $0.isNaN } && single.hounsfield.contains { $0.isFinite })
  }
}
