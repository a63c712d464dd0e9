import SpiderBaselines
import SpiderCore
import SpiderDataSet

extension DataSet {
  /// The voxel mean of the real training cases, of all training cases where none is real: the answer
  /// of a method that does not look at the X-rays.
  ///
  /// - Throws: ``/SpiderDataSet/DataSetError/noCases(split:dataSet:)`` when there is no training case.
  public func meanTrainingVolume() throws -> Volume {
    let all = entries(.train)
    let real = all.filter(\.isReal)
    var mean = MeanVolume()
    for entry in real.isEmpty ? all : real {
      let (ct, labels) = try load(entry)
      try mean.add(ct, labels: labels)
    }
    guard mean.volumeCount > 0 else {
      throw DataSetError.noCases(split: DataSetIndex.Split.train.rawValue, dataSet: url.path)
    }
    return try mean.result()
  }

  /// The metrics of every patient of a split, one after the other.
  ///
  /// - Parameter progress: called after each with the share of patients done.
  /// - Throws: ``/SpiderDataSet/DataSetError/noCases(split:dataSet:)`` when the split is empty.
  public func evaluate(
    _ split: DataSetIndex.Split, with scorer: ModelScorer,
    progress: (Double) -> Void = { _ in }
  ) throws -> EvaluationSummary {
    let entries = entries(split)
    guard !entries.isEmpty else {
      throw DataSetError.noCases(split: split.rawValue, dataSet: url.path)
    }
    return EvaluationSummary(
      cases: try entries.enumerated().map { index, entry in
        defer { progress(Double(index + 1) / Double(entries.count)) }
        return try scorer.evaluate(patient(entry))
      })
  }
}
