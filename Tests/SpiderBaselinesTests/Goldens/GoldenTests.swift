import Foundation
import SpiderBaselines
import SpiderCore
import SpiderTestSupport
import Testing

/// Our networks against golden vectors, with weights of the same names: the small sets that come with the
/// tests, and every set in the folder named by SPIDER_GOLDENS.
@Suite(.serialized) struct GoldenTests {
  static let isRequired = ProcessInfo.processInfo.environment["SPIDER_REQUIRE_DATA"] == "1"

  @Test func bothNetworksAreCommitted() {
    let names = GoldenSet.committed.map(\.name)
    #expect(names == ["perx2ct_points", "perx2ct_tiny", "x2ct_small_instance"])
  }

  @Test(.slow, arguments: GoldenSet.committed)
  func committedAgrees(_ set: GoldenSet) throws { try compare(set) }

  @Test(.enabled(if: !GoldenSet.all.isEmpty || isRequired, "SPIDER_GOLDENS is not set"))
  func thereAreSets() {
    #expect(!GoldenSet.all.isEmpty, "SPIDER_GOLDENS names no folder with sets")
  }

  @Test(
    .slow, .enabled(if: !GoldenSet.all.isEmpty, "SPIDER_GOLDENS is not set"),
    arguments: GoldenSet.all)
  func agrees(_ set: GoldenSet) throws { try compare(set) }

  private func compare(_ set: GoldenSet) throws {
    var deviations = Deviations(set)
    switch GoldenKind(name: set.name) {
    case .generator: try GeneratorGolden(set).compare(&deviations)
    case .discriminator: try DiscriminatorGolden(set).compare(&deviations)
    case .perX2CT: try PerX2CTGolden(set).compare(&deviations)
    case .points: try PointsGolden(set).compare(&deviations)
    case .trainingStep: try TrainingStepGolden(set).compare(&deviations)
    case .metrics: try MetricsGolden(set).compare(&deviations)
    case nil: throw GoldenSet.Fault("\(set.name): a set of no known kind")
    }
    print(deviations.summary)
    #expect(deviations.findings.isEmpty, "\(deviations.summary)")
  }
}
