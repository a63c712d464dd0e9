internal import CSpiderKernels
import SpiderCore
import SpiderSupport
import SpiderTensor

/// Adam with decoupled weight decay (Kingma & Ba 2015; Loshchilov & Hutter 2019), one pass over the
/// flat arena.
///
/// m = b1 m + (1 - b1) g, v = b2 v + (1 - b2) g^2,
/// p = p (1 - rate decay) - rate (m / (1 - b1^t)) / (sqrt(v / (1 - b2^t)) + epsilon).
public struct Adam: Sendable {
  /// The hyperparameters.
  public struct Settings: Codable, Equatable, Sendable {
    /// Decay of the first moment.
    public var beta1 = 0.9
    /// Decay of the second moment.
    public var beta2 = 0.99
    /// Added to the root of the second moment.
    public var epsilon = 1e-8
    /// Weight decay, a share of the learning rate.
    public var weightDecay = 1e-2

    /// The defaults.
    public init() {}

    /// The reason why no optimizer has these settings, or nil.
    public var fault: String? {
      guard (0..<1).contains(beta1), (0..<1).contains(beta2) else {
        return "adam.beta1 and adam.beta2 must be at least 0 and less than 1"
      }
      // The kernel counts in single precision: what is 0 there divides by 0.
      guard (1e-16..<1).contains(epsilon), (0...1).contains(weightDecay) else {
        return "adam.epsilon is \(epsilon); it must be 1e-16 to 1, adam.weightDecay 0 to 1"
      }
      return nil
    }
  }

  /// The hyperparameters.
  public let settings: Settings
  /// The first moments, in the layout of the parameters.
  package private(set) var first: ParameterArena
  /// The second moments.
  package private(set) var second: ParameterArena
  /// Steps made.
  public private(set) var step = 0

  /// Starts with moments of zero.
  package init(_ layout: ParameterLayout, settings: Settings = Settings()) {
    self.settings = settings
    first = ParameterArena(layout)
    second = ParameterArena(layout)
  }

  /// Takes up where a run stopped.
  mutating func restore(first: ParameterArena, second: ParameterArena, step: Int) {
    self.first = first
    self.second = second
    self.step = step
  }

  /// Moves the parameters against `scale` times the gradient.
  package mutating func update(
    _ parameters: inout ParameterArena, gradient: FloatSlice, learningRate: Double,
    scale: Double = 1
  ) {
    step += 1
    let count = parameters.storage.count
    precondition(gradient.count == count, "\(gradient.count) gradients for \(count) parameters")
    let (p, m, v) = (
      parameters.storage.mutableSlice(), first.storage.mutableSlice(),
      second.storage.mutableSlice()
    )
    let correction1 = Float(1 - power(settings.beta1, step))
    let correction2 = Float(1 - power(settings.beta2, step))
    let numbers = AdamKernel.AdamStep(
      rate: Float(learningRate), beta1: Float(settings.beta1), beta2: Float(settings.beta2),
      epsilon: Float(settings.epsilon), weightDecay: Float(settings.weightDecay),
      scale: Float(scale), correction1: correction1, correction2: correction2)
    Parallel.forEachWorker(splitting: count) { _, range in
      func part(_ slice: FloatSlice) -> FloatSlice { slice.part(range.lowerBound, range.count) }
      AdamKernel.adam(part(p), gradient: part(gradient), first: part(m), second: part(v), numbers)
    }
  }

  private func power(_ base: Double, _ exponent: Int) -> Double {
    var (result, factor, left) = (1.0, base, exponent)
    while left > 0 {
      if left & 1 == 1 { result *= factor }
      factor *= factor
      left >>= 1
    }
    return result
  }
}

/// The wrapper of the C kernel of Adam.
package enum AdamKernel {
  /// The numbers of one step of Adam, as its kernel takes them; see `Adam` of SpiderTraining.
  package struct AdamStep: Sendable {
    /// The learning rate.
    package var rate: Float
    /// Decay of the first moment.
    package var beta1: Float
    /// Decay of the second moment.
    package var beta2: Float
    /// Added to the root of the second moment.
    package var epsilon: Float
    /// Weight decay, a share of the rate.
    package var weightDecay: Float
    /// The factor of the gradient.
    package var scale: Float
    /// 1 - beta1^t.
    package var correction1: Float
    /// 1 - beta2^t.
    package var correction2: Float

    /// States all of them.
    package init(
      rate: Float, beta1: Float, beta2: Float, epsilon: Float, weightDecay: Float, scale: Float,
      correction1: Float, correction2: Float
    ) {
      self.rate = rate
      self.beta1 = beta1
      self.beta2 = beta2
      self.epsilon = epsilon
      self.weightDecay = weightDecay
      self.scale = scale
      self.correction1 = correction1
      self.correction2 = correction2
    }
  }

  /// Moves parameters and both moments by one step of Adam.
  package static func adam(
    _ parameters: FloatSlice, gradient: FloatSlice, first: FloatSlice, second: FloatSlice,
    _ step: AdamStep
  ) {
    let count = parameters.count
    precondition(
      gradient.count == count && first.count == count && second.count == count,
      "\(gradient.count) gradients, \(first.count) and \(second.count) moments for \(count) "
        + "parameters")
    unsafe spider_adam(
      parameters.mutableAddress(count), gradient.address(count), first.mutableAddress(count),
      second.mutableAddress(count), Int64(count), step.rate, step.beta1, step.beta2, step.epsilon,
      step.weightDecay, step.scale, step.correction1, step.correction2)
  }
}

/// A limit on the length of a gradient, so that one bad batch cannot throw the parameters away.
package enum GradientClipping {
  /// Numbers that one worker squares at once. The sums of the tiles are added up in order, so the norm
  /// is the same for any number of workers.
  private static let tile = 1 << 16

  /// The Euclidean norm of a gradient; NaN or infinite when any number of it is.
  package static func norm(of gradient: FloatSlice) -> Double {
    let tiles = (gradient.count + tile - 1) / tile
    return Parallel.map(tiles) { index in
      let start = index * tile
      return Elements.sumOfSquares(gradient.part(start, min(tile, gradient.count - start)))
    }.reduce(0, +).squareRoot()
  }

  /// The factor that brings a norm down to `limit`; 1 below it.
  package static func scale(norm: Double, limit: Double) -> Double {
    norm > limit ? limit / norm : 1
  }
}
