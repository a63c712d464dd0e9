import Foundation
import SpiderCore
import SpiderDataSet
import SpiderTraining

/// The patients of a training run.
struct TrainingPatients {
  let training: CaseLibrary
  let validation: CaseLibrary

  init(_ dataSet: DataSet, memoryLimit: Int) throws {
    training = CaseLibrary(dataSet, .train, memoryLimit: memoryLimit)
    validation = CaseLibrary(dataSet, .val, memoryLimit: memoryLimit)
    guard !training.isEmpty else {
      throw DataSetError.noCases(split: "train", dataSet: dataSet.url.path)
    }
  }
}

/// Runs a training and tells how it goes on.
struct TrainingDisplay {
  let folder: RunFolder
  let resumes: Bool

  func callAsFunction<Method>(
    _ method: Method, validation: CaseLibrary
  ) throws where Method: TrainingRecipe {
    if validation.isEmpty {
      Console.say("no case in the split 'val': the last weights are the best")
    }
    let progress = ProgressDisplay("train")
    let run = TrainingRun(method, validation: validation, folder: folder)
    let state = try run.run(resume: resumes) { event in
      switch event {
      case .line(let line):
        if let psnr = line.validation?[.psnr]?.value {
          Console.say(
            String(
              format: "step %d: loss %.4f, validation PSNR %.2f dB", line.step, line.loss.total,
              psnr))
        }
      case .progress(let share, let left): progress.update(share, secondsLeft: left)
      case .best(let score): Console.say(String(format: "best so far (score %.3f)", score))
      }
    }
    Console.say("\(state.step) steps in \(ProgressDisplay.duration(state.seconds))")
  }
}
