import Foundation
import SpiderCore
import SpiderEvaluation

/// What a way of answering made of every joint.
struct JointScores {
  /// How the answers came about.
  let name: String
  /// The joints of each phantom, right and left.
  var phantoms: [[JointFigures]] = []

  /// The row of the means.
  fileprivate var row: String {
    let joints = phantoms.flatMap { $0 }
    let cells: [String] = [
      mean(\.condyle, digits: 2), mean(\.fossa, digits: 2), mean(\.mandibleDice, digits: 3),
      mean(\.skullDice, digits: 3), mean(\.denseDice, digits: 3), mean(\.space, digits: 2),
      mean(\.spaceError, digits: 2), correlation.map { String(format: "%.2f", $0) } ?? "-",
      "\(joints.count { $0.touches })", "\(joints.count { $0.lacksMandible })",
      "\(joints.count { $0.lacksSkull })",
    ]
    return "| \(name) | " + cells.joined(separator: " | ") + " |"
  }

  /// A mean over joints; its interval draws phantoms, since the joints of one head are alike.
  fileprivate func mean(_ figure: (JointFigures) -> Double, digits: Int) -> String {
    let means = phantoms.map { $0.map(figure).reduce(0, +) / Double($0.count) }
    let mean = MeanMetric(means, generator: SeededGenerator(seed: 1))
    func text(_ value: Double?) -> String {
      value.map { String(format: "%.\(digits)f", $0) } ?? "-"
    }
    guard mean.low != nil else { return text(mean.value) }
    return "\(text(mean.value)) (\(text(mean.low)) to \(text(mean.high)))"
  }

  /// How the answered joint spaces follow the true ones (Pearson); nil where one of them never changes.
  private var correlation: Double? {
    let joints = phantoms.flatMap { $0 }
    let count = Double(joints.count)
    let middle = (
      joints.reduce(0) { $0 + $1.trueSpace } / count, joints.reduce(0) { $0 + $1.space } / count
    )
    var (xx, yy, xy) = (0.0, 0.0, 0.0)
    for joint in joints {
      let (x, y) = (joint.trueSpace - middle.0, joint.space - middle.1)
      (xx, yy, xy) = (xx + x * x, yy + y * y, xy + x * y)
    }
    // A constant's deviations are rounding.
    return min(xx, yy) > 1e-9 ? xy / (xx * yy).squareRoot() : nil
  }
}

/// The means, and every joint, as Markdown.
struct JointTables {
  /// The ways of answering.
  let scores: [JointScores]
  /// The phantoms, in the order of the scores.
  let seeds: [UInt64]

  var markdown: String { ([means, "## Every joint", joints]).joined(separator: "\n\n") }

  private var means: String {
    let names = [
      "answer", "condyle ASSD, mm", "fossa ASSD, mm", "mandible Dice", "skull Dice",
      "bone by HU Dice", "joint space, mm", "its error, mm", "r with the true space",
      "touching", "no mandible", "no skull",
    ]
    let truth = scores.first?.mean(\.trueSpace, digits: 2) ?? "-"
    let count = scores.first?.phantoms.reduce(0) { $0 + $1.count } ?? 0
    let intro =
      "Means over \(count) joints of \(seeds.count) phantoms with 95 % bootstrap intervals over phantoms, "
      + "counts of joints; the true joint space is \(truth) mm."
    return ([intro, "", Self.line(names), Self.rule(names.count)] + scores.map(\.row))
      .joined(separator: "\n")
  }

  /// A row a joint, in the order of the columns above.
  private var joints: String {
    let names = ["phantom", "joint", "true space"] + scores.map(\.name)
    let rows = seeds.indices.flatMap { n in
      JointSide.allCases.enumerated().map { side, word in
        let all = scores.map { $0.phantoms[n][side] }
        let space = all.first.map { String(format: "%.2f", $0.trueSpace) } ?? ""
        let cells = all.map {
          String(
            format: "%.2f, %.2f; %.3f, %.3f, %.3f; %.2f", $0.condyle, $0.fossa, $0.mandibleDice,
            $0.skullDice, $0.denseDice, $0.space)
        }
        return Self.line(["\(seeds[n])", word.rawValue, space] + cells)
      }
    }
    let intro =
      "Condyle, fossa (ASSD, mm); mandible, skull, bone by HU (Dice); joint space (mm)."
    return ([intro, "", Self.line(names), Self.rule(names.count)] + rows).joined(separator: "\n")
  }

  private static func line(_ cells: [String]) -> String {
    "| " + cells.joined(separator: " | ") + " |"
  }

  private static func rule(_ count: Int) -> String {
    "|" + String(repeating: " --- |", count: count)
  }
}
