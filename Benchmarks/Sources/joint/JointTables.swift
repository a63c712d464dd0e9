import Foundation

/// The means by labels and by CT numbers, and every joint of the first answer, as Markdown.
struct JointTables {
  /// The ways of answering.
  let scores: [JointScores]
  /// The truth, its joint space read from its CT numbers as those of the answers are.
  let truth: JointScores
  /// The phantoms, in the order of the scores.
  let seeds: [UInt64]

  var markdown: String {
    [intro, "## By labels", labels, "## By CT numbers", dense, "## Every joint", joints]
      .joined(separator: "\n\n")
  }

  private var intro: String {
    let spaces = truth.joints.map(\.trueSpace)
    let range = String(format: "%.2f to %.2f", spaces.min() ?? 0, spaces.max() ?? 0)
    return
      "Means over \(spaces.count) joints of \(seeds.count) phantoms with 95 % bootstrap intervals over phantoms, "
      + "counts of joints; the true joint space is \(truth.mean(\.trueSpace, digits: 2)) mm, in single joints "
      + "\(range) mm."
  }

  private var labels: String {
    let rows = scores.filter(\.isLabelled).map { score in
      let joints = score.joints.compactMap(\.labelled)
      return [
        score.name, score.mean(\.labelled?.condyle, digits: 2),
        score.mean(\.labelled?.fossa, digits: 2), score.mean(\.labelled?.mandibleDice, digits: 3),
        score.mean(\.labelled?.skullDice, digits: 3), score.mean(\.labelled?.space, digits: 2),
        score.mean(\.labelled?.spaceError, digits: 2), score.correlation(\.labelled?.space),
        "\(joints.count { $0.touches })", "\(joints.count { $0.lacksMandible })",
        "\(joints.count { $0.lacksSkull })",
      ]
    }
    return table(
      [
        "answer", "condyle ASSD, mm", "fossa ASSD, mm", "mandible Dice", "skull Dice",
        "joint space, mm", "its error, mm", "r with the true space", "touching", "no mandible",
        "no skull",
      ], rows)
  }

  private var dense: String {
    let rows = ([truth] + scores).map { score in
      let gaps = score.joints.map(\.dense.gap)
      return [
        score.name, score.mean(\.dense.dice, digits: 3), score.mean(\.dense.surface, digits: 2),
        score.mean(\.dense.gap.width, digits: 2), score.mean(\.dense.gapError, digits: 2),
        score.correlation(\.dense.gap.width), score.mean(\.dense.middle, digits: 0),
        score.correlation(\.dense.middle), "\(gaps.count { $0 == .closed })",
        "\(gaps.count { $0 == .unbounded })",
      ]
    }
    return table(
      [
        "answer", "bone Dice", "bone ASSD, mm", "gap, mm", "off the true joint space, mm",
        "r with the true space", "in its middle, HU", "r with the true space", "closed",
        "no bone on a side",
      ], rows)
  }

  /// A row a joint.
  private var joints: String {
    guard let score = scores.first else { return "" }
    let rows = seeds.indices.flatMap { n in
      zip(JointSide.allCases, score.phantoms[n]).map { side, joint in
        ["\(seeds[n])", side.rawValue, String(format: "%.2f", joint.trueSpace)] + cells(of: joint)
      }
    }
    return table(
      [
        "phantom", "joint", "true space", "condyle", "fossa", "mandible", "skull", "space", "bone",
        "bone ASSD", "gap", "HU",
      ], rows, intro: "\(score.name); distances in mm, overlaps as Dice.")
  }

  /// What ``joints`` says of one.
  private func cells(of joint: JointFigures) -> [String] {
    let labels = joint.labelled.map {
      [$0.condyle, $0.fossa, $0.mandibleDice, $0.skullDice, $0.space].map {
        String(format: "%.2f", $0)
      }
    }
    return (labels ?? [String](repeating: "-", count: 5))
      + [joint.dense.dice, joint.dense.surface].map { String(format: "%.2f", $0) }
      + [
        String(format: "%.1f", joint.dense.gap.width), String(format: "%.0f", joint.dense.middle),
      ]
  }

  /// Every joint of every answer, for further reckoning: a line each, after one of names.
  var commaSeparated: String {
    let lines = ([truth] + scores).flatMap { score in
      seeds.indices.flatMap { n in
        zip(JointSide.allCases, score.phantoms[n]).map { side, joint in
          let numbers: [Double?] = [
            joint.trueSpace, joint.labelled?.condyle, joint.labelled?.fossa,
            joint.labelled?.mandibleDice, joint.labelled?.skullDice, joint.labelled?.space,
            joint.dense.dice, joint.dense.surface, joint.dense.gap.width, joint.dense.middle,
          ]
          let texts = numbers.map { $0.map { String(format: "%.4f", $0) } ?? "" }
          return (["\"\(score.name)\"", "\(seeds[n])", side.rawValue] + texts)
            .joined(separator: ",")
        }
      }
    }
    let names =
      "answer,phantom,joint,true_space,condyle,fossa,mandible,skull,space,bone,bone_assd,gap,middle"
    return ([names] + lines).joined(separator: "\n") + "\n"
  }

  private func table(_ names: [String], _ rows: [[String]], intro: String? = nil) -> String {
    func line(_ cells: [String]) -> String { "| " + cells.joined(separator: " | ") + " |" }
    let rule = "|" + String(repeating: " --- |", count: names.count)
    let head = intro.map { [$0, ""] } ?? []
    return (head + [line(names), rule] + rows.map(line)).joined(separator: "\n")
  }
}
