import Foundation
import SpiderCore
import SpiderTensor

/// Fits the head of uncertainty to a trained network, which stays as it is, on the patients it was trained on: varied
/// and radiographed as in training, so that the head sees the errors that disturbed X-rays lead to, too.
///
/// How wide intervals must be for patients that the network has never seen is `UncertaintyCalibration`'s to find.
public struct UncertaintyFit: Sendable {
  /// The learning rate of the first step; it falls to 0 along half a cosine.
  private static let rate = 0.02

  private let model: SpiderModel
  private let configuration: TrainingConfiguration
  private let batches: BatchMaker

  /// Plans a fit.
  public init(_ model: SpiderModel, training: CaseLibrary, seed: UInt64 = 1) {
    var configuration = TrainingConfiguration(model: model.description)
    configuration.seed = seed
    self.init(model, training: training, configuration)
  }

  /// Plans a fit under a configuration of batches.
  package init(
    _ model: SpiderModel, training: CaseLibrary, _ configuration: TrainingConfiguration
  ) {
    precondition(!training.isEmpty, "a fit on no patients")
    self.model = model
    self.configuration = configuration
    batches = BatchMaker(training, configuration)
  }

  /// The head, with factor 1.
  ///
  /// - Parameters:
  ///   - steps: batches to learn from.
  ///   - progress: called after each with the share that is done; what it throws ends the fit.
  public func head(
    steps: Int = 200, progress: (Double) throws -> Void = { _ in }
  ) throws -> UncertaintyHead {
    let network = model.network
    let workspaces = network.makeWorkspaces(configuration.batchShapes())
    let inputs =
      workspaces[0].lastHidden.count
      / (configuration.patientsPerStep * configuration.sampling.count)
    var head = UncertaintyHead(inputs: inputs)
    var layout = ParameterLayout()
    let numbers = layout.add("head", [inputs + 1], .constant(0))
    var parameters = ParameterArena(layout, seed: 0)
    parameters.set(numbers, head.weights + [head.bias])
    var settings = Adam.Settings()
    settings.weightDecay = 0
    var adam = Adam(layout, settings: settings)
    let schedule = LearningRateSchedule(peak: Self.rate, warmupSteps: 1, finalShare: 0)
    try MemoryPool.reusing {
      for step in 0..<steps {
        let batch = try batches.batch(step: step)
        guard let workspace = workspaces.first(where: { $0.shape == batch.shape }) else {
          preconditionFailure("a batch of \(batch.shape)")
        }
        network.forward(batch, workspace, model.parameters)
        let (answers, truth) = (workspace.intensity, batch.intensity.slice)
        let errors = batch.labels.indices.map { p in
          batch.labels[p] == LabelScheme.outsideScan
            ? nil : abs(min(max(answers[p], 0), 1) - truth[p])
        }
        let (_, gradient) = LaplaceLikelihood.loss(
          head, hidden: workspace.lastHidden, errors: errors)
        let padded = Tensor(
          [layout.count],
          gradient + [Float](repeating: 0, count: layout.count - gradient.count))
        adam.update(
          &parameters, gradient: padded.slice,
          learningRate: schedule.rate(step: step, progress: Double(step) / Double(steps)))
        let found = parameters[numbers].array
        (head.weights, head.bias) = (Array(found.dropLast()), found[inputs])
        try progress(Double(step + 1) / Double(steps))
      }
    }
    return head
  }
}

/// The likelihood of errors under a Laplace law whose scale the head of uncertainty answers with.
///
/// Of a point with the error e and log b = s = w h + c, the negative log likelihood is e exp(-s) + s, but for a
/// constant; its slope by s is 1 - e exp(-s).
package enum LaplaceLikelihood {
  /// The mean over the points that count, and its gradient by w and c, one after the other.
  ///
  /// - Parameters:
  ///   - hidden: what the last hidden layer knows of each point: (P, inputs).
  ///   - errors: |answer - truth| of each point, window units; nil where nothing is known.
  package static func loss(
    _ head: UncertaintyHead, hidden: FloatSlice, errors: [Float?]
  ) -> (value: Double, gradient: [Float]) {
    let inputs = head.weights.count
    precondition(
      hidden.count == inputs * errors.count, "\(hidden.count) numbers for \(errors.count) points")
    var (value, slopes, bias) = (0.0, [Float](repeating: 0, count: inputs), 0.0)
    for (point, error) in errors.enumerated() {
      guard let error else { continue }
      let row = hidden.part(point * inputs, inputs)
      let free = head.logScale(row)
      let limits = UncertaintyHead.logScales
      let logScale = min(max(free, limits.lowerBound), limits.upperBound)
      let relative = error * exp(-logScale)
      value += Double(relative + logScale)
      // At its limits the scale stays where it is.
      let slope = logScale == free ? 1 - relative : 0
      bias += Double(slope)
      for k in 0..<inputs { slopes[k] += slope * row[k] }
    }
    let share = 1 / Double(max(1, errors.count { $0 != nil }))
    return (share * value, (slopes + [Float(bias)]).map { Float(share) * $0 })
  }
}

extension UncertaintyHead {
  /// The log of the scale for a row of what the last hidden layer knows, before its limits.
  fileprivate func logScale(_ row: FloatSlice) -> Float {
    var sum = bias
    for k in weights.indices { sum += weights[k] * row[k] }
    return sum
  }
}
