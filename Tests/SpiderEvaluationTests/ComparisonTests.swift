import Foundation
import SpiderCore
import SpiderDRR
import SpiderEvaluation
import SpiderPhantom
import SpiderTestSupport
import Testing

/// What a comparison rests on: curves, and X-rays that are not what they are said to be.
@Suite struct ComparisonTests {
  private func curve(_ values: [Double]) -> LearningCurve {
    LearningCurve(
      values.enumerated().map {
        .init(step: 10 * $0, samples: 20 * $0, seconds: 60 * Double($0), psnrBody: $1)
      })
  }

  @Test func convergedMeansLittleGainInTheLastQuarter() {
    // Nine validations: the last quarter begins after the seventh.
    #expect(curve([10, 14, 16, 18, 19, 19.5, 19.6, 19.6, 19.65]).hasConverged == true)
    #expect(curve([10, 14, 16, 18, 19, 19.5, 19.6, 19.6, 19.8]).hasConverged == false)
    // A fall is no gain, and what was reached before counts.
    #expect(
      curve([10, 14, 20, 18, 19, 19.5, 19.6, 19.7, 20.05]).lateGain.map { $0 < 0.06 } == true)
    #expect(curve([10, 20, 20]).hasConverged == nil)
  }

  /// A run that fell apart gained nothing late, and is no rival to lead over.
  @Test func aFallIsNoConvergence() {
    let fallen = curve([10, 18, 18.5, 17.5, 16, 15.8, 16.4, 14.7, 13.8])
    #expect(fallen.lateGain == 0 && fallen.hasConverged == false)
    #expect(curve([10, 18, 19, 20, 20, 19.8, 19.9, 19.7, 19.2]).hasConverged == true)
    #expect(curve([10, 18, 19, 20, 20, 19.8, 19.9, 19.7, 18.9]).hasConverged == false)
  }

  @Test func curvesAreReadFromLogs() throws {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID()).jsonl")
    defer { try? FileManager.default.removeItem(at: url) }
    #expect(LearningCurve(log: url) == nil)
    try Data("{\"step\": 1, \"samples\": 2, \"seconds\": 3}\nno line\n".utf8).write(to: url)
    #expect(LearningCurve(log: url) == nil)
    var metrics = CaseMetrics(id: "a")
    metrics.psnrBody = 21.5
    struct Line: Encodable {
      var step = 7
      var samples = 14
      var seconds = 3.5
      var validation: EvaluationSummary.Means
    }
    let line = Line(validation: EvaluationSummary(cases: [metrics]).mean)
    try (Data("{\"step\": 1}\n".utf8) + JSONEncoder().encode(line)).write(to: url)
    #expect(
      LearningCurve(log: url)?.points == [.init(step: 7, samples: 14, seconds: 3.5, psnrBody: 21.5)]
    )
  }

  /// Each disturbance must change what a method that looks at X-rays answers, and by more the stronger
  /// it is.
  @Test(.slow) func disturbancesDisturb() throws {
    let head = HeadPhantom(seed: 5).render(on: .canonical(size: 32))
    let patient = PreparedPatient(id: "a", isReal: false, ct: head.ct, labels: head.labels)
    func error(_ disturbance: XRayDisturbance) throws -> Double {
      var scorer = ModelScorer(SIRTBaseline(), size: 16, surfaces: false)
      scorer.disturbance = disturbance
      return try #require(try scorer.evaluate(patient).mae)
    }
    let plain = try error(.none)
    for disturbance in XRayDisturbance.all { #expect(try error(disturbance) != plain) }
    #expect(try error(.lateralTurned(degrees: 10)) > plain)
    #expect(try error(.sourceFarther(share: 0.05)) > plain)
    #expect(try error(.collimated(share: 0.3)) > error(.collimated(share: 0.2)))
    #expect(Set(XRayDisturbance.all.map(\.name)).count == XRayDisturbance.all.count)
  }
}
