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
    #expect(GoldenKind(name: "metrics") == .metrics)
    #expect(GoldenKind(name: "other") == nil)
    #expect(GoldenKind.notYet.isEmpty)
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
    #expect(throws: (any Error).self) { try MetricsGolden(set).compare(&deviations) }
    let empty = deviations
    withKnownIssue { empty.report() }
  }

  @Test func deviationsAreFound() {
    let set = GoldenSet(folder: URL(fileURLWithPath: "any"))
    withKnownIssue {
      var deviations = Deviations(set)
      deviations.compare(Tensor([2], [1, 2]), Tensor([2], [1, 2.5]), atol: 0.1, "values")
    }
    withKnownIssue {
      var deviations = Deviations(set)
      deviations.compare(Tensor([2], [1, .nan]), Tensor([2], [1, 2]), atol: 0.1, "not a number")
    }
    withKnownIssue {
      var deviations = Deviations(set)
      deviations.compare(Tensor([1], [1]), Tensor([2], [1, 2]), atol: 0.1, "shape")
    }
    withKnownIssue {
      var deviations = Deviations(set)
      deviations.compare(nil, 1, atol: 0.1, "missing")
    }
  }
}
