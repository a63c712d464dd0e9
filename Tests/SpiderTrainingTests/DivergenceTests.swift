import Foundation
import SpiderCore
import SpiderPhantom
import SpiderTensor
import SpiderTestSupport
import SpiderTraining
import Testing

/// What is not finite stops a run, and is named: the patient, the term, the parameter.
@Suite struct DivergenceTests {
  private let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  private static let good: [TrainingCase] = [UInt64(1), 2, 3].map { seed in
    let head = HeadPhantom(seed: seed).render(on: .canonical(size: 16))
    return TrainingCase(id: "good-\(seed)", isReal: false, ct: head.ct, labels: head.labels)
  }

  /// A good patient but for one voxel: the first with this label.
  private static func poisoned(_ value: Float, at label: UInt8) throws -> TrainingCase {
    let given = good[0]
    var ct = given.ct
    let place = try #require(given.labels.values.firstIndex(of: label))
    ct.values[place] = value
    return TrainingCase(id: "poisoned", isReal: false, ct: ct, labels: given.labels)
  }

  private static let configuration: TrainingConfiguration = {
    var configuration = Preset.quick.configuration
    configuration.model = tinyModel().description
    configuration.sampling.count = 128
    configuration.lossBalance = .fixed
    configuration.patientsPerStep = 2
    configuration.steps = 40
    configuration.validationInterval = 1000
    configuration.validationSize = 8
    configuration.logInterval = 1
    return configuration
  }()

  private func divergence(_ body: () throws -> Void) throws -> (Divergence, words: String) {
    let result = Result { try body() }
    guard case .failure(let error) = result, case .diverged(let found)? = error as? TrainingError
    else {
      Issue.record("\(result)")
      return (Divergence(step: -1), "")
    }
    return (found, "\(error)")
  }

  // MARK: Data

  /// The X-rays take such a voxel for air, and few points hit it: the run must not depend on luck.
  @Test(arguments: [Float.nan, .infinity, -.infinity])
  func aPoisonedCaseAmongGoodOnesIsNamed(_ value: Float) throws {
    let patients = Self.good + [try Self.poisoned(value, at: HeadLabel.softTissue)]
    let trainer = try Trainer(
      Self.configuration, training: patients, validation: [], folder: RunFolder(folder["run"]))
    let (found, words) = try divergence { _ = try trainer.run(resume: false) }
    #expect(found.patients == ["poisoned"] && found.data == "CT numbers", "\(words)")
    #expect(words.contains("step \(found.step)") && words.contains("'poisoned'"), "\(words)")
    #expect(!words.contains("good-") && words.contains("prepare this case again"), "\(words)")
  }

  @Test(arguments: [TrainableNetwork.x2ctGAN, .perX2CT])
  func publishedNetworksNameItToo(_ network: TrainableNetwork) throws {
    let patients = CaseLibrary([try Self.poisoned(.nan, at: HeadLabel.softTissue)])
    let preset: BaselinePreset = network == .x2ctGAN ? .x2ctGANSmall : .perX2CTSmall
    let recipe = try preset.configuration.recipe(training: patients, startingFrom: nil)
    let (found, _) = try divergence { _ = try recipe.batch(step: 6) }
    #expect(found == Divergence(step: 7, data: "CT numbers", patients: ["poisoned"]))
  }

  /// Outside of the scan anything may stand: it is looked at by nobody.
  @Test func whatIsOutsideTheScanPoisonsNothing() throws {
    let given = Self.good[0]
    var (ct, labels) = (given.ct, given.labels)
    for index in labels.values.indices where labels.grid.voxel(at: index).z < 4 {
      (ct.values[index], labels.values[index]) = (.nan, LabelScheme.outsideScan)
    }
    let cut = TrainingCase(id: "cut", isReal: false, ct: ct, labels: labels)
    var configuration = Self.configuration
    configuration.augmentation = .none
    let maker = BatchMaker([cut], configuration)
    for step in 0..<4 { _ = try maker.batch(step: step) }
  }

  // MARK: Loss and parameters

  private func engine(
    _ state: TrainingState, loss: LossWeights = LossWeights()
  ) -> StepEngine {
    StepEngine(
      state.model.network, Self.configuration.batchShapes(), loss: loss, gradientLimit: 1)
  }

  /// The truth of one of two patients is no number: he is named, and so is the term.
  @Test func theTermAndThePatientAreNamed() throws {
    var state = TrainingState(Self.configuration)
    var batch = try BatchMaker(Self.good, Self.configuration).batch(step: 0)
    batch.names = ["first", "second"]
    var values = batch.intensity.values
    let place = try #require(
      batch.labels.indices.last { batch.labels[$0] != LabelScheme.outsideScan })
    values[place] = .nan
    batch.intensity = Tensor(batch.intensity.shape, values)
    let (found, words) = try divergence {
      _ = try engine(state).step(&state, batch, learningRate: 1e-3)
    }
    #expect(
      found == Divergence(step: 1, terms: ["intensity"], patients: ["second"]), "\(words)")
    #expect(words.contains("'intensity'") && words.contains("'second'"), "\(words)")
    #expect(state.step == 0)
  }

  /// One number of the network: found in a run that starts from it, whichever layer it is in.
  @Test(arguments: ["decoder.intensity.weight", "decoder.structure.bias"])
  func aPoisonedParameterIsNamed(_ name: String) throws {
    var model = tinyModel()
    let parameter = try #require(model.network.layout.parameters.first { $0.name == name })
    var values = model.parameters[parameter].array
    values[0] = .infinity
    model.parameters.set(parameter, values)
    let recipe = try SpiderRecipe(
      Self.configuration, training: CaseLibrary(Self.good), from: model)
    let run = TrainingRun(
      recipe, validation: CaseLibrary([TrainingCase]()), folder: RunFolder(folder["run"]))
    let (found, words) = try divergence { _ = try run.run(resume: false) }
    #expect(found.step == 1 && found.parameter == name && !found.terms.isEmpty, "\(words)")
    #expect(Set(found.patients).isSubset(of: Self.good.map(\.id)), "\(words)")
    #expect(words.contains("'\(name)'") && words.contains("learningRate.peak"), "\(words)")
  }

  /// Loss and parameters are finite, and only the way back leaves all numbers: the layer is named in which it began,
  /// the last one, though all those before it have lost theirs too.
  @Test func theFirstGradientThatIsNotFiniteIsNamed() throws {
    var state = TrainingState(Self.configuration)
    let batch = try BatchMaker(Self.good, Self.configuration).batch(step: 0)
    let engine = engine(state, loss: LossWeights(intensity: 1e200, crossEntropy: 0, dice: 0))
    let before = state.model.parameters.storage.values
    let (found, words) = try divergence {
      _ = try engine.step(&state, batch, learningRate: 1e-3)
    }
    #expect(found.terms.isEmpty && found.parameter == nil)
    #expect(found.gradient?.hasPrefix("decoder.intensity") == true, "\(words)")
    #expect(found.patients == batch.names && words.contains("gradient"), "\(words)")
    #expect(state.model.parameters.storage.values == before)
  }
}
