import SpiderBaselines
import SpiderCore
import SpiderTensor
import SpiderTestSupport
import Testing

/// The networks at their published widths have as many parameters as the published code was measured
/// to have. Only their layouts are made: no numbers.
@Suite struct PublishedWidthTests {
  func count(_ layout: ParameterLayout, _ prefix: String = "") -> Int {
    // Running averages are no parameters.
    layout.parameters
      .filter { $0.name.hasPrefix(prefix) && !$0.name.contains(".running_") }
      .reduce(0) { $0 + $1.count }
  }

  @Test func x2ct() {
    #expect(count(X2CTGenerator().layout) == 61_740_467)
    #expect(count(PatchDiscriminator().layout) == 11_055_169)
  }

  @Test func perX2CT() {
    let layout = PerX2CT().layout
    #expect(count(layout, "encoder.") == 1_444_928)
    #expect(count(layout, "decoder.") == 41_110_787)
    var configuration = PerX2CTConfiguration()
    configuration.isGlobal = true
    let global = PerX2CT(configuration).layout
    #expect(count(global, "encoder.") == 26_680_896)
    #expect(count(global) == 70_150_979)
  }

  /// The variant "global" runs; no golden vectors exist for it.
  @Test func globalVariantAddsItsMeans() {
    var configuration = PerX2CTConfiguration()
    configuration.width = 32
    configuration.isGlobal = true
    let network = PerX2CT(configuration)
    let tape = Tape(ParameterArena(network.layout, seed: 5), statistics: .running)
    let images = (0..<2).map {
      Tensor([1, 1, 128, 128], randomValues(128 * 128, seed: UInt64($0)))
    }
    let features = network.encode(pa: images[0], lateral: images[1], tape)
    let map = network.map([SliceLattice(.coronal, 9)], features, tape)
    #expect(map.shape == [1, 1599, 32, 32])
    // Every point sees the same mean, and the local features follow.
    let values = map.values
    let constant = (63..<575).allSatisfy { channel in
      values[channel * 1024..<(channel + 1) * 1024].allSatisfy { $0 == values[channel * 1024] }
    }
    #expect(constant)
    #expect(network.decode(map, tape).shape == [1, 3, 128, 128])
  }

  @Test func faultsOfConfigurations() {
    var x2ct = X2CTConfiguration()
    #expect(x2ct.fault == nil)
    x2ct.inputSize = 32
    #expect(x2ct.fault?.contains("at least 64") == true)
    x2ct.inputSize = 64
    x2ct.growthRate = 0
    #expect(x2ct.fault != nil)
    var perX2CT = PerX2CTConfiguration()
    perX2CT.width = 100
    #expect(perX2CT.fault?.contains("32") == true)
  }

  /// The whole slice is the zoom of full size from the first voxel on.
  @Test func zoomOfEverythingIsTheSlice() {
    let network = PerX2CT()
    let whole = network.grid([SliceLattice(.sagittal, 40)], .pa).values
    let zoom = SliceLattice.Zoom(size: 128, row: 0, column: 0)
    let same = network.grid([SliceLattice(.sagittal, 40, zoom: zoom)], .pa).values
    expectClose(same, whole, atol: 1e-6)
    let half = SliceLattice.Zoom(size: 64, row: 0, column: 0)
    let part = network.grid([SliceLattice(.sagittal, 40, zoom: half)], .pa).values
    #expect(part.last != whole.last)
  }
}
