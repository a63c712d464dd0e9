import SpiderDataSet
import SpiderIO
import SpiderTraining

/// The option of the command line that helps with an error of training or of data sets, as a clause; nil
/// when there is none. The libraries' own words name no options.
func trainingHint(for error: any Error) -> String? {
  switch error {
  case TrainingError.diverged, TrainingError.runExists: "--resume goes on with a run"
  case TrainingError.nothingToResume: "leave --resume away"
  case TrainingError.otherNetwork(_, let asked): "--model says '\(asked)'"
  case TrainingError.alwaysNew: "leave --start-from away"
  case DataSetError.noCases(let split, _): "spider prepare --split \(split)=NAME adds one"
  case DataSetError.damagedCases:
    "spider prepare --overwrite replaces a case, --skip-damaged leaves damaged ones out"
  case FileError.exists: "--overwrite replaces it"
  default: nil
  }
}

/// The result of `body`; its error gets the hint that belongs to it.
func withTrainingHints<Result>(_ body: () throws -> Result) throws -> Result {
  do {
    return try body()
  } catch {
    guard let hint = trainingHint(for: error) else { throw error }
    throw CommandFailure("\(error); \(hint)")
  }
}
