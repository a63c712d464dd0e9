import Foundation
import SpiderCore
import SpiderDataSet
import SpiderEvaluation
import SpiderIO
import SpiderPretrained

/// The model that a command uses: a file, or the one that comes with Spider.
struct ModelArgument {
  let url: URL
  let model: any StorableModel

  init(_ path: String?) throws {
    url = try path.map { URL(fileURLWithPath: $0) } ?? Pretrained.head
    model = try ModelReader.read(url)
  }

  /// What is scored on a data set: a model file, or a trivial baseline by its name.
  static func scored(_ name: String, on dataSet: DataSet) throws -> any ReconstructionModel {
    if let trivial = ComparedMethod.trivial(dataSet).first(where: { $0.name == name }) {
      return try trivial.load()
    }
    return try ModelArgument(name).model
  }
}

extension DataSet {
  /// This data set with the files of some splits looked at: damaged cases are an error, or are left out
  /// and named.
  func sound(
    _ splits: [DataSetIndex.Split], skippingDamaged: Bool
  ) throws -> (dataSet: DataSet, warnings: [String]) {
    let (dataSet, skipped) = try checked(splits, skippingDamaged: skippingDamaged)
    return (dataSet, skipped.map { "leaving out '\($0.entry.id)': \($0.fault)" })
  }
}
