/// What a folder of golden vectors holds, told by its name.
enum GoldenKind: String, Sendable {
  case discriminator, trainingStep, generator, perX2CT, points, metrics

  /// The longest match first; nil for a name that belongs to no kind.
  init?(name: String) {
    if name.hasPrefix("x2ct_disc_") {
      self = .discriminator
    } else if name.hasPrefix("x2ct_") && name.hasSuffix("_trainstep") {
      self = .trainingStep
    } else if name.hasPrefix("x2ct_") {
      self = .generator
    } else if name.hasPrefix("perx2ct_points") {
      self = .points
    } else if name.hasPrefix("perx2ct_") {
      self = .perX2CT
    } else if name.hasPrefix("metrics") {
      self = .metrics
    } else {
      return nil
    }
  }
}
