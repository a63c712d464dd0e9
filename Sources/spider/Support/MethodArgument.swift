import SpiderCore
import SpiderDataSet
import SpiderEvaluation
import SpiderTraining

/// The method that is scored: a model file, or a baseline by its name.
struct MethodArgument {
  let method: ReconstructionMethod
  let dataSet: DataSet

  init(_ name: String, _ dataSet: DataSet) throws {
    self.dataSet = dataSet
    switch name {
    case "mean-volume": method = .meanVolume(try dataSet.meanTrainingVolume())
    case "two-view": method = .twoView
    case "nearest-case": method = .nearestCase(try NearestCase(dataSet))
    default: method = try ModelArgument(name).model.method
    }
  }
}
