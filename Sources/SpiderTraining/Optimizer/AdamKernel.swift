import SpiderTensor
internal import CSpiderKernels

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
    /// What the gradient is multiplied by.
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
