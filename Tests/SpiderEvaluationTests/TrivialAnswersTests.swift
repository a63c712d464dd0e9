import SpiderBaselines
import SpiderCore
import SpiderDRR
import SpiderEvaluation
import SpiderPhantom
import Testing

@Suite struct TrivialAnswersTests {
  private let head = HeadPhantom(seed: 11).render(on: .canonical(size: 24))

  private func radiographs() throws -> [Radiograph] {
    let setup = ViewSetup(pixelSize: SIMD2(14.4, 14.4), columns: 32, rows: 32)
    return DigitalRadiograph().make(
      ct: head.ct, geometries: try [NamedView.pa, .left].map { try setup.geometry(of: $0) })
  }

  @Test func eachStandsBelowTheTruthAndAboveNothing() throws {
    let scores = TrivialAnswers.scores(
      reference: head.ct, labels: head.labels, on: .canonical(size: 24), try radiographs())
    #expect(scores.map(\.name) == ["two-view", "even head"])
    for score in scores {
      let psnr = try #require(score.metrics.psnrBody)
      #expect(psnr > 8 && psnr < 25, "\(score.name): \(psnr) dB")
      // They tell no structures apart: a Dice coefficient of labels would be invented.
      #expect(Set(score.metrics.dice.keys) == ["bone_hu"] && score.metrics.labelsFrom == nil)
      #expect(score.explanation.hasPrefix(score.name))
    }
    // The outline filled evenly has no bone; the X-rays do show some.
    #expect((scores[1].metrics.dice["bone_hu"] ?? nil) == 0)
    #expect(((scores[0].metrics.dice["bone_hu"] ?? nil) ?? 0) > 0)
  }

  @Test func withoutLineIntegralsThereIsNoTwoView() throws {
    let relative = try radiographs().map { $0.relative() }
    let scores = TrivialAnswers.scores(
      reference: head.ct, labels: head.labels, on: .canonical(size: 24), relative)
    #expect(scores.map(\.name) == ["even head"])
  }

  @Test func aReferenceOfAirHasNoEvenHead() {
    let air = Volume(grid: .canonical(size: 24), repeating: -1000)
    #expect(TrivialAnswers.scores(reference: air, on: air.grid).isEmpty)
  }
}

@Suite struct MeanVolumeTests {
  let grid = VoxelGrid.canonical(size: 2)

  @Test func averagesWhatIsKnown() throws {
    var mean = MeanVolume()
    var first = Volume(grid: grid, repeating: 100)
    first.values[3] = .nan
    var labels = LabelVolume(grid: grid, repeating: LabelScheme.unknown)
    labels.values[0] = LabelScheme.outsideScan
    labels.values[7] = LabelScheme.outsideScan
    try mean.add(first, labels: labels)
    var second = Volume(grid: grid, repeating: 300)
    second.values[7] = .infinity
    try mean.add(second)
    // 0 and 3: only the second volume knows; 7: none does; unknown structure counts.
    #expect(try mean.result().values == [300, 200, 200, 300, 200, 200, 200, -1000])
    #expect(mean.volumeCount == 2)
    #expect(try mean.result().grid == grid)
  }

  @Test func refusesOtherGrids() throws {
    var mean = MeanVolume()
    #expect(throws: BaselineError.noVolumes) { try mean.result() }
    try mean.add(Volume(grid: grid, repeating: 0))
    let other = VoxelGrid.canonical(size: 2, side: 255)
    #expect(throws: BaselineError.gridsDiffer(volume: 2)) {
      try mean.add(Volume(grid: other, repeating: 0))
    }
    #expect(throws: BaselineError.gridsDiffer(volume: 2)) {
      try mean.add(
        Volume(grid: grid, repeating: 0), labels: LabelVolume(grid: other, repeating: 0))
    }
  }
}
