import ArgumentParser
import Foundation
import SpiderEvaluation
import SpiderTraining

/// Trains every method under one budget, then compares them.
@main
struct CompareMethods: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Train methods under one budget and compare them.",
    discussion: """
      Every method is a preset of spider train, or name=config.yaml. With --minutes all train equally \
      long, with --samples all see equally many patients; with both there are two comparisons. Whatever \
      is finished in the output folder is kept: a comparison that was interrupted goes on when started \
      again in the same way. Two methods never run at a time.
      """)

  @Argument(help: "The program spider.") var spider: String
  @Argument(help: "The data set's folder: train, val and test.") var data: String
  @Argument(help: "Where runs and results go.") var out: String
  @Option(help: "Minutes of training of each method.") var minutes: Double?
  @Option(help: "Patients that each method sees.") var samples: Int?
  @Option(parsing: .upToNextOption, help: "Presets, or name=config.yaml.")
  var methods = ["standard", "spider-paper", "x2ct-gan-small", "perx2ct-small"]
  @Option(help: "Voxels along a side of the volumes compared.") var size = 64
  @Flag(help: "Without the tables of what happens when X-rays are disturbed.")
  var plain = false
  @Option(help: "Seed of all training.") var seed: UInt64 = 1
  @Option(help: "Worker threads.") var threads: Int?

  func validate() throws {
    guard minutes != nil || samples != nil else {
      throw ValidationError("give --minutes, --samples, or both")
    }
    if let minutes, !(minutes > 0) { throw ValidationError("--minutes must be positive") }
    if let samples, samples < 1 { throw ValidationError("--samples must be at least 1") }
  }

  func run() throws {
    let program = SpiderProgram(path: spider, threads: threads)
    let methods = try methods.map(Contender.init)
    let budgets = [minutes.map(Budget.minutes), samples.map(Budget.samples)].compactMap { $0 }
    for budget in budgets {
      let folder = URL(fileURLWithPath: out).appendingPathComponent(budget.name)
      for method in methods {
        let run = RunFolder(folder.appendingPathComponent(method.name, isDirectory: true))
        try Training(method: method, budget: budget, data: data, seed: seed, run: run).finish(
          with: program)
        print(Curves.text(of: run, name: method.name))
      }
      var arguments = ["compare", "--data", data, "--size", "\(size)", "--overwrite"]
      for method in methods {
        let best = RunFolder(folder.appendingPathComponent(method.name)).best
        arguments += ["--model", "\(method.name)=\(best.path)"]
      }
      if !plain { arguments.append("--robustness") }
      let results = folder.appendingPathComponent("comparison", isDirectory: true)
      try program.run(arguments + ["--out", results.path])
      print("\(budget.name): \(results.path)/comparison.md, .json and .html")
    }
  }
}

/// The built program spider, run as a user runs it; what it says appears as it says it.
struct SpiderProgram {
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  let path: String
  let threads: Int?

  func run(_ arguments: [String]) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments + (threads.map { ["--threads", "\($0)"] } ?? [])
    print("spider \(process.arguments?.joined(separator: " ") ?? "")")
    try process.run()
    process.waitUntilExit()
    guard process.terminationReason == .exit, process.terminationStatus == 0 else {
      throw Failure(
        description: "spider \(arguments.first ?? "") failed; mend what it says and start again: "
          + "what is finished is kept")
    }
  }
}

/// Learning curves as lines of text.
enum Curves {
  /// One line a validation.
  static func text(of run: RunFolder, name: String) -> String {
    guard let curve = LearningCurve(log: run.log) else { return "\(name): no validation" }
    let lines = curve.points.map { point in
      String(
        format: "  %7d steps  %8d patients  %7.1f minutes  %6.2f dB", point.step, point.samples,
        point.seconds / 60, point.psnrBody)
    }
    let verdict: String
    switch (curve.hasConverged, curve.lateGain) {
    case (let converged?, let gain?):
      verdict = String(
        format: "%@: %.2f dB gained in the last quarter of the time, ended %.2f dB below the best",
        converged ? "converged" : "not converged", gain, curve.fall ?? 0)
    default: verdict = "too few validations to tell whether it converged"
    }
    return "\(name), PSNR in the body of the validation patients\n"
      + (lines + ["  \(verdict)"]).joined(separator: "\n")
  }
}
