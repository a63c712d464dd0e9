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
  /// - Returns: the loss, and the pass, which knows what running averages are to become. The published
  ///   code freezes the first convolution and its normalisation; that is the caller's to do.
  public func gradient(
    pa: Tensor, lateral: Tensor, _ planes: [SlicePlane], cameras: [SliceCameras] = [.published],
    truth: Tensor, known: Tensor? = nil, _ parameters: ParameterArena, _ pool: GradientPool
  ) -> (loss: Double, pass: Pass) {
    let pass = Pass(parameters, pool: pool)
    let made = network.run(pa: pa, lateral: lateral, planes, cameras: cameras, pass)
    let s = made.shape
    precondition(truth.shape == [s[0], 1, s[2], s[3]], "slices \(s) against \(truth.shape)")
    precondition(known.map { $0.shape == truth.shape } ?? true, "a mask of another shape")
    let plane = s[2] * s[3]
    var gradient = Tensor(uninitialized: s)
    let (from, real, to) = (made.value.slice, truth.slice, gradient.mutableSlice())
    let counted = known.map { $0.values.reduce(0) { $0 + Double($1) } * Double(s[1]) }
    let total = max(1, counted ?? Double(made.value.count))
    let step = Float(1 / total)
    let mask = known?.slice
    var sum = 0.0
    for index in 0..<made.value.count {
      let place = index / (s[1] * plane) * plane + index % plane
      guard mask.map({ $0[place] > 0 }) ?? true else {
        to[index] = 0
        continue
      }
      let difference = from[index] - real[place]
      sum += Double(abs(difference))
      to[index] = difference > 0 ? step : difference < 0 ? -step : 0
    }
    pass.backward(from: made, gradient: gradient)
    return (sum / total, pass)
  }
}
