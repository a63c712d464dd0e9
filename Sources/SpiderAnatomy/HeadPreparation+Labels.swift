import SpiderImaging

extension HeadPreparation {
  /// The voxel edge (mm) on which edges are drawn when the scan has it; labels go from there to the
  /// canonical grid by majority.
  private static let labellingEdge = 1.1

  /// HU above which a voxel that is kept is tissue, and no partial voxel of the skin.
  private static let leastTissue: Float = -150

  /// Refuses label maps with values that mean nothing.
  func checkLabels(_ labels: LabelVolume?, _ names: LabelNames?) throws(PreparationError) {
    guard let labels else { return }
    let present = labels.values.reduce(into: [Bool](repeating: false, count: 256)) {
      $0[Int($1)] = true
    }
    let special = [Int(LabelScheme.unknown), Int(LabelScheme.outsideScan)]
    let table = names?.table(for: scheme)
    for value in 0..<256 where present[value] {
      if let table {
        if table[value] == nil { throw .unnamedLabel(UInt8(value)) }
      } else if value >= scheme.count && !special.contains(value) {
        throw .unknownLabel(UInt8(value), scheme)
      }
    }
  }

  /// The labels of a prepared CT, automatic or given, with 254 exactly where no scan is.
  func labelling(
    _ ct: Volume, _ covered: Mask, of scan: Scan, keeping body: Mask, given: LabelVolume?,
    _ names: LabelNames?, _ report: inout PreparationReport
  ) throws(PreparationError) -> LabelVolume {
    var labels: LabelVolume
    if let given {
      labels = given.resampled(onto: ct.grid)
      guard labels.values.contains(where: { $0 != LabelScheme.outsideScan }) else {
        throw .labelsElsewhere
      }
      report.labelSource = "given"
      if let names {
        let automatic = automaticLabels(ct, covered, of: scan, keeping: body, &report)
        labels = Self.translated(labels, names, scheme, automatic)
        // What was given is not missing, though the labeller did not find it.
        let table = names.table(for: scheme)
        for value in Set(Set(given.values).flatMap({ table[Int($0)] ?? [] }))
        where labels.values.contains(value) {
          report.findings?.missing[scheme.classes[Int(value)]] = nil
        }
        report.labelSource = "given by name, the rest by labeller \(AutomaticLabeller.version)"
      }
    } else {
      labels = automaticLabels(ct, covered, of: scan, keeping: body, &report)
      report.labelSource = "labeller \(AutomaticLabeller.version)"
    }
    for index in labels.values.indices {
      if !covered.values[index] {
        labels.values[index] = LabelScheme.outsideScan
      } else if isHead, given == nil, labels.values[index] == 0, ct.values[index] > Self.leastTissue
      {
        // What the preparation keeps and the labeller leaves out, as the tip of a nose that air cuts off, is no air. (Of
        // another scheme tissue may be background.)
        labels.values[index] = LabelScheme.unknown
      } else if labels.values[index] == LabelScheme.outsideScan {
        // The given labels may end where the scan goes on: there the structure is unknown.
        labels.values[index] = LabelScheme.unknown
      }
    }
    return labels
  }

  /// Automatic labels, of the head made on voxels as small as pays and brought to the canonical grid.
  private func automaticLabels(
    _ ct: Volume, _ covered: Mask, of scan: Scan, keeping body: Mask,
    _ report: inout PreparationReport
  ) -> LabelVolume {
    guard isHead else { return labelsByRange(ct, covered, body: body) }
    let edge = fieldOfView / Double(size)
    // No finer than the scan itself is.
    let finest = scan.ct.grid.spacing.min()
    let parts = Int((edge / max(Self.labellingEdge, 0.75 * finest)).rounded(.up))
    guard parts > 1, size * parts <= 256, finest < 0.75 * edge else {
      let (labels, findings) = AutomaticLabeller().examine(ct, covered: covered)
      report.findings = findings
      return labels
    }
    let fine = VoxelGrid.canonical(size: size * parts, side: fieldOfView, center: ct.grid.center)
    var (image, known) = scan.resampled(onto: fine)
    _ = image.clear(outside: body, rim: edge)
    let (labels, findings) = AutomaticLabeller().examine(image, covered: known)
    report.findings = findings
    return labels.resampled(onto: ct.grid)
  }

  /// Labels of a scheme without a labeller: what its ranges say within the body.
  private func labelsByRange(_ ct: Volume, _ covered: Mask, body: Mask) -> LabelVolume {
    let inside = body.resampled(onto: ct.grid)
    let deep = inside.union(covered.complement).eroded(by: 2.5 * ct.grid.spacing.max())
    let ranges = (scheme.ranges ?? []).compactMap { range in
      scheme.value(of: range.label).map { (range: range, value: $0) }
    }
    return ct.withValues(
      ct.values.indices.map { index in
        guard covered.values[index] else { return LabelScheme.outsideScan }
        guard inside.values[index] else { return 0 }
        let hu = ct.values[index]
        // The partial voxels of the skin are no air of the inside.
        if hu < BodyMask().matterThreshold && !deep.values[index] { return 0 }
        return ranges.first { $0.range.contains(hu) }?.value ?? LabelScheme.unknown
      })
  }

  /// Labels of another program in the values of the scheme.
  ///
  /// Where a name can be several classes, the automatic label decides if it is one of them. Where
  /// nothing is said, the automatic label stands, except that a bone which the other program would
  /// have named is no such bone there: it is unknown.
  private static func translated(
    _ given: LabelVolume, _ names: LabelNames, _ scheme: LabelScheme, _ automatic: LabelVolume
  ) -> LabelVolume {
    let table = names.table(for: scheme)
    let named = Set(Set(given.values).flatMap { table[Int($0)] ?? [] })
    let claimed = named.intersection(scheme.boneValues)
    return given.withValues(
      zip(given.values, automatic.values).map { value, found in
        if value == LabelScheme.outsideScan {
          return claimed.contains(found) ? LabelScheme.unknown : found
        }
        let targets = table[Int(value)] ?? []
        if targets.count == 1, let only = targets.first { return only }
        if targets.isEmpty { return claimed.contains(found) ? LabelScheme.unknown : found }
        return targets.contains(found) ? found : LabelScheme.unknown
      })
  }
}
