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
      reference: reference, candidateLabels: candidateLabels, referenceLabels: referenceLabels,
      scheme: scheme,
      reprojectionRelativeError: Reprojection.relativeError(of: candidate, radiographs))
  }
}
