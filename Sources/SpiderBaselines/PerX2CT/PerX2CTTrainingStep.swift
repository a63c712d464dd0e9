import SpiderCore

/// The gradient of one iteration of PerX2CT's training: the mean absolute difference of slices.
///
/// The published loss adds LPIPS, which needs the weights of another network; its discriminator has
/// weight zero.
public struct PerX2CTTrainingStep: Sendable {
  /// The network.
  public let network: PerX2CT

  /// Trains a network.
  public init(_ network: PerX2CT) { self.network = network }

  /// Adds the gradient to the pool and returns the loss, of one slice of each of N patients.
  ///
  /// - Parameters:
  ///   - pa: X-rays (N, 1, 128, 128) in [0, 1], turned as the published loader turns them.
  ///   - lateral: the same of the side.
  ///   - planes: the slices, one a patient.
  ///   - truth: the slices (N, 1, 128, 128) in [0, 1], which all three channels are compared with.
  ///   - parameters: the network's.
  ///   - pool: where gradients are added up.
  /// - Returns: the loss, and the pass, which knows what running averages are to become. The published
  ///   code freezes the first convolution and its normalisation; that is the caller's to do.
  public func gradient(
    pa: Tensor, lateral: Tensor, _ planes: [SlicePlane], truth: Tensor,
    _ parameters: ParameterArena, _ pool: GradientPool
  ) -> (loss: Double, pass: Pass) {
    let pass = Pass(parameters, pool: pool)
    let made = network.run(pa: pa, lateral: lateral, planes, pass)
    let s = made.shape
    precondition(truth.shape == [s[0], 1, s[2], s[3]], "slices \(s) against \(truth.shape)")
    let plane = s[2] * s[3]
    var gradient = Tensor(uninitialized: s)
    let (from, real, to) = (made.value.slice, truth.slice, gradient.mutableSlice())
    let step = 1 / Float(made.value.count)
    var sum = 0.0
    for index in 0..<made.value.count {
      let difference = from[index] - real[index / (s[1] * plane) * plane + index % plane]
      sum += Double(abs(difference))
      to[index] = difference > 0 ? step : difference < 0 ? -step : 0
    }
    pass.backward(from: made, gradient: gradient)
    return (sum / Double(made.value.count), pass)
  }
}
