import Foundation
import SpiderBaselines
import SpiderCore
import Testing

/// Walks every set of golden vectors in the folder named by SPIDER_GOLDENS: our networks against what
/// the published code gave, with weights of the same names.
@Suite(.serialized) struct GoldenTests {
  static let isRequired = ProcessInfo.processInfo.environment["SPIDER_REQUIRE_DATA"] == "1"
  static var walked: [GoldenSet] {
    GoldenSet.all.filter { set in
      GoldenKind(name: set.name).map { !GoldenKind.notYet.contains($0) } ?? true
    }
  }

  @Test(.enabled(if: !GoldenSet.all.isEmpty || isRequired, "SPIDER_GOLDENS is not set"))
  func thereAreSets() {
    #expect(!GoldenSet.all.isEmpty, "SPIDER_GOLDENS names no folder with sets")
    for set in GoldenSet.all {
      guard let kind = GoldenKind(name: set.name), GoldenKind.notYet.contains(kind) else {
        continue
      }
      print("golden \(set.name): NOT COMPARED, \(kind.rawValue) is not there yet")
    }
  }

  @Test(.enabled(if: !walked.isEmpty, "SPIDER_GOLDENS is not set"), arguments: walked)
  func agrees(_ set: GoldenSet) throws {
    var deviations = Deviations(set)
    switch GoldenKind(name: set.name) {
    case .generator: try GeneratorGolden(set).compare(&deviations)
    case .discriminator: try DiscriminatorGolden(set).compare(&deviations)
    case .perX2CT: try PerX2CTGolden(set).compare(&deviations)
    case .trainingStep: try TrainingStepGolden(set).compare(&deviations)
    case .metrics: try MetricsGolden(set).compare(&deviations)
    case nil: throw GoldenSet.Fault("\(set.name): a set of no known kind")
    }
    deviations.report()
  }
}
