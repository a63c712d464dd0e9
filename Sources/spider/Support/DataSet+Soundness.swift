import SpiderDataSet
import SpiderTraining

extension DataSet {
  /// This data set with the files of some splits looked at: damaged cases are an error, or are left out
  /// and named.
  func sound(
    _ splits: [DataSetIndex.Split], skippingDamaged: Bool
  ) throws -> (dataSet: DataSet, warnings: [String]) {
    let (dataSet, skipped) = try withTrainingHints {
      try checked(splits, skippingDamaged: skippingDamaged)
    }
    return (dataSet, skipped.map { "leaving out '\($0.entry.id)': \($0.fault)" })
  }
}
