import SpiderBaselines
import SpiderCore
import SpiderSupport
import SpiderTensor
import SpiderTestSupport
import Testing

/// The gradients of X2CT-GAN's training against differences of its losses, without golden vectors.
@Suite struct X2CTGradientTests {
  let step: X2CTTrainingStep
  let images: [Tensor]
  let ct: Tensor

  init() {
    var d = PatchDiscriminator.Configuration()
    d.width = 2
    step = X2CTTrainingStep(X2CTGenerator(.tiny), PatchDiscriminator(d))
    images = (0..<2).map {
      Tensor([1, 1, 64, 64], randomValues(64 * 64, seed: UInt64(20 + $0)))
    }
    ct = Tensor([1, 1, 64, 64, 64], randomValues(64 * 64 * 64, seed: 22).map(abs))
  }

  @Test(
    .slow,
    arguments: [
      "decoder_layer.0.weight", "decoder_layer.0.bias", "decoder_layer-1.0.weight",
      "decoder_layer1.6.block.block.0.weight", "view1Model.linker_layer0.0.conv_block.0.weight",
      "view2Model.linker_layer1.0.compress_block.0.weight",
    ])
  func generator(_ name: String) throws {
    let g = ParameterArena(large: step.generator.layout, seed: 1)
    let judge = ParameterArena(large: step.discriminator.layout, seed: 2)
    let parameter = try #require(step.generator.layout.parameters.first { $0.name == name })
    func loss(_ parameters: ParameterArena, _ pool: GradientPool) -> Double {
      step.generatorGradient(
        images, ct: ct, Tape(parameters, pool: pool),
        judging: Tape(judge, pool: GradientPool(step.discriminator.layout))
      ).total
    }
    let pool = GradientPool(step.generator.layout)
    _ = loss(g, pool)
    expectGradient(
      pool.sum(), of: { loss($0, GradientPool(step.generator.layout)) }, parameter, at: g,
      step: 1e-2, rtol: 5e-2, axes: 0, directions: 1)
  }

  @Test(
    .slow, arguments: ["model0.0.weight", "model1.0.weight", "model3.0.weight", "model4.0.bias"])
  func discriminator(_ name: String) throws {
    let judge = ParameterArena(large: step.discriminator.layout, seed: 2)
    let made = Tensor(ct.shape, randomValues(ct.count, seed: 23))
    let condition = Tensor([1, 2, 64, 64, 64], randomValues(2 * ct.count, seed: 24))
    let parameter = try #require(step.discriminator.layout.parameters.first { $0.name == name })
    func loss(_ tape: Tape) -> Double {
      step.discriminatorGradient(made: made, ct: ct, condition: condition, tape)
    }
    let pool = GradientPool(step.discriminator.layout)
    _ = loss(Tape(judge, pool: pool))
    // Differences of losses in double precision: steps can be small against the leaky kinks.
    expectGradient(
      pool.sum(), of: { loss(Tape(reference: $0)) }, parameter, at: judge, step: 1e-3, rtol: 2e-2,
      axes: 2, directions: 1)
  }

  /// The reference passes give the same volume, losses and gradients, but for rounding.
  @Test func referenceAgrees() throws {
    let g = ParameterArena(large: step.generator.layout, seed: 1)
    let judge = ParameterArena(large: step.discriminator.layout, seed: 2)
    let single = Tape(g, pool: GradientPool(step.generator.layout))
    let double = Tape(reference: g)
    let a = step.generatorGradient(
      images, ct: ct, single,
      judging: Tape(judge, pool: GradientPool(step.discriminator.layout)))
    let b = step.generatorGradient(images, ct: ct, double, judging: Tape(reference: judge))
    expectClose(a.total, b.total, rtol: 1e-5, atol: 0, "loss")
    expectClose(a.volume.values, b.volume.values, rtol: 1e-4, atol: 5e-4, "volume")
    // Without a normalisation in between the gradient is hardly noisy.
    for name in ["decoder_layer.0.weight", "decoder_layer.0.bias"] {
      let parameter = try #require(step.generator.layout.parameters.first { $0.name == name })
      let exact = double.gradient(of: parameter)
      let largest = exact.map(abs).max() ?? 0
      #expect(largest > 0)
      expectClose(single.gradient(of: parameter), exact, atol: 1e-4 * largest, name)
    }
  }

  /// Dropout halves the summary of each X-ray in number and doubles what it keeps; its seed decides.
  @Test func dropoutOfTheSummary() throws {
    let g = ParameterArena(large: step.generator.layout, seed: 1)
    func summary(_ dropout: SeededGenerator?) throws -> [Float] {
      let tape = Tape(g, dropout: dropout, keepsTaps: true)
      _ = step.generator.forward(images, tape)
      return try #require(tape.taps["view1Model.base_link"]).values
    }
    let whole = try summary(nil)
    let dropped = try summary(SeededGenerator(seed: 8))
    let isHalfOrNothing = zip(whole, dropped).allSatisfy { $1 == 0 || $1 == 2 * $0 }
    #expect(isHalfOrNothing)
    let kept = zip(whole, dropped).filter { $0 > 0 && $1 > 0 }.count
    let positive = whole.filter { $0 > 0 }.count
    // The summary has 48 numbers, about 24 of them positive.
    #expect(kept > positive / 5 && kept < positive * 4 / 5, "\(kept) of \(positive)")
    let again = try summary(SeededGenerator(seed: 8))
    #expect(again == dropped)
  }
}

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
