import SpiderCore
import SpiderTensor

/// The gradients of one iteration of X2CT-GAN's alternating training.
///
/// Published order: the generator's gradient and its step; then the discriminator's gradient, on the
/// volume that the generator made before its step, and its step. The optimizer is the caller's.
public struct X2CTTrainingStep: Sendable {
  /// The result of the generator's pass.
  public struct GeneratorResult {
    /// The weighted adversarial term.
    public let adversarial: Double
    /// The weighted mean squared difference.
    public let voxels: Double
    /// The weighted difference of projections.
    public let projections: Double
    /// The volume made (N, 1, S, S, S).
    package let volume: Tensor
    /// The condition that the discriminator sees beside it (N, 2, S, S, S).
    package let condition: Tensor
    /// The true volume, what is not known of it as it was made.
    package let truth: Tensor

    /// The loss of the generator.
    public var total: Double { adversarial + voxels + projections }
  }

  /// The network that makes volumes.
  public let generator: X2CTGenerator
  /// The network that judges them.
  public let discriminator: PatchDiscriminator
  /// The weights of the terms.
  public let weights: X2CTLossWeights

  /// Couples two networks.
  public init(
    _ generator: X2CTGenerator, _ discriminator: PatchDiscriminator,
    weights: X2CTLossWeights = X2CTLossWeights()
  ) {
    self.generator = generator
    self.discriminator = discriminator
    self.weights = weights
  }

  /// Carries the generator's gradient into its pass: of two X-rays (N, 1, S, S) and their CT
  /// (N, 1, S, S, S), in published orientation. `known` is 1 where the CT is known and 0 where it is
  /// not; there, whatever the generator made is taken for the truth. `judging` is a pass of the
  /// discriminator, with a pool of its own that nobody looks at: its parameters stay as they are.
  package func generatorGradient(
    _ images: [Tensor], ct measured: Tensor, known: Tensor? = nil, _ tape: Tape, judging: Tape
  ) -> GeneratorResult {
    let made = generator.run(images.map { Activation($0, isConstant: true) }, tape).volume
    let ct = known.map { Self.completed(measured, with: made.value, where: $0) } ?? measured
    let condition = self.condition(images)

    let seen = tape.isReference ? Activation(made.shape, exact: made.exact) : Activation(made.value)
    let verdict = judged(seen, condition, judging)
    let adversarial = LossTerm.squaredDistance(
      verdict.value, to: 1, weight: self.weights.adversarial)
    judging.backward(from: verdict, gradient: adversarial.gradient)
    let voxels = LossTerm.squaredDistance(made.value, to: ct, weight: weights.voxels)
    let projections = LossTerm.projections(made.value, ct, weight: weights.projections)

    if tape.isReference {
      if let gradient = seen.takeExactGradient() { made.add(exact: gradient) }
    } else if let gradient = seen.takeGradient() {
      made.add(gradient)
    }
    made.add(voxels.gradient)
    tape.backward(from: made, gradient: projections.gradient)
    return GeneratorResult(
      adversarial: adversarial.value, voxels: voxels.value, projections: projections.value,
      volume: made.value, condition: condition, truth: ct)
  }

  /// A volume whose unknown voxels are those of another.
  private static func completed(_ ct: Tensor, with made: Tensor, where known: Tensor) -> Tensor {
    precondition(known.count == ct.count, "a mask of another shape")
    var result = ct
    let from = made.span
    let mask = known.span
    var to = result.mutableSpan
    for index in 0..<ct.count where mask[index] <= 0 { to[index] = from[index] }
    return result
  }

  /// Carries the discriminator's gradient into its pass and returns its loss.
  package func discriminatorGradient(
    made: Tensor, ct: Tensor, condition: Tensor, _ tape: Tape
  ) -> Double {
    [(made, Float(0)), (ct, 1)].reduce(0) { sum, example in
      let verdict = judged(Activation(example.0, isConstant: true), condition, tape)
      let loss = LossTerm.squaredDistance(
        verdict.value, to: example.1, weight: weights.adversarial)
      tape.backward(from: verdict, gradient: loss.gradient)
      return sum + loss.value
    }
  }

  /// Both X-rays repeated along their rays, taken to be parallel, in CT order: (N, 2, S, S, S).
  func condition(_ images: [Tensor]) -> Tensor {
    let tape = Tape(ParameterArena(ParameterLayout()))
    let volumes = zip(images, generator.variant.orders).map { image, order in
      let repeated = DimensionLink.repeated(Activation(image), depth: image.shape[2], tape)
      return Activation(order.inverse.applied(to: repeated.value))
    }
    return Channels.joined(volumes, tape).value
  }

  /// The map of patches for a volume beside its X-rays.
  private func judged(_ volume: Activation, _ condition: Tensor, _ tape: Tape) -> Activation {
    let input = Channels.joined([Activation(condition, isConstant: true), volume], tape)
    guard let verdict = discriminator.run(input, tape).last else {
      preconditionFailure("a discriminator without layers")
    }
    return verdict
  }
}

/// The weights of the terms of X2CT-GAN's losses.
public struct X2CTLossWeights: Codable, Equatable, Sendable {
  /// Of the adversarial terms, of generator and discriminator.
  public var adversarial = 0.1
  /// Of the mean squared difference of the volumes.
  public var voxels = 10.0
  /// Of the differences of parallel projections.
  public var projections = 10.0

  enum CodingKeys: String, CodingKey {
    case adversarial = "gan"
    case voxels = "idt_mse"
    case projections = "map_l1"
  }

  /// As published.
  public init() {}
}
