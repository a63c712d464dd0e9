import SpiderBaselines
import SpiderCore
import SpiderTensor
import SpiderTraining

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

  /// What is allowed of a network's gradients, relative in norm to the golden ones.
  struct GradientNoise {
    let worst: Double
    let median: Double

    /// Both in double precision, but for losses whose gradient is handed on in single.
    static let reference = GradientNoise(worst: 1e-4, median: 1e-5)
    /// How far single precision of the published code is off, of which ours needs half.
    static let single = GradientNoise(worst: 0.024, median: 0.0076)
  }

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

    for isReference in [false, true] {
      func tape(_ parameters: ParameterArena) -> Tape {
        isReference
          ? Tape(reference: parameters)
          : Tape(parameters, pool: GradientPool(parameters.layout))
      }
      let precision = isReference ? "double" : "single"
      let (passG, passD) = (tape(g), tape(judge))
      let made = step.generatorGradient([view1, view2], ct: ct, passG, judging: tape(judge))
      let loss = step.discriminatorGradient(
        made: made.volume, ct: ct, condition: made.condition, passD)
      let golden = d.losses_f64 ?? d.losses
      for (name, ours, golden) in [
        ("total", made.total, golden.total), ("adversarial", made.adversarial, golden.adversarial),
        ("voxels", made.voxels, golden.voxels),
        ("projections", made.projections, golden.projections),
        ("discriminator", loss, golden.discriminator),
      ] {
        deviations.compare(ours, golden, rtol: 1e-5, "loss: \(name), \(precision)")
      }
      try compareForward(made, precision, &deviations)
      if !isReference { try compareAverages(passG, g, &deviations) }
      for (name, tape, parameters) in [("G", passG, g), ("D", passD, judge)] {
        let gradient = gradient(of: parameters.layout, tape)
        try compareGradients(
          name, gradient, parameters.layout, without: d.no_gradient ?? [], isReference, &deviations)
        if isReference { try compareStep(name, gradient, parameters, d, &deviations) }
      }
    }
  }

  private func gradient(of layout: ParameterLayout, _ tape: Tape) -> [String: [Double]] {
    Dictionary(
      uniqueKeysWithValues: layout.parameters.map { ($0.name, tape.gradient(of: $0)) })
  }

  private func compareForward(
    _ made: X2CTTrainingStep.GeneratorResult, _ precision: String, _ deviations: inout Deviations
  ) throws {
    guard set.has("forward.safetensors") else { return }
    let forward = try set.tensors("forward.safetensors")
    for (name, golden) in forward.sorted(by: { $0.key < $1.key }) {
      let ours = ["fake": made.volume, "condition": made.condition][name]
      deviations.compare(ours, golden, atol: GeneratorGolden.tolerance, "\(name), \(precision)")
    }
  }

  /// Running averages after the generator's one pass in training.
  private func compareAverages(
    _ tape: Tape, _ parameters: ParameterArena, _ deviations: inout Deviations
  ) throws {
    guard set.has("after_step_G.safetensors") else { return }
    let golden = try set.tensors("after_step_G.safetensors")
    var moved = parameters
    tape.updateAverages(of: &moved)
    for parameter in parameters.layout.parameters where parameter.name.contains(".running_") {
      // The views' own last layers, which nothing uses, are not computed in training.
      let isUnused =
        parameter.name.hasPrefix("view") && parameter.name.contains(".decoder_layer-1.")
      guard !isUnused, let golden = golden[parameter.name] else { continue }
      // A tenth of the noise of what is averaged.
      deviations.compare(
        Tensor(parameter.shape, moved[parameter].array), golden,
        atol: GeneratorGolden.tolerance / 10, parameter.name)
    }
  }

  /// Tensors whose gradient is real are compared in norm; that of a bias in front of a normalisation is
  /// zero but for rounding.
  private func compareGradients(
    _ network: String, _ ours: [String: [Double]], _ layout: ParameterLayout, without: [String],
    _ isReference: Bool, _ deviations: inout Deviations
  ) throws {
    let double = "grads_\(network)_f64.safetensors"
    let isExact = set.has(double)
    let file = isExact ? double : "grads_\(network).safetensors"
    guard set.has(file) else { return }
    let golden = try RawTensors(set.url(file))
    func norm(_ x: [Double]) -> Double { x.reduce(0) { $0 + $1 * $1 }.squareRoot() }
    let largest = golden.names.map { norm(golden.values($0) ?? []) }.max() ?? 0
    var errors: [(share: Double, name: String)] = []
    for parameter in layout.parameters where !parameter.name.contains(".running_") {
      let mine = ours[parameter.name] ?? []
      guard let truth = golden.values(parameter.name) else {
        deviations.require(
          norm(mine) == 0 && without.contains(parameter.name),
          "no golden gradient of \(parameter.name)")
        continue
      }
      guard norm(truth) > 1e-7 * largest else {
        // Rounding of single precision, against gradients as large as the largest.
        deviations.compare(norm(mine), 0, atol: 1e-4 * largest, "no gradient of \(parameter.name)")
        continue
      }
      errors.append((norm(zip(mine, truth).map { $0 - $1 }) / norm(truth), parameter.name))
    }
    errors.sort { $0.share < $1.share }
    guard let worst = errors.last else { return }
    let noise = isReference && isExact ? GradientNoise.reference : .single
    let precision = isReference ? "double" : "single"
    let median = errors[errors.count / 2].share
    print(
      "golden \(set.name): gradients of \(network), \(precision): median \(median), worst "
        + "\(worst.share) (\(worst.name))")
    deviations.note(worst.share, allowed: noise.worst, "gradient of \(worst.name), \(precision)")
    deviations.note(median, allowed: noise.median, "median gradient of \(network), \(precision)")
  }

  /// Weights after Adam, of tensors that have a real gradient, where it exceeds 1e-4 of the tensor's
  /// largest.
  private func compareStep(
    _ network: String, _ gradient: [String: [Double]], _ parameters: ParameterArena,
    _ d: Description, _ deviations: inout Deviations
  ) throws {
    let (file, slopes) = (
      "after_step_\(network).safetensors", "grads_\(network).safetensors"
    )
    guard set.has(file), set.has(slopes) else { return }
    let after = try RawTensors(set.url(file))
    let golden = try RawTensors(set.url(slopes))
    let published = Dictionary(
      uniqueKeysWithValues: golden.names.map { ($0, golden.values($0) ?? []) })
    // The optimizer alone, on the published gradient, and on ours.
    let (alone, moved) = (
      step(parameters, published, d), step(parameters, gradient, d)
    )
    let largestOfAll = published.values.flatMap { $0.map(abs) }.max() ?? 0
    var (worstAlone, worst, place, counted, left) = (0.0, 0.0, "", 0, 0)
    for parameter in parameters.layout.parameters {
      guard let truth = after.values(parameter.name), let single = published[parameter.name],
        let exact = gradient[parameter.name]
      else { continue }
      let largest = exact.map(abs).max() ?? 0
      guard largest > 1e-7 * largestOfAll else { continue }
      let (others, mine) = (alone[parameter].array, moved[parameter].array)
      for index in mine.indices where abs(exact[index]) > 1e-4 * largest {
        worstAlone = max(worstAlone, abs(Double(others[index]) - truth[index]))
        // Adam's first step is lr g / (|g| + epsilon): hardly more than the sign. Where the rounding of
        // the published gradient decides it, there is nothing to agree with.
        guard abs(first(single[index], d) - first(exact[index], d)) < 5e-7 else {
          left += 1
          continue
        }
        counted += 1
        let error = abs(Double(mine[index]) - truth[index])
        if !(error <= worst) { (worst, place) = (error, "\(parameter.name)[\(index)]") }
      }
    }
    // Few may be left out: with gradients of noise all would be.
    deviations.require(
      counted > 50 * left, "\(counted) weights of \(network), \(left) left out")
    print(
      "golden \(set.name): \(counted) weights of \(network) after Adam within \(worst), without "
        + "\(left) that rounding of the published gradient decides")
    deviations.note(worstAlone, allowed: 1e-6, "Adam of \(network) on the published gradient")
    deviations.note(worst, allowed: 1e-6, "weights of \(network) after Adam, \(place)")
  }

  private func first(_ gradient: Double, _ d: Description) -> Double {
    d.lr * gradient / (abs(gradient) + d.eps)
  }

  private func step(
    _ parameters: ParameterArena, _ gradient: [String: [Double]], _ d: Description
  ) -> ParameterArena {
    var settings = Adam.Settings()
    (settings.beta1, settings.beta2, settings.epsilon) = (d.betas[0], d.betas[1], d.eps)
    settings.weightDecay = 0
    var adam = Adam(parameters.layout, settings: settings)
    var (moved, slope) = (parameters, ParameterArena(parameters.layout))
    for parameter in parameters.layout.parameters {
      if let values = gradient[parameter.name] { slope.set(parameter, values.map { Float($0) }) }
    }
    adam.update(&moved, gradient: slope.storage.slice, learningRate: d.lr)
    return moved
  }
}
