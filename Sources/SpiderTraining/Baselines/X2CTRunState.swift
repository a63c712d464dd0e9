import SpiderBaselines
import SpiderCore
import SpiderTensor

/// All that a run of X2CT-GAN changes: both networks and their optimizers.
public struct X2CTRunState: RunState {
  /// The generator.
  public var model: BaselineModel
  /// The numbers of the discriminator.
  package var discriminator: ParameterArena
  /// The generator's optimizer.
  public var generatorAdam: Adam
  /// The discriminator's.
  public var discriminatorAdam: Adam
  /// Steps made.
  public var step = 0
  /// Patients seen.
  public var samples = 0
  /// Seconds spent training.
  public var seconds = 0.0
  /// The best validation score so far.
  public var bestScore: Double?

  /// Both networks.
  public static var parts: [StatePart<X2CTRunState>] {
    [
      StatePart(prefix: "generator.", parameters: \.model.parameters, adam: \.generatorAdam),
      StatePart(prefix: "discriminator.", parameters: \.discriminator, adam: \.discriminatorAdam),
    ]
  }
}

/// The terms of X2CT-GAN's losses, weighted.
public struct X2CTLosses: LossReport {
  /// How real the discriminator finds what the generator makes.
  public var adversarial = 0.0
  /// Mean squared difference of the volumes.
  public var voxels = 0.0
  /// Mean absolute difference of parallel projections.
  public var projections = 0.0
  /// The discriminator's own loss, which is not part of the generator's.
  public var discriminator = 0.0
  /// The generator's loss.
  public var total = 0.0

  /// Nothing added up yet.
  public static var zero: X2CTLosses { X2CTLosses() }

  /// Adds another step's terms.
  public mutating func add(_ other: X2CTLosses) {
    adversarial += other.adversarial
    voxels += other.voxels
    projections += other.projections
    discriminator += other.discriminator
    total += other.total
  }

  /// Multiplies every term.
  public mutating func scale(by factor: Double) {
    adversarial *= factor
    voxels *= factor
    projections *= factor
    discriminator *= factor
    total *= factor
  }
}
