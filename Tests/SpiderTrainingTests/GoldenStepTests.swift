import Foundation
import SpiderCore
import SpiderIO
import SpiderSupport
import SpiderTensor
import SpiderTestSupport
import SpiderTraining
import Testing

/// One training step against PyTorch, in the manner of llm.c: every term of the loss, every gradient, and
/// ten losses of ten steps. `Benchmarks/peers/check_twin.py` holds the PyTorch twin to the same numbers
/// (Resources/README.md).
@Suite struct GoldenStepTests {
  static let names = ["step-any-views", "step-fourier", "step-hash"]

  /// Largest difference of a gradient over its largest number. The golden numbers are double precision,
  /// written in single. PyTorch in single precision is up to 5e-6 from them, ours 9e-6: Winograd's
  /// transforms round a little more, and the worst of them lies behind five blocks of the encoder.
  private static let gradientLimit = 2e-5

  /// The same of numbers that are sums over all points or parameters: 1e-7 was seen.
  private static let sumLimit = 1e-6

  @Test(arguments: names, [1, 2]) func termsAndGradients(_ name: String, workers: Int) throws {
    let golden = try GoldenStep(name)
    let (terms, gradients) = Parallel.withWorkerCount(workers) { golden.gradients(golden.state()) }
    #expect(gradients.count == golden.layout.parameters.count && gradients.count > 20)
    golden.expect(terms, "terms", within: Self.sumLimit)
    let worst = gradients.map {
      golden.expect($0.values, "gradient.\($0.name)", within: Self.gradientLimit)
    }.max()
    print("\(name), \(workers) workers: gradients up to \(worst ?? 0) off")
  }

  @Test(arguments: names) func tenStepsOfTheOptimizer(_ name: String) throws {
    let golden = try GoldenStep(name)
    let run = try golden.run(golden.configuration)
    golden.expect(run.losses, "losses", within: Self.sumLimit)
    golden.expect(run.norms, "norms", within: Self.sumLimit)
    golden.expect(run.rates, "rates", within: 1e-7)
  }

  /// The start that a configuration draws has the parameters of the twin's, each with the distribution
  /// that check_twin.py measures.
  @Test(arguments: names) func theStartIsDrawnAsTheTwins(_ name: String) throws {
    let golden = try GoldenStep(name)
    for parameter in golden.layout.parameters {
      let expected: Initializer =
        if parameter.name == "code.table" {
          .uniform(1e-2)
        } else if parameter.name.hasSuffix("bias") {
          .constant(0)
        } else if parameter.name.contains("Norm.") {
          .constant(1)
        } else {
          .he(inputs: parameter.shape.dropFirst().reduce(1, *))
        }
      #expect(parameter.initializer == expected, "\(parameter.name)")
      #expect(golden.tensor("parameter.\(parameter.name)")?.shape == parameter.shape)
    }
    let count = golden.file.tensors.count { $0.name.hasPrefix("parameter.") }
    #expect(count == golden.layout.parameters.count)
  }

  /// Mistakes that the losses of ten steps must show, far beyond what is allowed.
  static let mistakes: [(name: String, make: @Sendable (inout TrainingConfiguration) -> Void)] = [
    ("another second moment", { $0.adam.beta2 = 0.95 }),
    ("no weight decay", { $0.adam.weightDecay = 0 }),
    ("no clipping", { $0.gradientLimit = 1e9 }),
    ("no warm-up", { $0.learningRate.warmupSteps = 0 }),
    ("another weight of Dice", { $0.loss.dice *= 1.01 }),
  ]

  @Test(arguments: mistakes.indices) func aWrongStepIsNoticed(_ number: Int) throws {
    let golden = try GoldenStep("step-fourier")
    var wrong = golden.configuration
    Self.mistakes[number].make(&wrong)
    let error = golden.error(of: try golden.run(wrong).losses, in: "losses")
    #expect(error > 1000 * Self.sumLimit, "\(Self.mistakes[number].name)")
  }

  /// One parameter a little off must show in the gradients.
  @Test(arguments: names) func aWrongParameterIsNoticed(_ name: String) throws {
    let golden = try GoldenStep(name)
    var state = golden.state()
    let parameter = try #require(golden.layout.parameters.first)
    var values = state.model.parameters[parameter].array
    values[0] += 1e-2
    state.model.parameters.set(parameter, values)
    let worst =
      golden.gradients(state).gradients
      .map { golden.error(of: $0.values, in: "gradient.\($0.name)") }.max() ?? 0
    #expect(worst > 10 * Self.gradientLimit, "\(worst)")
  }
}

/// A golden step: the configuration of a run, and the numbers that PyTorch gives for one batch.
struct GoldenStep {
  let configuration: TrainingConfiguration
  let file: SafetensorsFile
  let layout: ParameterLayout

  init(_ name: String) throws {
    func resource(_ type: String) throws -> URL {
      try #require(Bundle.module.url(forResource: "Resources/\(name)", withExtension: type))
    }
    configuration = try TrainingConfiguration.read(resource("yaml"))
    file = try SafetensorsFile.read(resource("safetensors"))
    layout = SpiderNetwork(configuration.model.architecture).layout
  }

  func tensor(_ name: String) -> Tensor? {
    file[name].map { Tensor($0.shape, $0.values) }
  }

  /// A tensor; an empty one, which nothing equals, where the file lacks it.
  private func numbers(_ name: String) -> Tensor {
    guard let tensor = tensor(name) else {
      Issue.record("the golden step has no '\(name)'")
      return Tensor([0])
    }
    return tensor
  }

  var batch: TrainingBatch {
    TrainingBatch(
      images: numbers("images"), points: numbers("points"), pixels: numbers("pixels"),
      intensity: numbers("intensity"), labels: numbers("labels").values.map { UInt8($0) },
      weights: tensor("counts")?.values ?? [])
  }

  /// The start of the run, with the golden parameters.
  func state() -> TrainingState {
    var state = TrainingState(configuration)
    for parameter in layout.parameters {
      state.model.parameters.set(parameter, numbers("parameter.\(parameter.name)").values)
    }
    return state
  }

  /// The terms of the loss, and the gradient of every parameter.
  func gradients(
    _ state: TrainingState
  ) -> (terms: [Double], gradients: [(name: String, values: [Float])]) {
    let (network, batch) = (state.model.network, batch)
    let (workspace, pool) = (network.makeWorkspace(batch.shape), GradientPool(network.layout))
    network.forward(batch, workspace, state.model.parameters)
    let terms = JointLoss(
      weights: configuration.loss, candidates: CandidateClasses(configuration.model.scheme))(
        intensity: workspace.intensity, logits: workspace.logits,
        trueIntensity: batch.intensity.slice,
        labels: batch.labels, weights: batch.weights)
    network.backward(batch, workspace, state.model.parameters, pool)
    let sum = pool.sum()
    return (
      [terms.intensity, terms.crossEntropy, terms.dice, terms.total],
      layout.parameters.map { ($0.name, sum.part($0.offset, $0.count).array) }
    )
  }

  /// The steps of a run under a configuration, on the golden batch over and over.
  func run(
    _ configuration: TrainingConfiguration
  ) throws -> (losses: [Double], norms: [Double], rates: [Double]) {
    var state = state()
    state.adam = Adam(layout, settings: configuration.adam)
    let engine = StepEngine(
      state.model.network, configuration.batchShapes(), loss: configuration.loss,
      gradientLimit: configuration.gradientLimit)
    let rates = (0..<configuration.steps).map {
      configuration.learningRate.rate(
        step: $0, progress: Double($0) / Double(configuration.steps))
    }
    let reports = try rates.map { try engine.step(&state, batch, learningRate: $0) }
    return (reports.map(\.loss.total), reports.map(\.gradientNorm), rates)
  }

  /// The largest difference from a golden tensor, over its largest number.
  func error<Number: BinaryFloatingPoint>(of actual: [Number], in name: String) -> Double {
    let expected = numbers(name).values
    guard actual.count == expected.count else { return .infinity }
    let differences = zip(actual, expected).map { abs(Double($0) - Double($1)) }
    guard differences.allSatisfy(\.isFinite) else { return .infinity }
    return (differences.max() ?? .infinity) / Double(expected.map(abs).max() ?? 0)
  }

  /// Expects a tensor to agree with the golden one within a share of its largest number; returns the
  /// largest difference.
  @discardableResult
  func expect<Number: BinaryFloatingPoint>(
    _ actual: [Number], _ name: String, within limit: Double,
    sourceLocation: SourceLocation = #_sourceLocation
  ) -> Double {
    let error = error(of: actual, in: name)
    #expect(error <= limit, "\(name) is \(error) off", sourceLocation: sourceLocation)
    return error
  }
}
