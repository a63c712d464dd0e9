import Foundation
import SpiderBaselines
import SpiderCore
import SpiderTensor
import Testing

/// The suite of golden vectors itself: it must not pass over what it cannot read.
@Suite struct GoldenSetTests {
  @Test func kindsByName() {
    #expect(GoldenKind(name: "x2ct_disc_small") == .discriminator)
    #expect(GoldenKind(name: "x2ct_disc_any_trainstep") == .discriminator)
    #expect(GoldenKind(name: "x2ct_full_trainstep") == .trainingStep)
    #expect(GoldenKind(name: "x2ct_full") == .generator)
    #expect(GoldenKind(name: "perx2ct_full") == .perX2CT)
    #expect(GoldenKind(name: "perx2ct_points") == .points)
    #expect(GoldenKind(name: "metrics") == .metrics)
    #expect(GoldenKind(name: "other") == nil)
  }

  @Test func anEmptySetFails() throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("golden-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let set = GoldenSet(folder: folder)
    var deviations = Deviations(set)
    #expect(throws: (any Error).self) { try GeneratorGolden(set).compare(&deviations) }
    #expect(throws: (any Error).self) { try DiscriminatorGolden(set).compare(&deviations) }
    #expect(throws: (any Error).self) { try TrainingStepGolden(set).compare(&deviations) }
    #expect(throws: (any Error).self) { try PerX2CTGolden(set).compare(&deviations) }
    #expect(throws: (any Error).self) { try PointsGolden(set).compare(&deviations) }
    #expect(throws: (any Error).self) { try MetricsGolden(set).compare(&deviations) }
    #expect(deviations.findings == [.fault("nothing to compare")])
    #expect(deviations.summary.contains("nothing to compare"))
  }

  /// What the comparator finds in one comparison.
  private func findings(_ compare: (inout Deviations) -> Void) -> [Deviations.Finding] {
    var deviations = Deviations(GoldenSet(folder: URL(fileURLWithPath: "any")))
    compare(&deviations)
    return deviations.findings
  }

  @Test func deviationsAreFound() {
    #expect(
      findings { $0.compare(Tensor([2], [1, 2]), Tensor([2], [1, 2.5]), atol: 0.1, "values") }
        == [.tooFar("values", by: 0.5, allowed: 0.1)])
    #expect(
      findings { $0.compare(Tensor([2], [1, .nan]), Tensor([2], [1, 2]), atol: 0.1, "NaN") }
        == [.tooFar("NaN", by: .infinity, allowed: 0.1)])
    // One that is no number is not forgotten over the next, which agrees.
    #expect(
      findings { $0.compare(Tensor([2], [.nan, 2]), Tensor([2], [1, 2]), atol: 0.1, "NaN") }
        == [.tooFar("NaN", by: .infinity, allowed: 0.1)])
    #expect(
      findings { $0.compare(Tensor([1], [1]), Tensor([2], [1, 2]), atol: 0.1, "shape") }
        == [.otherShape("shape", ours: [1], golden: [2])])
    #expect(findings { $0.compare(nil, 1, atol: 0.1, "number") } == [.missing("number")])
    #expect(
      findings { $0.compare(.nan, 1, atol: 0.1, "number") }
        == [.tooFar("number", by: .infinity, allowed: 0.1)])
    #expect(
      findings {
        $0.compare(1, 1, "equal")
        $0.require(false, "a rule is broken")
      } == [.fault("a rule is broken")])
  }

  @Test func agreementIsNoFinding() {
    #expect(
      findings {
        $0.compare(Tensor([2], [1, 2]), Tensor([2], [1, 2.05]), atol: 0.1, "values")
        $0.compare(1, 1.05, rtol: 0.1, "number")
        $0.require(true, "a rule is broken")
      }.isEmpty)
  }
}
