import SpiderCore
import SpiderSupport
import SpiderTensor
import SpiderTestSupport
import Testing

/// The same numbers every time: going forward with any number of workers, going backward with the same
/// one. Workers that wrote to each other's memory would not get there.
@Suite struct NetworkRepeatabilityTests {
  /// Wide layers and several chunks of points a worker, so that workers are inside the decoder at once
  /// for most of the time.
  private static let architecture = SpiderArchitecture(
    encoderWidths: [8, 16], featuresPerView: 8, viewCount: 2, code: .fourier(octaves: 3),
    hiddenWidths: [160, 144, 96], classes: 5)
  private static let points = 1700
  private let network = SpiderNetwork(architecture)

  private struct Answers: Equatable {
    var intensity: [Float]
    var logits: [Float]
  }

  /// What passes of a batch answer, and the gradient of a fixed function of the answers, time after
  /// time.
  private func passes(workers: Int, times: Int) -> [(answers: Answers, gradient: [Float])] {
    let (points, patients) = (Self.points, 2)
    var random = SeededGenerator(seed: 12)
    let batch = TrainingBatch(
      images: Tensor([4, 1, 16, 24], randomValues(4 * 384, seed: 5)),
      points: Tensor(
        [patients, points, 3],
        (0..<patients * points * 3).map { _ in Float(random.uniform(in: -0.5...0.5)) }),
      pixels: Tensor(
        [patients, 2, points, 2],
        (0..<patients * points * 4).map { _ in Float(random.uniform(in: -1...24)) }),
      intensity: Tensor([patients, points]),
      labels: [UInt8](repeating: 0, count: patients * points))
    let parameters = ParameterArena(network.layout, seed: 4)
    let up = (
      randomValues(patients * points, seed: 1), randomValues(5 * patients * points, seed: 2)
    )
    return Parallel.withWorkerCount(workers) {
      let pass = network.makeWorkspace(batch.shape)
      let pool = GradientPool(network.layout)
      return (0..<times).map { _ in
        network.forward(batch, pass, parameters)
        let answers = Answers(intensity: pass.intensity.array, logits: pass.logits.array)
        pass.intensity.copy(from: up.0)
        pass.logits.copy(from: up.1)
        pool.zero()
        network.backward(batch, pass, parameters, pool)
        return (answers, pool.sum().array)
      }
    }
  }

  @Test(arguments: [1, 2, 3, 5]) func passesRepeatTheirBits(_ workers: Int) {
    let all = passes(workers: workers, times: 12)
    #expect(all.allSatisfy { $0.answers == all[0].answers }, "the answers change")
    #expect(all.allSatisfy { $0.gradient == all[0].gradient }, "the gradient changes")
  }

  /// Sums over points are split among workers and so are rounded otherwise; nothing else may differ.
  @Test(arguments: [2, 3, 5]) func theWorkersDoNotChangeTheResult(_ workers: Int) {
    let (one, several) = (passes(workers: 1, times: 1)[0], passes(workers: workers, times: 1)[0])
    #expect(one.answers == several.answers, "the answers depend on the workers")
    for parameter in network.layout.parameters {
      let range = parameter.offset..<parameter.offset + parameter.count
      let (a, b) = (Array(several.gradient[range]), Array(one.gradient[range]))
      let size = (innerProduct(b, b) / Double(b.count)).squareRoot()
      expectClose(a, b, rtol: 1e-4, atol: 1e-4 * size, parameter.name)
    }
  }

  /// The encoder answers the same however many read with it, and whether it keeps what it will need to
  /// come back or writes over it. Wide enough for all ways to compute a convolution.
  @Test func theEncoderDoesNotKnowItsWorkers() {
    var layout = ParameterLayout()
    let encoder = UNetEncoder("encoder", widths: [8, 16, 24], features: 9, layout: &layout)
    let parameters = ParameterArena(layout, seed: 2)
    let images = Tensor([3, 1, 32, 40], randomValues(3 * 1280, seed: 3))
    let one = Parallel.withWorkerCount(1) { encoder.forward(images, parameters).values }
    #expect(Set(one).count > one.count / 2, "the features are all the same")
    for workers in [2, 3, 5] {
      Parallel.withWorkerCount(workers) {
        for _ in 0..<3 {
          let same = encoder.forward(images, parameters).values == one
          #expect(same, "\(workers) workers")
        }
        var activations = ActivationLayout()
        let plan = encoder.plan(
          images: 3, height: 32, width: 40, forTraining: true, &activations)
        var kept = Tensor(uninitialized: [3, 32, 40, 9])
        encoder.forward(
          images.images, plan, ActivationArena(activations), parameters, into: kept.mutableSlice())
        let same = kept.values == one
        #expect(same, "\(workers) workers, for training")
      }
    }
  }
}
