/// Turns a CT of any orientation into a prepared head on the canonical grid.
public struct HeadPreparation: Sendable {
  /// Voxels along each edge of the canonical grid.
  public var size: Int
  /// The side of the canonical grid, mm.
  public var fieldOfView: Double
  /// How the isocentre is chosen.
  public var isocenter: IsocenterChoice

  /// The preparation of the head scheme by default: 128^3 voxels over 256 mm, head found by itself.
  public init(
    size: Int = 128, fieldOfView: Double = 256, isocenter: IsocenterChoice = .auto
  ) {
    precondition(size > 0 && fieldOfView > 0, "\(size) voxels over \(fieldOfView) mm")
    self.size = size
    self.fieldOfView = fieldOfView
    self.isocenter = isocenter
  }

  /// Prepares a CT in HU, with labels of the head scheme if there are any (on a grid of their own
  /// in the same world), else with those of ``AutomaticLabeller``.
  ///
  /// - Throws: ``PreparationError`` when the values cannot be HU, there is no patient, what there is
  ///   cannot be a head and no isocentre is given, or a given label is none of the head scheme.
  public func prepare(_ ct: Volume, labels: LabelVolume? = nil) throws -> PreparedHead {
    if let labels {
      let special = [LabelScheme.unknown, LabelScheme.outsideScan]
      let wrong = labels.values.first { $0 >= LabelScheme.head.count && !special.contains($0) }
      if let wrong { throw PreparationError.unknownLabel(wrong) }
    }
    var notes: [String] = []
    let scan = Scan(ct)
    try remark(on: scan, of: ct, &notes)
    let work = scan.resampled(onto: ct.grid.covering(spacing: 2))
    guard let body = BodyMask().find(in: work.ct) else { throw PreparationError.noPatient }
    let location = try place(body: body, covered: work.covered, scan: ct.grid)
    notes.append(location.note)

    let grid = VoxelGrid.canonical(size: size, side: fieldOfView, center: location.point)
    var (prepared, covered) = scan.resampled(onto: grid)
    guard !covered.isEmpty else {
      throw PreparationError.notAHead(reason: "nothing of the scan lies in the field of view")
    }
    // One voxel more than the body, so that the skin keeps its partial voxels.
    let margin = max(2, fieldOfView / Double(size))
    let kept = body.dilated(by: margin).resampled(onto: grid)
    var removed = 0
    for index in prepared.values.indices where !kept.values[index] {
      if prepared.values[index] > -700 { removed += 1 }
      prepared.values[index] = -1000
    }
    if removed > 0 {
      let volume = Double(removed) * abs(grid.affine.determinant) / 1000
      notes.append("removed \(Int(volume.rounded())) mL outside the body (table, head-holder)")
    }
    if let fraction = cutOff(covered) {
      notes.append("\(fraction) % of the field of view is outside the scan")
    }
    let (found, source) = try labelling(prepared, covered: covered, given: labels)
    return PreparedHead(
      ct: prepared, labels: found, isocenter: location.point, notes: notes, labelSource: source)
  }

  /// Notes what of a file is no CT number, and refuses it when it holds none.
  private func remark(on scan: Scan, of ct: Volume, _ notes: inout [String]) throws {
    let bad = ct.values.reduce(0) { $0 + ($1.isFinite ? 0 : 1) }
    if bad > 0 { notes.append("\(bad) values were not finite and count as air or as no scan") }
    let lowest = ct.values.reduce(Float.infinity) { $1.isFinite ? min($0, $1) : $0 }
    guard lowest < -500 else { throw PreparationError.noAir(lowest: lowest) }
    if let measured = scan.measured {
      let share = 1 - Double(measured.population) / Double(ct.grid.count)
      notes.append("\(Int((100 * share).rounded())) % of the file is padding, not scan")
    }
  }

  private func place(
    body: Mask, covered: Mask, scan: VoxelGrid
  ) throws -> (point: Vector3, note: String) {
    switch isocenter {
    case .point(let point): return (point, "isocentre as given")
    case .volume: return (scan.center, "isocentre at the centre of the volume, as asked")
    case .auto:
      let head = HeadFinder(fieldOfView: fieldOfView).locate(
        body: body, covered: covered, fallback: scan.center)
      if case .volumeCenter(let reason) = head.basis {
        throw PreparationError.notAHead(reason: reason)
      }
      return (head.isocenter, head.basis.description)
    }
  }

  private func cutOff(_ covered: Mask) -> Int? {
    let fraction = 1 - Double(covered.population) / Double(covered.grid.count)
    return fraction > 0.005 ? Int((100 * fraction).rounded()) : nil
  }

  private func labelling(
    _ ct: Volume, covered: Mask, given: LabelVolume?
  ) throws -> (LabelVolume, String) {
    var labels: LabelVolume
    let source: String
    if let given {
      labels = given.resampled(onto: ct.grid)
      guard labels.values.contains(where: { $0 != LabelScheme.outsideScan }) else {
        throw PreparationError.labelsElsewhere
      }
      source = "given"
    } else {
      labels = AutomaticLabeller().labels(of: ct, covered: covered)
      source = "labeller \(AutomaticLabeller.version)"
    }
    for index in labels.values.indices where !covered.values[index] {
      labels.values[index] = LabelScheme.outsideScan
    }
    // The given labels may end where the scan goes on: there the structure is unknown.
    for index in labels.values.indices
    where covered.values[index] && labels.values[index] == LabelScheme.outsideScan {
      labels.values[index] = LabelScheme.unknown
    }
    return (labels, source)
  }
}
