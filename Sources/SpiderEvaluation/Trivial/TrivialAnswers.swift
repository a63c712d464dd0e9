import SpiderAnatomy
import SpiderBaselines
import SpiderCore

/// The answers of methods that have learned nothing, to stand beside the figures of one that has.
package enum TrivialAnswers {
  /// An answer, with its name and what it does; HU.
  private struct Answer {
    let name: String
    let explanation: String
    let ct: Volume
  }

  /// The most voxels on which `two-view` is solved: its answer is far coarser than that.
  private static let voxelLimit = 64 * 64 * 64

  /// An answer's figures.
  package struct Score: Sendable {
    /// The method's name.
    package let name: String
    /// What it does, in one sentence.
    package let explanation: String
    /// Its figures. Neither method tells structures apart: of the Dice coefficients it has `bone_hu` alone.
    package let metrics: CaseMetrics
  }

  /// The figures about a patient on a candidate's grid: of `two-view` where there are X-rays of line integrals,
  /// and of `even head` where the reference shows a body.
  package static func scores(
    reference: Volume, labels: LabelVolume? = nil, on grid: VoxelGrid,
    _ radiographs: [Radiograph] = [], scheme: LabelScheme = .head
  ) -> [Score] {
    let answers = [twoView(radiographs, on: grid), evenHead(reference, on: grid)]
    return answers.compactMap { $0 }.map { answer in
      var metrics = VolumeMetrics.evaluate(
        id: answer.name, candidate: answer.ct, reference: reference,
        candidateLabels: LabelVolume(grid: grid, repeating: 0), referenceLabels: labels,
        scheme: scheme, surfaces: false)
      metrics.dice = metrics.dice.filter { $0.key == "bone_hu" }
      metrics.labelsFrom = nil
      return Score(name: answer.name, explanation: answer.explanation, metrics: metrics)
    }
  }

  private static func twoView(_ radiographs: [Radiograph], on grid: VoxelGrid) -> Answer? {
    let solver = SIRTBaseline()
    let coarse = grid.covering(spacing: grid.spacing.min(), limit: voxelLimit)
    guard let solved = try? solver.solve(radiographs, on: coarse) else { return nil }
    // Its name is that of the usual case; of one X-ray, or of three, it says so.
    let words = [1: "one-view", 2: "two-view", 3: "three-view", 4: "four-view"]
    let name = words[radiographs.count] ?? "\(radiographs.count)-view"
    return Answer(
      name: name,
      explanation:
        "\(name): \(solver.iterations) SIRT iterations with non-negativity from the same X-rays, nothing learned",
      ct: solved.volume.resampled(onto: grid, outside: -1000))
  }

  /// The reference's own outline, filled with its own mean: what knowing the outline alone is worth.
  private static func evenHead(_ reference: Volume, on grid: VoxelGrid) -> Answer? {
    let work = CTNumbers(reference).ct.resampled(
      onto: reference.grid.covering(spacing: 2), outside: -1000)
    guard let body = BodyMask().find(in: work) else { return nil }
    let inside = body.closed(by: 10)
    let values = work.values.indices.lazy.filter { inside.values[$0] }.map {
      Double(min(max(work.values[$0], -1000), 2000))
    }
    let mean = values.reduce(0, +) / Double(max(1, values.count))
    let even = work.withValues(inside.values.map { $0 ? Float(mean) : -1000 })
    return Answer(
      name: "even head",
      explanation:
        "even head: the true outline filled with the head's own mean of \(Int(mean.rounded())) HU",
      ct: even.resampled(onto: grid, outside: -1000))
  }
}
