import Foundation
import SpiderCore
import SpiderEvaluation
import SpiderIO
import SpiderReport

/// The truth that a reconstruction is held against, as files.
struct ReferenceArgument {
  let ct: URL
  let labels: URL?
  let volume: VolumeOptions

  /// Reads it; the labels are those of a scheme.
  func read(_ scheme: LabelScheme) throws -> Reference {
    let loaded = try volume.load(ct)
    let labels = try labels.map { try scheme.scored($0, options: volume.readOptions) }
    return Reference(file: ct, ct: loaded.ct, labels: labels, warnings: loaded.warnings)
  }
}

/// The truth that a reconstruction is held against.
struct Reference {
  /// The most voxels on which a page's metrics are computed.
  private static let voxelLimit = 1 << 22

  let file: URL
  let ct: Volume
  let labels: LabelVolume?
  let warnings: [String]

  /// Puts the truth beside a result on its page, with metrics and those of the baselines. Where the two cannot be
  /// compared, the reconstruction stands all the same, without.
  ///
  /// - Returns: what the reader should know of the comparison.
  func hold(
    to page: inout ReconstructionReport, hasLabels: Bool, _ radiographs: [Radiograph]
  ) -> [String] {
    let grid = page.result.ct.grid.coarser(limit: Self.voxelLimit)
    let isWhole = grid == page.result.ct.grid
    let pair = VolumePair(
      id: file.stem, reference: ct,
      candidate: isWhole ? page.result.ct : page.result.ct.resampled(onto: grid, outside: -1000),
      referenceLabels: labels, candidateLabels: hasLabels ? page.result.labels : nil,
      radiographs: radiographs, scheme: page.model.scheme)
    do {
      let notes = try pair.check() + pair.labelNotes
      page.truth = (ct, labels)
      page.evaluation = EvaluationSummary(cases: [pair.metrics()])
      page.baselines = TrivialAnswers.scores(
        reference: ct, labels: labels, on: grid, radiographs, scheme: page.model.scheme)
      page.facts.append(.init("Truth", file.lastPathComponent))
      if !isWhole {
        page.facts.append(
          .init("Metrics computed on", "\(grid.nx) x \(grid.ny) x \(grid.nz) voxels"))
      }
      let own = page.evaluation?.cases.first?.psnrBody ?? nil
      let better = page.baselines.filter { ($0.metrics.psnrBody ?? -.infinity) > own ?? .infinity }
      let worse = better.map {
        "the result is worse than \($0.name), which has learned nothing: do both show one patient in one position?"
      }
      return (notes + worse.prefix(1)).map { "\(file.lastPathComponent): \($0)" }
    } catch {
      return ["\(file.lastPathComponent): not compared with the result: \(error)"]
    }
  }
}
