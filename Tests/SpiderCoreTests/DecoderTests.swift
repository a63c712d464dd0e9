import SpiderCore
import SpiderSupport
import SpiderTensor
import SpiderTestSupport
import Testing

/// The packed decoder against the plain one, `SpiderNetwork.decode`.
@Suite struct DecoderTests {
  static let cases: [DecoderCase] = [
    DecoderCase(),
    DecoderCase(pooling: .mean, views: 3),
    DecoderCase(views: 1, code: .fourier(octaves: 0), hidden: []),
    DecoderCase(pooling: .mean, code: DecoderCase.smallHash, hidden: []),
    DecoderCase(code: DecoderCase.smallHash),
    DecoderCase(featuresPerView: 16, code: .paper, hidden: [64, 64, 64]),
    DecoderCase(
      code: .hash(levels: 3, features: 3, tableBits: 7, coarsest: 2, finest: 9),
      hidden: [20, 50, 33, 8], classes: 1),
    DecoderCase(views: 3, featuresPerView: 8, hidden: [7], classes: 30),
    DecoderCase(pooling: .mean, views: 1, code: DecoderCase.smallHash, hidden: [24], pixel: 6),
    DecoderCase(hidden: [40], pixel: 5),
  ]

  /// Window units. Both sides round in single precision, in another order; positions on the maps to
  /// about 1e-5 pixels, and the maps are noise of unit size.
  private let tolerance = 1e-4

  private func compare(
    _ given: DecoderCase, on grid: VoxelGrid, hoisting: Bool, instructions: InstructionSet = .best,
    features: Tensor? = nil, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let decoder = try given.decoder(
      on: grid, hoisting: hoisting, instructions: instructions, features: features)
    let (found, labels) = decoder.decode(slices: 0..<grid.nz)
    let (expected, scores) = try given.plain(on: grid, features: features)
    var (intensities, plain): ([Float], [Float]) = ([], [])
    for index in expected.indices {
      guard let value = expected[index] else {
        #expect(
          found[index] == -1000 && labels[index] == LabelScheme.outsideScan, "voxel \(index)",
          sourceLocation: sourceLocation)
        continue
      }
      let intensity = (found[index] + 1000) / 3000
      #expect(intensity.isNaN == value.isNaN, "voxel \(index)", sourceLocation: sourceLocation)
      guard !value.isNaN else { continue }
      intensities.append(intensity)
      plain.append(value)
      // Its score is the highest, or so near that rounding decides.
      let top = scores[index].max() ?? 0
      #expect(
        Int(labels[index]) < given.classes
          && scores[index][Int(labels[index])] >= top - 1e-3 * max(1, abs(top)),
        "the class of voxel \(index)", sourceLocation: sourceLocation)
    }
    #expect(Set(plain).count > 100, "the answers are all the same", sourceLocation: sourceLocation)
    expectClose(
      intensities, plain, atol: tolerance, "\(given), hoisting \(hoisting)",
      sourceLocation: sourceLocation)
  }

  @Test(arguments: cases, [true, false])
  func packedIsPlain(_ given: DecoderCase, hoisting: Bool) throws {
    for (_, grid) in DecoderGrids.all { try compare(given, on: grid, hoisting: hoisting) }
  }

  @Test(arguments: InstructionSet.available)
  func everyVariantIsPlain(_ instructions: InstructionSet) throws {
    for given in [Self.cases[0], Self.cases[5], Self.cases[6], Self.cases[7]] {
      for hoisting in [true, false] {
        try compare(
          given, on: DecoderGrids.permuted, hoisting: hoisting, instructions: instructions)
      }
    }
  }

  /// A feature that is not a number makes the answers of all points that see it none.
  @Test(arguments: [true, false])
  func notANumberTravels(hoisting: Bool) throws {
    for given in [Self.cases[0], Self.cases[5]] {
      var features = given.features()
      let slice = features.mutableSlice()
      for row in 5..<10 {
        for column in 8..<20 {
          slice[(row * given.width + column) * given.featuresPerView + 2] = .nan
        }
      }
      let (plain, _) = try given.plain(on: DecoderGrids.oblique, features: features)
      #expect(plain.contains { $0?.isNaN == true } && plain.contains { $0?.isNaN == false })
      try compare(given, on: DecoderGrids.oblique, hoisting: hoisting, features: features)
    }
  }

  /// No bit depends on the slab, on the other voxels that are asked for, or on the number of threads.
  @Test(arguments: [0, 3, 5], [true, false])
  func theWayDoesNotMatter(_ index: Int, hoisting: Bool) throws {
    for (name, grid) in DecoderGrids.all {
      let decoder = try Self.cases[index].decoder(on: grid, hoisting: hoisting)
      let whole = Parallel.withWorkerCount(1) { decoder.decode(slices: 0..<grid.nz) }
      for workers in [2, 5] {
        let other = Parallel.withWorkerCount(workers) { decoder.decode(slices: 0..<grid.nz) }
        #expect(other.hounsfield == whole.hounsfield && other.labels == whole.labels, "\(name)")
      }
      let plane = grid.nx * grid.ny
      for slices in [0..<1, 2..<5, (grid.nz - 1)..<grid.nz] {
        let slab = decoder.decode(slices: slices)
        let part = slices.lowerBound * plane..<slices.upperBound * plane
        #expect(slab.hounsfield == Array(whole.hounsfield[part]), "\(name), \(slices)")
        #expect(slab.labels == Array(whole.labels[part]), "\(name), \(slices)")

        var random = SeededGenerator(seed: 3)
        let kept = (0..<part.count).filter { _ in random.uniform() < 0.6 }
        let some = decoder.decode(slices: slices, keeping: kept.map { UInt32($0) })
        var (values, labels) = ([Float](repeating: -1000, count: part.count), slab.labels)
        for voxel in labels.indices where labels[voxel] != LabelScheme.outsideScan {
          labels[voxel] = 0
        }
        for voxel in kept {
          values[voxel] = slab.hounsfield[voxel]
          labels[voxel] = slab.labels[voxel]
        }
        #expect(some.hounsfield == values && some.labels == labels, "\(name), \(slices)")
      }
      let none = decoder.decode(slices: 0..<1, keeping: [])
      #expect(none.hounsfield.allSatisfy { $0 == -1000 })
    }
  }

  /// 64^3 points are more than the maps' pixels: their share of the first layer goes, and that of the
  /// code but for the nodes of lined levels.
  @Test func workBeforehandIsChosenByCount() throws {
    let given = DecoderCase(code: DecoderCase.smallHash, hidden: [20])
    let many = VoxelGrid.canonical(size: 64, center: given.isocenter)
    let few = VoxelGrid.canonical(size: 4, center: given.isocenter)
    let rest = 20.0 * 8
    let all = Double(2 * 5 + 4 * 8) * 20 + rest
    #expect(try given.decoder(on: many, hoisting: false).productsPerPoint == all)
    // On 4^3 points no level has fewer nodes than points along a line, and pixels outnumber points.
    #expect(try given.decoder(on: few).productsPerPoint == all)
    // 3, 6, 12 and 24 cells along 64 voxels: (64 nodes' steps and two ends) a line.
    let nodes = [3.0, 6, 12, 24].reduce(0) { $0 + (63 * $1 / 64 + 2) / 64 }
    expectClose(
      try given.decoder(on: many).productsPerPoint, nodes * 8 * 20 + rest, rtol: 1e-12, atol: 0)
    let tables = DecoderCase(hidden: [20])
    #expect(try tables.decoder(on: many).productsPerPoint == rest)
  }
}
