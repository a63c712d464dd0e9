import SpiderBaselines
import SpiderCore
import SpiderTraining
import Testing

/// A set of one iteration of X2CT-GAN's training: what was made, losses, gradients, weights afterwards.
struct TrainingStepGolden {
  struct Description: Decodable {
    struct Losses: Decodable {
      let total, adversarial, voxels, projections, discriminator: Double
      enum CodingKeys: String, CodingKey {
        case total = "loss_total_G"
        case adversarial = "loss_G"
        case voxels = "loss_idt"
        case projections = "loss_map_m"
        case discriminator = "loss_D"
      }
    }
    let config: X2CTConfiguration
    let disc: PatchDiscriminator.Configuration
    let lr: Double
    let betas: [Double]
    let eps: Double
    let weights: X2CTLossWeights
    let losses: Losses
    let losses_f64: Losses?
    let no_gradient: [String]?
  }

  /// Single precision of the published code is off by 0.75 % in the median tensor and by 2.4 % in the
  /// worst, relative in norm to double precision.
  static let worstGradient = 0.024
  static let medianGradient = 0.0076

  let set: GoldenSet

  init(_ set: GoldenSet) { self.set = set }

  func compare(_ deviations: inout Deviations) throws {
    let d = try set.json(Description.self)
    let network = try set.json(GeneratorGolden.Description.self)
    let step = X2CTTrainingStep(
      X2CTGenerator(
        d.config, try network.variant(of: set), published: try set.names("weights_G.safetensors")),
      PatchDiscriminator(d.disc, published: try set.names("weights_D.safetensors")),
      weights: d.weights)
    let g = try set.weights(step.generator.layout, "weights_G.safetensors")
    let judge = try set.weights(step.discriminator.layout, "weights_D.safetensors")
    let inputs = try set.tensors("inputs.safetensors")
    guard let view1 = inputs["input1"], let view2 = inputs["input2"], let stored = inputs["ct"]
    else { throw GoldenSet.Fault("\(set.name): two X-rays and a CT are needed") }
    let ct = Tensor([view1.shape[0], 1] + stored.shape.suffix(3), stored.values)

    let pool = GradientPool(step.generator.layout)
    let made = step.generatorGradient([view1, view2], ct: ct, g, judge: judge, pool)
    let judgePool = GradientPool(step.discriminator.layout)
    let loss = step.discriminatorGradient(
      made: made.volume, ct: ct, condition: made.condition, judge, judgePool)

    let golden = d.losses_f64 ?? d.losses
    for (name, ours, golden) in [
      ("total", made.total, golden.total), ("adversarial", made.adversarial, golden.adversarial),
      ("voxels", made.voxels, golden.voxels), ("projections", made.projections, golden.projections),
      ("discriminator", loss, golden.discriminator),
    ] {
      deviations.compare(ours, golden, rtol: 1e-5, "loss: \(name)")
    }
    if set.has("forward.safetensors") {
      let forward = try set.tensors("forward.safetensors")
      for (name, golden) in forward.sorted(by: { $0.key < $1.key }) {
        let ours = ["fake": made.volume, "condition": made.condition][name]
        deviations.compare(ours, golden, atol: GeneratorGolden.tolerance, name)
      }
    }
    try compareAverages(made.pass, g, &deviations)
    try compareGradients(
      "G", pool.sum(), step.generator.layout, without: d.no_gradient ?? [], &deviations)
    try compareGradients(
      "D", judgePool.sum(), step.discriminator.layout, without: [], &deviations)
    try compareStep("G", pool.sum(), g, d, &deviations)
    try compareStep("D", judgePool.sum(), judge, d, &deviations)
  }

  /// Running averages after the generator's one pass in training.
  private func compareAverages(
    _ pass: Pass, _ parameters: ParameterArena, _ deviations: inout Deviations
  ) throws {
    guard set.has("after_step_G.safetensors") else { return }
    let golden = try set.tensors("after_step_G.safetensors")
    var moved = parameters
    pass.updateAverages(of: &moved)
    for parameter in parameters.layout.parameters where parameter.name.contains(".running_") {
      guard let golden = golden[parameter.name] else { continue }
      // A tenth of the noise of what is averaged.
      deviations.compare(
        Tensor(parameter.shape, moved[parameter].array), golden,
        atol: GeneratorGolden.tolerance / 10, parameter.name)
    }
  }

  /// Tensors whose gradient is real are compared in norm; that of a bias in front of a normalisation is
  /// zero but for rounding.
  private func compareGradients(
    _ network: String, _ ours: FloatSlice, _ layout: ParameterLayout, without: [String],
    _ deviations: inout Deviations
  ) throws {
    let double = "grads_\(network)_f64.safetensors"
    let file = set.has(double) ? double : "grads_\(network).safetensors"
    guard set.has(file) else { return }
    let golden = try RawTensors(set.url(file))
    func norm(_ x: [Double]) -> Double { x.reduce(0) { $0 + $1 * $1 }.squareRoot() }
    let norms = golden.names.map { norm(golden.values($0) ?? []) }
    let largest = norms.max() ?? 0
    var errors: [(share: Double, name: String)] = []
    for parameter in layout.parameters where !parameter.name.contains(".running_") {
      let mine = ours.part(parameter.offset, parameter.count).array.map(Double.init)
      guard let truth = golden.values(parameter.name) else {
        #expect(
          norm(mine) == 0 && without.contains(parameter.name),
          "\(set.name): no golden gradient of \(parameter.name)")
        continue
      }
      guard norm(truth) > 1e-7 * largest else {
        // Rounding of single precision, against gradients as large as the largest.
        deviations.compare(norm(mine), 0, atol: 1e-4 * largest, "no gradient of \(parameter.name)")
        continue
      }
      let difference = norm(zip(mine, truth).map { $0 - $1 })
      errors.append((difference / norm(truth), parameter.name))
    }
    errors.sort { $0.share < $1.share }
    guard let worst = errors.last else { return }
    deviations.note(
      worst.share, allowed: Self.worstGradient, "gradient of \(network), \(worst.name)")
    deviations.note(
      errors[errors.count / 2].share, allowed: Self.medianGradient, "median gradient of \(network)")
  }

  /// Weights after Adam where the gradient exceeds 1e-4 of its tensor's largest.
  private func compareStep(
    _ network: String, _ gradient: FloatSlice, _ parameters: ParameterArena, _ d: Description,
    _ deviations: inout Deviations
  ) throws {
    let file = "after_step_\(network).safetensors"
    guard set.has(file), set.has("grads_\(network).safetensors") else { return }
    let after = try RawTensors(set.url(file))
    let golden = try RawTensors(set.url("grads_\(network).safetensors"))
    let double =
      set.has("grads_\(network)_f64.safetensors")
      ? try RawTensors(set.url("grads_\(network)_f64.safetensors")) : golden
    var settings = Adam.Settings()
    (settings.beta1, settings.beta2, settings.epsilon) = (d.betas[0], d.betas[1], d.eps)
    settings.weightDecay = 0
    var adam = Adam(parameters.layout, settings: settings)
    var moved = parameters
    adam.update(&moved, gradient: gradient, learningRate: d.lr)

    var (worst, place, counted, turned) = (0.0, "", 0, 0)
    let largestOfAll = golden.names.flatMap { golden.values($0) ?? [] }.map(abs).max() ?? 0
    for parameter in parameters.layout.parameters {
      guard let truth = after.values(parameter.name), let slope = golden.values(parameter.name),
        let exact = double.values(parameter.name)
      else { continue }
      let largest = exact.map(abs).max() ?? 0
      guard largest > 1e-7 * largestOfAll else { continue }
      let mine = moved[parameter].array
      for index in mine.indices where abs(exact[index]) > 1e-4 * largest {
        // Adam's first step is the sign of the gradient: where single precision of the published code
        // itself has turned the sign, there is nothing to agree with.
        guard slope[index] * exact[index] > 0 else {
          turned += 1
          continue
        }
        counted += 1
        let error = abs(Double(mine[index]) - truth[index])
        if !(error <= worst) { (worst, place) = (error, "\(parameter.name)[\(index)]") }
      }
    }
    #expect(counted > 0, "\(set.name): no weight of \(network) to compare")
    deviations.note(
      worst, allowed: 1e-6,
      "weights of \(network) after Adam, \(place), \(counted) of them, "
        + "\(turned) left out")
  }
}
