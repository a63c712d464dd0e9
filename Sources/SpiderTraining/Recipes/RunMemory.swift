import SpiderBaselines
import SpiderCore

/// An estimate of the memory that a training run takes, in bytes, made before any of it is taken.
///
/// Its numbers come from a file that anybody may have written: few bytes there can ask for more than any
/// machine has.
public struct RunMemory: Equatable, Sendable {
  /// Weights, their gradients, the moments of the optimizer, and a copy while they are written.
  public var parameters: Int
  /// Batches, and what a step keeps of its layers.
  public var steps: Int
  /// The volumes of a validation, with their metrics.
  public var validation: Int

  /// All of it; validation and steps take turns, but what they have had is not given back at once.
  public var total: Int { parameters + steps + validation }

  /// What most of it is for, in words.
  public var largest: String {
    if parameters >= max(steps, validation) { return "the network's weights" }
    return steps >= validation ? "the batches of a step" : "the volumes of a validation"
  }

  /// What a voxel needs on which metrics are computed (measured: 77 bytes).
  private static let bytesPerValidationVoxel = 80

  init(parameters: Int, steps: Int, validationSize: Int) {
    self.parameters = parameters
    self.steps = steps
    validation = Self.bytesPerValidationVoxel * validationSize * validationSize * validationSize
  }
}

extension TrainingConfiguration {
  /// Exact for network and steps, whose plans are made without taking memory; two batches are in the
  /// making beside the one in use.
  public var memory: RunMemory {
    let network = SpiderNetwork(model.architecture)
    let shape = batchShape
    let pixels =
      shape.patients * shape.views * shape.height * shape.width * model.architecture.imageChannels
    let points = shape.patients * shape.pointsPerPatient
    let batch = pixels + points * (4 + 2 * shape.views)
    return RunMemory(
      parameters: 4 * 6 * network.layout.count,
      steps: 4 * (network.stepNumbers(shape) + 3 * batch), validationSize: validationSize)
  }
}

extension BaselineConfiguration {
  /// Of the weights exactly, of a step by the widths of its finest levels. X2CT-GAN keeps up to 49 volumes a channel and
  /// patient for the way back (measured with the published widths: 8.1 GB in all of one patient at 128^3; at 64^3 it is 32).
  public var memory: RunMemory {
    let network = BaselineNetwork(model.architecture)
    let images = model.setup.columns * model.setup.rows * max(1, model.views.count)
    let side = model.architecture.size
    let answer: Int
    switch model.architecture {
    case .x2ctGAN(let architecture):
      answer =
        49 * side * side * side * architecture.generator.decoderChannels.prefix(2).reduce(0, max)
    case .perX2CT(let configuration):
      answer = 12 * side * side * configuration.width * slicesPerPatient
    }
    return RunMemory(
      parameters: 4 * 6 * network.layout.count, steps: 4 * patientsPerStep * (images + answer),
      validationSize: validationSize)
  }
}
