import Foundation
import SpiderCore
import SpiderEvaluation
import SpiderReport
import SpiderTraining

/// A comparison as tables.
struct ComparisonTables {
  private typealias Table = ReportPage.Table

  let comparison: Comparison

  init(_ comparison: Comparison) { self.comparison = comparison }

  /// All of them, in the order in which they are to be read.
  var all: [ReportPage.Table] {
    means + [realCases, curves].compactMap { $0 } + [structures, costs] + differences + robustness
  }

  /// All of them as one Markdown page.
  var markdown: String {
    "# Methods compared\n\nSplit `\(comparison.split.rawValue)`, \(comparison.size)^3 voxels.\n\n"
      + all.map(\.markdown).joined(separator: "\n\n") + "\n\n\(comparison.convention).\n"
  }

  private static func text(_ value: Double?, _ digits: Int) -> String {
    value.map { String(format: "%.\(digits)f", $0) } ?? ""
  }

  /// A mean, with its interval where there is one.
  private static func text(_ metric: MeanMetric?, _ digits: Int) -> String {
    guard let metric, metric.value != nil else { return "" }
    let value = text(metric.value, digits)
    guard let low = metric.low, let high = metric.high else { return value }
    return "\(value) (\(text(low, digits)) to \(text(high, digits)))"
  }

  /// A method's name, and that its training had not ended where it had not.
  static func name(_ score: MethodScore) -> String {
    score.isFairRival == false
      ? "\(score.name) (not converged)" : score.name
  }

  /// Means over phantoms and over real patients.
  private var means: [ReportPage.Table] {
    let groups = [
      ("phantoms", comparison.models.map(\.phantoms)),
      ("real patients", comparison.models.map(\.real)),
    ]
    return groups.compactMap { name, means in
      guard let count = means.first.flatMap({ $0 })?[.psnr]?.cases else { return nil }
      let metrics = ComparedMetric.allCases
      return Table(
        title: "Means over \(count) \(name)", columns: ["method"] + metrics.map(\.title),
        rows: zip(comparison.models, means).map { score, mean in
          [Self.name(score)]
            + metrics.map { metric in
              Self.text(mean.flatMap { metric.mean(of: $0) }, metric.digits)
            }
        },
        note: (count < MeanMetric.fewestCases
          ? "No intervals below \(MeanMetric.fewestCases) patients."
          : "In brackets 95 % intervals.")
          + " Not converged: gained \(LearningCurve.convergedBelow) dB or more in the last quarter of its "
          + "training, ended more than \(LearningCurve.largestFall) dB below its best, or does not beat "
          + "mean-volume and two-view; a lead over it is no lead.")
    }
  }

  /// Real patients one by one: there are too few of them for anything else.
  private var realCases: ReportPage.Table? {
    guard !comparison.realCases.isEmpty else { return nil }
    let metrics = ComparedMetric.allCases
    return Table(
      title: "Real patients one by one", columns: ["patient", "method"] + metrics.map(\.title),
      rows: comparison.realCases.flatMap { id in
        comparison.models.compactMap { score in
          score.evaluate.cases.first { $0.id == id }.map { found in
            [id, score.name] + metrics.map { Self.text($0.value(of: found), $0.digits) }
          }
        }
      })
  }

  /// How the training went.
  private var curves: ReportPage.Table? {
    let known = comparison.models.filter { $0.curve != nil }
    guard !known.isEmpty else { return nil }
    return Table(
      title: "Training",
      columns: [
        "method", "steps", "minutes", "best PSNR body [dB]", "late gain [dB]", "converged",
      ],
      rows: known.map { score in
        let points = score.curve?.points ?? []
        return [
          score.name, points.last.map { "\($0.step)" } ?? "",
          Self.text(points.last.map { $0.seconds / 60 }, 1),
          Self.text(points.map(\.psnrBody).max(), 2), Self.text(score.lateGain, 2),
          score.curve?.hasConverged.map { $0 ? "yes" : "no" } ?? "not known",
        ]
      },
      note: "On the validation patients; late gain: in the last quarter of the time. Below "
        + "\(LearningCurve.convergedBelow) dB it counts as converged, unless the last validation lies more than "
        + "\(LearningCurve.largestFall) dB below the best.")
  }

  /// Dice and surface distances by label.
  private var structures: ReportPage.Table {
    let names = LabelScheme.head.classes.dropFirst() + ["bone", "bone_hu"]
    return Table(
      title: "Structures, Dice (HD95 mm, ASSD mm), all patients", columns: ["method"] + names,
      rows: comparison.models.map { score in
        let mean = score.evaluate.mean
        return [score.name]
          + names.map { name in
            guard let dice = mean[.dice, name]?.value else { return "" }
            let distances = [mean[.hd95, name]?.value, mean[.assd, name]?.value].compactMap { $0 }
            guard !distances.isEmpty else { return Self.text(dice, 3) }
            return Self.text(dice, 3)
              + " (" + distances.map { Self.text($0, 1) }.joined(separator: ", ") + ")"
          }
      }, note: "Labels of methods that have none of their own are the automatic labeller's.")
  }

  /// What a reconstruction costs.
  private var costs: ReportPage.Table {
    Table(
      title: "Cost of a reconstruction", columns: ["method", "seconds", "peak memory [MB]"],
      rows: comparison.models.map { score in
        [
          score.name, Self.text(score.seconds, 3),
          Self.text(score.peakMemory.map { Double($0) / 1e6 }, 0),
        ]
      }, note: "Memory is the program's, one patient included.")
  }

  /// Differences in pairs; a lead counts over a fair rival only.
  private var differences: [ReportPage.Table] {
    let fair = Dictionary(
      comparison.models.map { ($0.name, $0.isFairRival) }, uniquingKeysWith: { a, _ in a })
    return PairedDifference.Group.allCases.compactMap { group in
      let pairs = comparison.differences.filter { $0.group == group }
      guard !pairs.isEmpty else { return nil }
      return Table(
        title: "Differences in pairs, \(group == .real ? "real patients" : "phantoms")",
        columns: ["first minus second"] + ComparedMetric.allCases.map(\.title) + ["PSNR body says"],
        rows: pairs.map { pair in
          ["\(pair.first) - \(pair.second)"]
            + ComparedMetric.allCases.map { Self.text(pair[$0], $0.digits) }
            + [verdict(pair, fair)]
        }, note: "Means of the patients' differences.")
    }
  }

  private func verdict(_ pair: PairedDifference, _ fair: [String: Bool?]) -> String {
    guard pair[.psnrBody]?.low != nil else { return "too few patients" }
    guard let isBetter = pair.isBetter(by: .psnrBody) else { return "nothing beyond the interval" }
    let (winner, loser) = isBetter ? (pair.first, pair.second) : (pair.second, pair.first)
    // Trivial baselines, and models whose training nobody knows, have no say in it.
    if fair[loser] == .some(.some(false)) { return "\(loser): not converged" }
    return "\(winner) leads"
  }

  /// How the figures change when something is wrong.
  private var robustness: [ReportPage.Table] {
    guard !comparison.robustness.isEmpty else { return [] }
    return [ComparedMetric.psnrBody, .boneDice].map { metric in
      Table(
        title: "When something is wrong with the X-rays: \(metric.title)",
        columns: ["what"] + comparison.models.map(\.name),
        rows: [
          ["nothing"]
            + comparison.models.map {
              Self.text(metric.mean(of: $0.evaluate.mean)?.value, metric.digits)
            }
        ]
          + comparison.robustness.map { entry in
            [entry.disturbance]
              + entry.models.map {
                Self.text(metric.mean(of: $0.evaluate.mean)?.value, metric.digits)
              }
          }, note: "The methods are not told. All patients.")
    }
  }
}
