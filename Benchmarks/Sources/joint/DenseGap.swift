import SpiderCore

/// The joint space as CT numbers alone show it, at the true joint's place: for answers without labels, and for the truth
/// itself.
///
/// Along the line of the true gap, from the jaw to the skull, CT numbers are read every 0.1 mm, trilinearly. Where they
/// are least between a millimetre within the true jaw and a millimetre within the true skull, the gap is sought: from
/// there it goes both ways up to the first that is bone by its CT number.
enum DenseGap: Equatable {
  /// Its width, mm.
  case open(Double)
  /// All of the line is bone: there is no gap.
  case closed
  /// On a side no bone is met within 10 mm.
  case unbounded

  private static let step = 0.1
  private static let reach = 10.0
  private static let margin = 1.0

  /// Reads CT numbers (HU) along the line of the true gap.
  init(_ ct: Volume, along gap: JointGap) {
    let direction = (gap.skull - gap.jaw) / gap.width
    func isBone(_ value: Float) -> Bool { value >= JointImage.boneThreshold }
    /// Beyond the region nothing is known.
    func value(_ travelled: Double) -> Float? {
      ct.hounsfield(at: gap.jaw + direction * travelled)
    }
    let start = stride(from: -Self.margin, through: gap.width + Self.margin, by: Self.step)
      .compactMap { place in value(place).map { (place: place, value: $0) } }
      .min { $0.value < $1.value }
    guard let start, !isBone(start.value) else {
      self = .closed
      return
    }
    /// The distance to the bone one way.
    func distance(_ sign: Double) -> Double? {
      stride(from: Self.step, through: Self.reach, by: Self.step).first {
        value(start.place + sign * $0).map(isBone) ?? false
      }
    }
    if let down = distance(-1), let up = distance(1) {
      // The bone begins half a step before the first place of it, in the mean.
      self = .open(down + up - Self.step)
    } else {
      self = .unbounded
    }
  }

  /// Its width, mm: none where it is closed; 20 mm, as any distance to what an answer lacks, where it is unbounded.
  var width: Double {
    switch self {
    case .open(let width): width
    case .closed: 0
    case .unbounded: JointRegion.reach
    }
  }
}
