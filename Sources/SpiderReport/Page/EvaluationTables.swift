import Foundation
import SpiderCore
import SpiderEvaluation

/// The figures of an evaluation as tables, for pages and terminals alike.
package struct EvaluationTables {
  private let summary: EvaluationSummary
  private let scheme: LabelScheme
  private let baselines: [TrivialAnswers.Score]

  /// Tables of a summary whose structures are those of a scheme; the figures of baselines on the same single case
  /// stand beside.
  package init(
    _ summary: EvaluationSummary, scheme: LabelScheme = .head,
    baselines: [TrivialAnswers.Score] = []
  ) {
    self.summary = summary
    self.scheme = scheme
    self.baselines = baselines
  }

  /// All of them, in the order in which they are to be read.
  package var all: [ReportPage.Table] {
    (summary.cases.count > 1 ? [cases, overlaps] : []) + [metrics, structures]
  }

  /// The cases, the worst first: by PSNR in the body, those without one at the end.
  private var ranked: [CaseMetrics] {
    summary.cases.sorted {
      let (a, b) = ($0.psnrBody ?? .infinity, $1.psnrBody ?? .infinity)
      return a != b ? a < b : $0.id < $1.id
    }
  }

  /// The main figures of every case, the worst first.
  package var cases: ReportPage.Table {
    let rows = ranked.map { item in
      [
        item.id, Self.text(item.psnrBody, 2), Self.text(item.ssimBody, 3),
        Self.text(item.maeBody, 1), Self.text(item.psnr, 2), Self.text(item.ssim, 3),
        Self.text(item.dice["bone"] ?? nil, 3), Self.text(item.dice["bone_hu"] ?? nil, 3),
        Self.text(item.hd95["bone"] ?? nil, 1), Self.text(item.reprojectionRelativeError, 4),
      ]
    }
    var table = ReportPage.Table(
      title: "Cases",
      columns: [
        "case", "PSNR body [dB]", "SSIM body", "MAE body [HU]", "PSNR [dB]", "SSIM", "Dice bone",
        "Dice bone_hu", "HD95 bone [mm]", "re-projection",
      ], rows: rows,
      note: "At first the worst is on top, by PSNR in the body; a click on a head sorts.")
    table.isSortable = true
    // Mean error, surface distance, re-projection error.
    table.worstIsLargest = [3, 8, 9]
    table.sortedColumn = 1
    return table
  }

  /// The overlap of every structure in every case, the worst case first.
  package var overlaps: ReportPage.Table {
    let names = Array(scheme.classes.dropFirst())
    var table = ReportPage.Table(
      title: "Dice of the cases", columns: ["case"] + names,
      rows: ranked.map { item in [item.id] + names.map { Self.text(item.dice[$0] ?? nil, 3) } },
      note: "At first in the order of the table above; a click on a head sorts.")
    table.isSortable = true
    return table
  }

  /// A case's own figures, for beside its pictures.
  package static func figures(of item: CaseMetrics) -> [(name: String, value: String)] {
    func fact(
      _ name: String, _ value: Double?, _ digits: Int, _ unit: String = ""
    ) -> (name: String, value: String)? {
      value.map { (name, text($0, digits) + unit) }
    }
    return [
      fact("PSNR body", item.psnrBody, 1, " dB"), fact("SSIM body", item.ssimBody, 3),
      fact("MAE body", item.maeBody, 0, " HU"),
      fact("Dice bone", item.dice["bone"] ?? nil, 3),
      fact("Dice of HU >= 300", item.dice["bone_hu"] ?? nil, 3),
      fact("HD95 bone", item.hd95["bone"] ?? nil, 1, " mm"),
      fact("re-projection", item.reprojectionRelativeError, 3),
    ].compactMap { $0 }
  }

  /// Every metric that is one number: of the case, or the mean with its interval.
  package var metrics: ReportPage.Table {
    let rows: [(String, CaseMetrics.CodingKeys, Int)] = [
      ("PSNR [dB]", .psnr, 2), ("SSIM", .ssim, 4), ("MAE [HU]", .mae, 1),
      ("PSNR body [dB]", .psnrBody, 2), ("SSIM body", .ssimBody, 4),
      ("MAE body [HU]", .maeBody, 1), ("PSNR unlabelled [dB]", .psnrUnlabelled, 2),
      ("PSNR, X2CT convention [dB]", .psnrX2CTConvention, 2), ("cosine", .cosine, 4),
      ("re-projection error", .reprojectionRelativeError, 4),
    ]
    return ReportPage.Table(
      title: summary.cases.count > 1 ? "Mean of \(summary.cases.count) cases" : "Intensities",
      columns: ["metric"] + valueHeads("") + baselines.map(\.name),
      rows: rows.map { name, key, digits in
        [name] + values(summary.mean[key], digits)
          + baselines.map { baseline in
            let path = CaseMetrics.scalars.first { $0.0 == key }?.1
            return Self.text(path.flatMap { baseline.metrics[keyPath: $0] }, digits)
          }
      },
      note: ([Self.convention] + baselines.map(\.explanation)).joined(separator: ". ") + ".")
  }

  private static let convention =
    "HU in [-1000, 2000]; the X2CT convention adds 4.29 dB and is no better for it"

  /// The figures that matter most, with what to compare them with: their intervals, and the baselines.
  package var headline: [ReportPage.Fact] {
    func fact(
      _ name: String, _ metric: MeanMetric?, _ digits: Int, _ unit: String,
      _ path: (CaseMetrics) -> Double?
    ) -> ReportPage.Fact? {
      guard let metric, let value = metric.value else { return nil }
      func text(_ value: Double) -> String { String(format: "%.\(digits)f", value) }
      var beside = baselines.compactMap { baseline in
        path(baseline.metrics).map { "\(baseline.name) \(text($0))" }
      }
      if let low = metric.low, let high = metric.high {
        beside.insert("95 %: \(text(low)) to \(text(high))", at: 0)
      }
      // The unit once: it is that of all.
      let words = beside.isEmpty ? "" : beside.joined(separator: " · ") + unit
      return ReportPage.Fact(name, text(value) + unit, beside: words)
    }
    let mean = summary.mean
    // A mean hides the one patient who went wrong.
    let scored = ranked.filter { $0.psnrBody != nil }
    let worst = scored.count > 1 ? scored.first : nil
    let extreme = worst.map { item in
      ReportPage.Fact(
        "Worst case, PSNR in the body", Self.text(item.psnrBody, 1) + " dB",
        beside: item.id
          + (scored.last.map { " · best \(Self.text($0.psnrBody, 1)) dB, \($0.id)" } ?? ""))
    }
    return [
      fact("PSNR in the body", mean[.psnrBody], 1, " dB") { $0.psnrBody },
      fact("SSIM in the body", mean[.ssimBody], 3, "") { $0.ssimBody },
      fact("Mean error in the body", mean[.maeBody], 0, " HU") { $0.maeBody },
      fact("Dice of HU >= 300", mean[.dice, "bone_hu"], 3, "") { $0.dice["bone_hu"] ?? nil },
      extreme,
    ].compactMap { $0 }
  }

  /// Overlap and surface distances of every structure.
  package var structures: ReportPage.Table {
    let names = scheme.classes + ["bone", "bone_hu"]
    let source = Set(summary.cases.compactMap(\.labelsFrom)).sorted().joined(separator: ", ")
    return ReportPage.Table(
      title: "Structures",
      columns: ["structure"] + valueHeads("Dice") + ["HD95 [mm]", "ASSD [mm]"],
      rows: names.map { name in
        [name] + values(summary.mean[.dice, name], 3)
          + [text(summary.mean[.hd95, name], 1), text(summary.mean[.assd, name], 2)]
      },
      note: source.isEmpty ? "" : "Labels of the candidate: \(source). bone_hu: HU of 300 and more."
    )
  }

  private var hasIntervals: Bool { summary.cases.count >= MeanMetric.fewestCases }

  private func valueHeads(_ name: String) -> [String] {
    let head = name.isEmpty ? "value" : name
    return hasIntervals ? [head, "95 % from", "to"] : [head]
  }

  private func values(_ metric: MeanMetric?, _ digits: Int) -> [String] {
    [text(metric, digits)]
      + (hasIntervals ? [Self.text(metric?.low, digits), Self.text(metric?.high, digits)] : [])
  }

  /// A mean; of how many cases, where some have no such figure.
  private func text(_ metric: MeanMetric?, _ digits: Int) -> String {
    let value = Self.text(metric?.value, digits)
    guard let metric, 1..<summary.cases.count ~= metric.cases else { return value }
    return "\(value) (of \(metric.cases))"
  }

  private static func text(_ number: Double?, _ digits: Int) -> String {
    number.map { String(format: "%.\(digits)f", $0) } ?? ""
  }
}
