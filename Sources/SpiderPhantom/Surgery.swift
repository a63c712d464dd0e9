import SpiderSupport

/// What surgeons and accidents did to one head.
struct Surgery: Sendable {
  let craniotomy: Craniotomy?
  let jaw: JawSurgery?

  init(seed: UInt64, options: HeadPhantom.Options) {
    var generator = SeededGenerator(seed: seed).fork(9)
    // Always the same number of draws, so that one option does not change what another one gives.
    let chances = (generator.uniform(), generator.uniform(), generator.uniform())
    var first = generator.fork(1)
    var second = generator.fork(2)
    craniotomy = chances.0 < options.craniotomyProbability ? Craniotomy(&first) : nil
    let isBroken = chances.1 < options.fractureProbability
    let isPlated = chances.2 < options.plateProbability
    jaw =
      isBroken || isPlated
      ? JawSurgery(isBroken: isBroken, isPlated: isPlated, &second) : nil
  }
}
