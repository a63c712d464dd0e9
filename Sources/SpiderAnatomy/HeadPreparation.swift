import SpiderImaging

/// Turns a CT of any orientation into a prepared patient on the canonical grid.
///
/// Under the scheme of the head it finds the head, places the field of view on it and labels it.
/// Under another scheme the field of view lies in the middle of the scan unless its place is given,
/// and labels come from the scheme's ranges of CT numbers.
public struct HeadPreparation: Sendable {
  /// Voxels along each edge of the canonical grid.
  public var size: Int
  /// The side of the canonical grid, mm.
  public var fieldOfView: Double
  /// The choice of the isocentre.
  public var isocenter: IsocenterChoice
  /// The tissue classes.
  public var scheme: LabelScheme

  /// The preparation of the head scheme by default: 128^3 voxels over 256 mm, head found by itself.
  public init(
    size: Int = 128, fieldOfView: Double = 256, isocenter: IsocenterChoice = .auto,
    scheme: LabelScheme = .head
  ) {
    precondition(size > 0 && fieldOfView > 0, "\(size) voxels over \(fieldOfView) mm")
    self.size = size
    self.fieldOfView = fieldOfView
    self.isocenter = isocenter
    self.scheme = scheme
  }

  var isHead: Bool { scheme == .head }

  /// Prepares a CT in HU, with given labels if there are any (on a grid of their own in the same
  /// world), else with automatic ones.
  ///
  /// - Parameters:
  ///   - labels: values of the scheme, or of another program when `names` says what they mean.
  ///   - names: what the values of `labels` are called and which class each name is.
  /// - Throws: ``PreparationError`` when the values cannot be HU, there is no patient, what there is
  ///   cannot be a head and no isocentre is given, or a given label is none that is known.
  public func prepare(
    _ ct: Volume, labels: LabelVolume? = nil, names: LabelNames? = nil
  ) throws(PreparationError) -> PreparedHead {
    try checkLabels(labels, names)
    var report = PreparationReport(scheme: scheme)
    let numbers = CTNumbers(ct)
    let scan = numbers.scan
    try report.add(numbers)
    try checkPlace(of: labels, names, on: scan, &report)
    let work = scan.resampled(onto: ct.grid.covering(spacing: 2))
    guard let scene = AnatomyScene(ct: work.ct, covered: work.covered, findsCavity: isHead) else {
      throw .noPatient
    }
    let point = try place(scene, scan: ct.grid, &report)

    let grid = VoxelGrid.canonical(size: size, side: fieldOfView, center: point)
    var (prepared, covered) = scan.resampled(onto: grid)
    guard !covered.isEmpty else {
      throw .notAHead(reason: "nothing of the scan lies in the field of view")
    }
    let edge = max(2, fieldOfView / Double(size))
    let kept = scene.body.dilated(by: edge)
    let removed = prepared.clear(outside: kept, rim: edge)
    report.removed = Double(removed) * abs(grid.affine.determinant) / 1000
    report.outsideScan = 1 - Double(covered.population) / Double(grid.count)
    let found = try labelling(
      prepared, covered, of: scan, keeping: kept, given: labels, names, &report)
    report.add(found, scheme: scheme)
    return PreparedHead(
      ct: prepared, labels: found, isocenter: point, notes: report.notes,
      labelSource: report.labelSource, report: report)
  }

  private func place(
    _ scene: AnatomyScene, scan: VoxelGrid, _ report: inout PreparationReport
  ) throws(PreparationError) -> Vector3 {
    switch isocenter {
    case .point(let point):
      if let outside = OutsidePoint(point, of: scan) {
        // Just beyond the end of a scan that is cut, it may be meant; half a field away, no more.
        guard outside.distance < fieldOfView / 4 else { throw .isocenterOutside(outside) }
        report.warnings.append("the isocentre \(outside)")
      }
      report.place(point, "isocentre as given")
      return point
    case .volume:
      report.place(scan.center, "isocentre at the centre of the volume, as asked")
      return scan.center
    case .auto where !isHead:
      report.place(scan.center, "isocentre at the centre of the volume, as the scheme is no head's")
      return scan.center
    case .auto:
      let head = HeadFinder(fieldOfView: fieldOfView).locate(
        body: scene.body, covered: scene.covered, cavity: scene.cavity?.mask,
        fallback: scan.center)
      if case .volumeCenter(let reason) = head.basis {
        throw .notAHead(reason: reason)
      }
      if case .estimatedCrown(let above) = head.basis { report.crownAboveScan = above }
      report.place(head.isocenter, head.basis.description)
      return head.isocenter
    }
  }
}

extension Image3D where Voxel == Float {
  /// Empties a CT outside the body, which is given with a voxel more around it, so that the skin
  /// keeps its partial voxels; returns the number of voxels of matter removed.
  ///
  /// - Parameter rim: mm beyond that in which voxels that are hardly matter stay: where skin slants through a
  ///   voxel, its middle can lie that far out.
  mutating func clear(outside body: Mask, rim: Double) -> Int {
    let kept = body.resampled(onto: grid)
    let beside = body.dilated(by: rim).resampled(onto: grid)
    let threshold = BodyMask().matterThreshold
    var removed = 0
    for index in values.indices where !kept.values[index] {
      if beside.values[index], values[index] <= threshold { continue }
      if values[index] > -700 { removed += 1 }
      values[index] = -1000
    }
    return removed
  }
}

/// A CT on the canonical grid, ready for training or evaluation.
public struct PreparedHead: Sendable {
  /// HU on the canonical RAS+ grid; -1000 outside the body (table and head-holder are gone) and
  /// outside the scan.
  public let ct: Volume
  /// Labels on the same grid; 254 outside the scan, 255 where the structure is unknown.
  public let labels: LabelVolume
  /// The centre of the grid, world mm of the original scan.
  public let isocenter: Vector3
  /// The notes of the preparation.
  public let notes: [String]
  /// "labeller" with its version, or "given".
  public let labelSource: String
  /// The same decisions as data.
  public let report: PreparationReport

}

/// The choice of a CT's isocentre.
public enum IsocenterChoice: Equatable, Sendable {
  /// Find the head; refuse what is not one.
  case auto
  /// The middle of the volume.
  case volume
  /// A world point, mm.
  case point(Vector3)
}

/// Why a CT cannot be prepared as a head. The caller, who knows the file, puts its name in front.
public enum PreparationError: Error, Equatable, CustomStringConvertible {
  case noAir(lowest: Float)
  case notCTNumbers(CTNumberFault)
  case noPatient
  case notAHead(reason: String)
  case isocenterOutside(OutsidePoint)
  case labelsElsewhere
  case labelsMisplaced(LabelAgreement)
  case unknownLabel(UInt8, LabelScheme)
  case unnamedLabel(UInt8)

  /// The fault and its remedy.
  public var description: String {
    switch self {
    case .noAir(let lowest):
      return "the lowest value is \(lowest): there is no air, so these are not CT numbers in HU; "
        + "convert them (air must be near -1000)"
    case .notCTNumbers(let fault): return fault.description
    case .noPatient:
      return "there is no patient in the scan: no body of at least 60 mL with bone was found; "
        + "check that the values are CT numbers in HU"
    case .notAHead(let reason):
      return
        "this is not a head: \(reason); give the isocentre (x,y,z in mm, or volume) to use the "
        + "scan all the same, or a scheme for what it is"
    case .isocenterOutside(let place): return "the isocentre \(place)"
    case .labelsElsewhere:
      return "the given labels lie outside the CT; they must be placed in the same world"
    case .labelsMisplaced(let agreement):
      return
        "the given labels do not fit the CT: \(agreement); check the affine (and the patient) of the "
        + "label map"
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
