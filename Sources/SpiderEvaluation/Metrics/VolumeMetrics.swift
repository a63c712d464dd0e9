import SpiderAnatomy
import SpiderImaging

/// The metrics of a reconstructed volume against a reference: one definition for every model and
/// baseline.
public enum VolumeMetrics {
  /// The metrics of one case, on the candidate's grid.
  ///
  /// The reference is resampled onto the candidate's grid (box-averaged when coarser, trilinear
  /// when finer, labels by majority); voxels outside the reference's scan, and those the
  /// reference's labels call 254, are excluded, and padding of the reference's file. Outside the body
  /// both count as -1000.
  ///
  /// Background never makes a score. Where the reference shows nothing of the patient among the voxels
  /// that count, no intensity is compared; a candidate of one value, or of air alone, has no figure of
  /// the whole volume, only those of the body.
  ///
  /// - Parameters:
  ///   - candidate: the volume to judge, HU.
  ///   - reference: the truth, HU, on any grid in the same world.
  ///   - answered: where the candidate answers; elsewhere it is air, of which no labels are made. nil: everywhere.
  ///   - candidateLabels: the method's own labels; nil lets ``/SpiderAnatomy/AutomaticLabeller`` label its volume.
  ///   - referenceLabels: the true labels, on any grid; nil lets ``/SpiderAnatomy/AutomaticLabeller`` label the
  ///     reference.
  ///   - scheme: names the labels. The automatic labeller knows the head only: with another scheme,
  ///     labels that are not given are not compared.
  ///   - surfaces: whether to measure surface distances, the slowest part.
  public static func evaluate(
    id: String, candidate: Volume, reference: Volume, answered: Mask? = nil,
    candidateLabels: LabelVolume? = nil, referenceLabels: LabelVolume? = nil,
    scheme: LabelScheme = .head,
    reprojectionRelativeError: Double? = nil, surfaces: Bool = true
  ) -> CaseMetrics {
    let grid = candidate.grid
    let numbers = CTNumbers(reference)
    // Padding is no truth, whatever number fills it.
    var (truth, known) =
      numbers.comparable == nil
      ? (reference.resampled(onto: grid, outside: -1000), grid.coverage(by: reference.grid))
      : numbers.scan.resampled(onto: grid)
    // Labels may cover less than the scan: there the structure is unknown, but the CT counts.
    let given = referenceLabels.map { $0.resampled(onto: grid, outside: LabelScheme.unknown) }
    if let given { known = known.intersection(given.mask { $0 != LabelScheme.outsideScan }) }
    var metrics = CaseMetrics(id: id)
    metrics.reprojectionRelativeError = reprojectionRelativeError
    let body = bodyRegion(of: numbers.ct, on: grid)
    measureIntensities(
      &metrics, candidate: candidate, truth: truth, known: known, body: body, labels: given)

    let canLabel = scheme == .head
    metrics.labelsFrom = candidateLabels != nil ? "network" : canLabel ? "labeller" : nil
    let automatic = AutomaticLabeller()
    let found =
      candidateLabels.map { $0.resampled(onto: grid, outside: LabelScheme.unknown) }
      ?? (canLabel
        ? automatic.labels(of: candidate, covered: answered?.intersection(known) ?? known)
          .air(outside: answered) : nil)
    let expected = given ?? (canLabel ? automatic.labels(of: truth, covered: known) : nil)
    let sets = StructureSets(
      candidate: candidate, truth: truth, found: found, expected: expected, known: known,
      scheme: scheme)
    sets.measure(&metrics, surfaces: surfaces)
    return metrics
  }

  /// The reference's body, closed and dilated 6 mm, on a grid; nil when no body is found.
  static func bodyRegion(of reference: Volume, on grid: VoxelGrid) -> Mask? {
    let work = reference.resampled(onto: reference.grid.covering(spacing: 2), outside: -1000)
    guard let body = BodyMask().find(in: work) else { return nil }
    return body.closed(by: 10).dilated(by: 6).resampled(onto: grid)
  }

  /// CT numbers above which a voxel is no air.
  static let matterThreshold = BodyMask().matterThreshold

  /// Whether likeness says something of the patient: the reference shows some of him among the voxels
  /// that count. Of a box of air any two volumes agree.
  private static func showsPatient(_ truth: Volume, known: Mask, body: Mask?) -> Bool {
    if let body { return !body.intersection(known).isEmpty }
    return zip(truth.values, known.values).contains { $1 && $0 > matterThreshold }
  }

  /// Whether a volume is an answer: not one value throughout, nor all air, of which the air around the
  /// patient alone would make a score.
  private static func isAnswer(_ clipped: [Float], counted: [Bool]) -> Bool {
    var (low, high) = (Float.infinity, -Float.infinity)
    for index in clipped.indices where counted[index] {
      low = min(low, clipped[index])
      high = max(high, clipped[index])
    }
    return low < high && high > matterThreshold
  }

  private static func measureIntensities(
    _ metrics: inout CaseMetrics, candidate: Volume, truth: Volume, known: Mask, body: Mask?,
    labels: LabelVolume?
  ) {
    guard showsPatient(truth, known: known, body: body) else { return }
    var a = ImageMetrics.clipped(candidate.values)
    var b = ImageMetrics.clipped(truth.values)
    let isWhole = isAnswer(a, counted: known.values)
    if let body {
      for index in a.indices where !body.values[index] {
        a[index] = ImageMetrics.window.lowerBound
        b[index] = ImageMetrics.window.lowerBound
      }
    }
    let counted = known.values
    let similarity = StructuralSimilarity(a, b, shape: candidate.grid.shape, known: counted)
    if isWhole {
      metrics.psnr = ImageMetrics.psnr(a, b, counted: counted)
      metrics.mae = ImageMetrics.meanAbsoluteError(a, b, counted: counted)
      metrics.ssim = similarity.mean()
      metrics.psnrX2CTConvention = ImageMetrics.psnrX2CTConvention(
        x2ctInput(candidate, body), x2ctInput(truth, body), counted: counted)
      metrics.cosine = ImageMetrics.cosineSimilarity(
        x2ctInput(candidate, body), x2ctInput(truth, body), counted: counted)
    }
    if let body {
      let inside = body.intersection(known).values
      metrics.psnrBody = ImageMetrics.psnr(a, b, counted: inside)
      metrics.maeBody = ImageMetrics.meanAbsoluteError(a, b, counted: inside)
      metrics.ssimBody = similarity.mean(counted: inside)
    }
    if let labels {
      let unlabelled = zip(labels.values, counted).map { $0 == LabelScheme.unknown && $1 }
      metrics.psnrUnlabelled = ImageMetrics.psnr(a, b, counted: unlabelled)
    }
  }

  /// HU with the air outside the body at -1000; X2CT-GAN's own window does the clipping.
  private static func x2ctInput(_ volume: Volume, _ body: Mask?) -> [Float] {
    guard let body else { return volume.values }
    return zip(volume.values, body.values).map { $1 ? $0 : -1000 }
  }
}

extension Image3D where Voxel == UInt8 {
  /// Background where nothing was answered.
  fileprivate func air(outside answered: Mask?) -> LabelVolume {
    guard let answered else { return self }
    return withValues(zip(values, answered.values).map { $1 ? $0 : HeadLabel.background })
  }
}
