import Foundation
import SpiderTraining

/// The words and the progress bar of a training run.
struct TrainingDisplay {
  /// Runs a session to its end and tells how it goes on.
  ///
  /// - Returns: whether it was stopped before its end.
  func callAsFunction(_ session: TrainingSession, control: TrainingControl) throws -> Bool {
    if session.validation.isEmpty {
      Console.say("no case in the split 'val': the last weights are the best")
    }
    let progress = ProgressDisplay("train")
    let outcome = try session.run(control: control) { event in
      switch event {
      case .line(let line):
        if let psnr = line.validation?[.psnr]?.value {
          Console.say(
            String(
              format: "step %d: loss %.4f, validation PSNR %.2f dB", line.step, line.totalLoss,
              psnr))
        }
      case .progress(let share, let left): progress.update(share, secondsLeft: left)
      case .note(let text): Console.say(text)
      case .best(let score): Console.say(String(format: "best so far (score %.3f)", score))
      }
    }
    let state = outcome.state
    Console.say("\(state.step) steps in \(ProgressDisplay.duration(state.seconds))")
    return outcome.isStopped
  }
}
