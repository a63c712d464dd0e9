import SpiderBaselines
import SpiderCore
import SpiderTensor
import SpiderTestSupport
import Testing

/// In use X2CT-GAN's generator joins no volumes and computes five slices of a link; where intermediate
/// results or the way back are wanted it does both as published. The volumes are the same.
@Suite struct X2CTPathTests {
  @Test(arguments: [true, false]) func useAndTrainingAgree(_ feedsBack: Bool) throws {
    var variant = X2CTVariant()
    variant.feedsBack = feedsBack
    let generator = X2CTGenerator(.tiny, variant)
    let arena = ParameterArena(large: generator.layout, seed: 9)
    let images = (0..<2).map {
      Tensor([2, 1, 64, 64], randomValues(2 * 64 * 64, seed: UInt64(30 + $0)))
    }
    func volume(_ tape: Tape) -> Tensor { generator.forward(images, tape).volume }
    let used = volume(Tape(arena))
    let tapped = volume(Tape(arena, keepsTaps: true))
    let recorded = volume(Tape(arena, pool: GradientPool(generator.layout)))
    #expect(generator.forward(images, Tape(arena)).views == nil)
    #expect(used.shape == [2, 1, 64, 64, 64])
    let largest = recorded.values.max() ?? 0
    #expect(largest > 1e-3, "an empty volume proves nothing")
    expectClose(used.values, recorded.values, atol: 1e-4 * Double(largest), "use")
    expectClose(tapped.values, recorded.values, atol: 1e-4 * Double(largest), "with taps")
    // Running averages too.
    let running = volume(Tape(arena, statistics: .running))
    let tappedRunning = volume(Tape(arena, statistics: .running, keepsTaps: true))
    let top = tappedRunning.values.max() ?? 0
    #expect(top > 1e-4, "an empty volume proves nothing")
    expectClose(running.values, tappedRunning.values, atol: 1e-4 * Double(top), "running averages")
  }
}
