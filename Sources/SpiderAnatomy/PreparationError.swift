import SpiderImaging

/// Why a CT cannot be prepared as a head. The caller, who knows the file, puts its name in front.
public enum PreparationError: Error, Equatable, CustomStringConvertible {
  case noAir(lowest: Float)
  case noPatient
  case notAHead(reason: String)
  case labelsElsewhere
  case unknownLabel(UInt8, LabelScheme)
  case unnamedLabel(UInt8)

  /// What is wrong, and what to do.
  public var description: String {
    switch self {
    case .noAir(let lowest):
      return "the lowest value is \(lowest): there is no air, so these are not CT numbers in HU; "
        + "convert them (air must be near -1000)"
    case .noPatient:
      return "there is no patient in the scan: no body of at least 60 mL with bone was found; "
        + "check that the values are CT numbers in HU"
    case .notAHead(let reason):
      return
        "this is not a head: \(reason); give the isocentre (x,y,z in mm, or volume) to use the "
        + "scan all the same, or a scheme for what it is"
    case .labelsElsewhere:
      return "the given labels lie outside the CT; they must be placed in the same world"
    case .unknownLabel(let value, let scheme):
      return
        "the given labels hold \(value), which is no label of the scheme '\(scheme.name)': 0 to "
        + "\(scheme.count - 1), 254 (outside the scan) or 255 (unknown); convert them, or say whose "
        + "they are"
    case .unnamedLabel(let value):
      return
        "the given labels hold \(value), which has no name among those given for them; check which "
        + "program and task made them"
    }
  }
}
