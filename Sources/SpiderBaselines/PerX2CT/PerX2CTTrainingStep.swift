import SpiderCore
import SpiderTensor

/// The gradient of one iteration of PerX2CT's training: the mean absolute difference of slices and, where the
/// weights of another network are there, LPIPS. The published discriminator has weight zero.
public struct PerX2CTTrainingStep: Sendable {
  /// The terms of the loss.
  public struct Loss: Equatable, Sendable {
    /// The mean absolute difference.
    public var intensity: Double
    /// LPIPS, before its factor; zero without one.
    public var perceptual: Double
  }

  /// The network.
  public let network: PerX2CT
  private let perceptual: PerceptualLoss?
  private let factor: Double

  /// Trains a network, by the mean absolute difference plus `factor` times LPIPS.
  public init(_ network: PerX2CT, perceptual: PerceptualLoss? = nil, factor: Double = 1) {
    self.network = network
    self.perceptual = perceptual
    self.factor = factor
  }

  /// Adds the gradient to the pool and returns the loss, of n slices, equally many of each of N patients.
  ///
  /// - Parameters:
  ///   - pa: X-rays (N, 1, S, S) in [0, 1], turned as the published loader turns them.
  ///   - lateral: the same of the side.
  ///   - planes: the slices, patient by patient.
  ///   - cameras: one for all patients, or one for each.
  ///   - truth: the slices (n, 1, S, S) in [0, 1], which all three channels are compared with.
  ///   - known: 1 where the truth is known, 0 where it counts for nothing; nil where all of it is.
  ///   - parameters: the network's.
  ///   - pool: where gradients are added up.
  /// - Returns: the terms of the loss, and the pass, which knows what running averages are to become. The published
  ///   code freezes the first convolution and its normalisation; that is the caller's to do.
  package func gradient(
    pa: Tensor, lateral: Tensor, _ planes: [SliceLattice], cameras: [SliceCameras] = [.published],
    truth: Tensor, known: Tensor? = nil, _ parameters: ParameterArena, _ pool: GradientPool
  ) -> (loss: Loss, tape: Tape) {
    let tape = Tape(parameters, pool: pool)
    let made = network.run(pa: pa, lateral: lateral, planes, cameras: cameras, tape)
    let s = made.shape
    precondition(truth.shape == [s[0], 1, s[2], s[3]], "slices \(s) against \(truth.shape)")
    precondition(known.map { $0.shape == truth.shape } ?? true, "a mask of another shape")
    let goal = Self.goal(truth, known, over: made.value)
    let counted = known.map { $0.values.reduce(0) { $0 + Double($1) } * Double(s[1]) }
    var (intensity, gradient) = Self.absolute(
      made.value, goal, total: max(1, counted ?? Double(made.value.count)))
    var loss = Loss(intensity: intensity, perceptual: 0)
    if let perceptual {
      let term = perceptual.gradient(made.value, truth: goal)
      loss.perceptual = term.loss
      var share = term.gradient
      let memory = share.mutableSlice()
      Elements.scaleShift(memory, scale: Float(factor), shift: 0, relu: false, into: memory)
      Elements.add(memory, to: gradient.mutableSlice())
    }
    tape.backward(from: made, gradient: gradient)
    return (loss, tape)
  }

  /// The truth in all three channels and, where it is not known, what the network made.
  private static func goal(_ truth: Tensor, _ known: Tensor?, over made: Tensor) -> Tensor {
    let (s, plane) = (made.shape, made.shape[2] * made.shape[3])
    var goal = made
    let real = truth.span
    let mask = known ?? Tensor(truth.shape, repeating: 1)
    let isKnown = mask.span
    var numbers = goal.mutableSpan
    for index in 0..<made.count {
      let place = index / (s[1] * plane) * plane + index % plane
      if isKnown[place] > 0 { numbers[index] = real[place] }
    }
    return goal
  }

  /// The sum of the absolute differences over `total`, and its gradient.
  private static func absolute(
    _ made: Tensor, _ goal: Tensor, total: Double
  ) -> (Double, Tensor) {
    var gradient = Tensor(uninitialized: made.shape)
    let from = made.span
    let real = goal.span
    var to = gradient.mutableSpan
    let step = Float(1 / total)
    var sum = 0.0
    for index in 0..<made.count {
      let difference = from[index] - real[index]
      sum += Double(abs(difference))
      to[index] = difference > 0 ? step : difference < 0 ? -step : 0
    }
    return (sum / total, gradient)
  }
}
