import SpiderBaselines
import SpiderCore
import SpiderEvaluation
import Testing

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
