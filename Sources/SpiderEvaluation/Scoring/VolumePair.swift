import SpiderAnatomy
import SpiderCore
import SpiderDRR

/// A volume and the truth it is to be held against, with what else is known of both.
public struct VolumePair: Sendable {
  /// The case's name.
  public let id: String
  /// The truth, HU.
  public let reference: Volume
  /// The volume to judge, HU, in the same world.
  public let candidate: Volume
  /// The true labels; nil: the automatic labeller's.
  public let referenceLabels: LabelVolume?
  /// The method's own labels; nil: the automatic labeller's.
  public let candidateLabels: LabelVolume?
  /// The X-rays the candidate was made from, if they are known.
  public let radiographs: [Radiograph]
  /// What the labels mean.
  public let scheme: LabelScheme
  /// What notes call the label maps, such as their files' names.
  package var labelNames = (
    reference: "the reference's labels", candidate: "the candidate's labels"
  )

  /// Gathers what is compared.
  public init(
    id: String, reference: Volume, candidate: Volume, referenceLabels: LabelVolume? = nil,
    candidateLabels: LabelVolume? = nil, radiographs: [Radiograph] = [],
    scheme: LabelScheme = .head
  ) {
    self.id = id
    self.reference = reference
    self.candidate = candidate
    self.referenceLabels = referenceLabels
    self.candidateLabels = candidateLabels
    self.radiographs = radiographs
    self.scheme = scheme
  }

  /// How many voxels of the candidate lie in the reference.
  public var overlap: Int { candidate.grid.coverage(by: reference.grid).population }

  /// The metrics, on the candidate's voxels or, its volume resampled, on the reference's. There, what
  /// the candidate does not cover counts as air: it is left unanswered.
  public func metrics(onReferenceGrid: Bool = false) -> CaseMetrics {
    let grid = onReferenceGrid ? reference.grid : candidate.grid
    return VolumeMetrics.evaluate(
      id: id,
      candidate: onReferenceGrid ? candidate.resampled(onto: grid, outside: -1000) : candidate,
      reference: reference,
      answered: onReferenceGrid ? grid.coverage(by: candidate.grid) : nil,
      candidateLabels: candidateLabels, referenceLabels: referenceLabels,
      scheme: scheme,
      reprojectionRelativeError: Reprojection.relativeError(of: candidate, radiographs))
  }
}

/// Why two volumes cannot be held against each other. The caller, who knows the files, puts their
/// names in front.
public enum VolumePairError: Error, Equatable, CustomStringConvertible {
  /// Their boxes do not meet.
  case apart
  /// Their boxes meet, but the reference's patient is not in the candidate's.
  case patientsApart
  /// The reference holds nothing but air or one value.
  case emptyReference
  /// The candidate holds nothing but air or one value.
  case emptyCandidate

  /// The fault and its remedy.
  public var description: String {
    switch self {
    case .apart:
      return
        "it does not overlap with the reference in the world; give volumes of one patient in one position"
    case .patientsApart:
      return
        "the volumes overlap in air only: the reference's patient does not lie in the candidate; give "
        + "volumes of one patient in one position"
    case .emptyReference:
      return "the reference holds nothing but air, or one value throughout; give the true CT"
    case .emptyCandidate:
      return
        "the candidate holds nothing but air, or one value throughout, where the reference is; there is "
        + "nothing to score"
    }
  }
}

extension VolumePair {
  /// Makes sure that there is something to compare, and says what the figures do not tell.
  ///
  /// - Parameter onReferenceGrid: on whose voxels the metrics will be computed.
  /// - Returns: notes, one line each.
  public func check(onReferenceGrid: Bool = false) throws(VolumePairError) -> [String] {
    guard overlap > 0 else { throw .apart }
    let truth = CTNumbers(reference).ct
    let work = truth.resampled(onto: reference.grid.covering(spacing: 4), outside: -1000)
    let threshold = VolumeMetrics.matterThreshold
    let patient = BodyMask().find(in: work) ?? work.mask { $0 > threshold }
    let total = patient.population
    guard total > 0, Self.isVaried(truth) else { throw .emptyReference }
    let seen = patient.intersection(work.grid.coverage(by: candidate.grid)).population
    let share = Double(seen) / Double(total)
    // Less than a hundredth is the rim of a box, not a patient in it.
    guard share >= 0.01 || isInside(work.grid, patient) else { throw .patientsApart }
    let answer = candidate.resampled(onto: work.grid, outside: -1000)
    guard Self.isVaried(candidate), answer.values.contains(where: { $0 > threshold }) else {
      throw .emptyCandidate
    }
    return notes(share, answer, patient: patient, onReferenceGrid)
  }

  /// What makes it doubtful that the label maps are of this scheme and of this patient.
  public var labelNotes: [String] {
    [
      (labelNames.reference, referenceLabels, reference),
      (labelNames.candidate, candidateLabels, candidate),
    ].compactMap { name, labels, ct in
      labels.flatMap { LabelDoubts.note(on: $0, of: ct, scheme: scheme) }.map { "\(name): \($0)" }
    }
  }

  private func notes(
    _ share: Double, _ answer: Volume, patient: Mask, _ onReferenceGrid: Bool
  ) -> [String] {
    func percent(_ share: Double) -> String {
      share < 0.1 ? "\((1000 * share).rounded() / 10) %" : "\(Int((100 * share).rounded())) %"
    }
    var notes: [String] = []
    if share < 0.98 {
      notes.append(
        "the candidate covers \(percent(share)) of the reference's patient: "
          + (onReferenceGrid
            ? "the rest counts as air"
            : "the figures are of that part alone, on the candidate's grid"))
    }
    let known = Double(overlap) / Double(candidate.grid.count)
    if known < 0.5, !onReferenceGrid {
      notes.append(
        "\(percent(known)) of the candidate lies in the reference's scan; the rest is not scored")
    }
    let around = patient.dilated(by: 12)
    let threshold = VolumeMetrics.matterThreshold
    var (matter, beside) = (0, 0)
    for index in answer.values.indices where answer.values[index] > threshold {
      matter += 1
      beside += around.values[index] ? 0 : 1
    }
    let stray = Double(beside) / Double(max(1, matter))
    if stray > 0.25 {
      notes.append(
        "\(percent(stray)) of the candidate's matter lies outside the reference's patient, where nothing "
          + "is scored; do both show one patient in one position?")
    }
    return notes
  }

  /// Whether a small candidate lies within the patient, whose greater part it cannot cover.
  private func isInside(_ work: VoxelGrid, _ patient: Mask) -> Bool {
    let place = work.affine.inverse.apply(candidate.grid.center)
    guard work.contains(index: place) else { return false }
    func nearest(_ value: Double, _ count: Int) -> Int {
      min(count - 1, max(0, Int(value.rounded())))
    }
    return patient[nearest(place.x, work.nx), nearest(place.y, work.ny), nearest(place.z, work.nz)]
  }

  private static func isVaried(_ volume: Volume) -> Bool {
    guard let first = volume.values.first else { return false }
    return volume.values.contains { $0 != first }
  }
}
