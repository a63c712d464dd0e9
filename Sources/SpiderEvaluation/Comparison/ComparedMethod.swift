import Foundation
import SpiderCore
import SpiderDataSet
import SpiderIO

/// A method that is compared: its name, and how it is had when its turn comes.
public struct ComparedMethod: Sendable {
  /// What a comparison calls it.
  public let name: String
  /// Whether it is one of the trivial baselines, which every other must beat.
  public let isTrivial: Bool
  /// How its training went, where that is known.
  public let curve: LearningCurve?
  /// A text that changes with the method: results kept from an interrupted comparison are those of the
  /// same one.
  let fingerprint: String
  package let load: @Sendable () throws -> any ReconstructionModel

  /// A model file. Where it lies in the folder of its run, the run's log is read too.
  ///
  /// - Throws: ``/SpiderIO/FileError`` when it holds no model.
  public init(name: String, model url: URL) throws {
    self.name = name
    isTrivial = false
    curve = LearningCurve(
      log: url.deletingLastPathComponent().appendingPathComponent(LearningCurve.logName))
    // Found out now whether it can be used, not after hours.
    _ = try ModelReader.read(url)
    fingerprint = Checksum.of(try Data(contentsOf: url))
    load = { try ModelReader.read(url) }
  }

  private init(trivial name: String, load: @escaping @Sendable () throws -> any ReconstructionModel)
  {
    self.name = name
    isTrivial = true
    curve = nil
    fingerprint = name
    self.load = load
  }

  /// The trivial baselines of a data set: `mean-volume`, `two-view` and `nearest-case`.
  public static func trivial(_ dataSet: DataSet) -> [ComparedMethod] {
    [
      ComparedMethod(trivial: "mean-volume") {
        MeanVolumeBaseline(try dataSet.meanTrainingVolume())
      },
      ComparedMethod(trivial: "two-view") { SIRTBaseline() },
      ComparedMethod(trivial: "nearest-case") { try NearestCase(dataSet) },
    ]
  }
}
