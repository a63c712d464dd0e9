import Foundation
import SpiderCore
import SpiderEvaluation
import SpiderSupport
import SpiderTestSupport
import Testing

struct MetricsSummaryTests {
  @Test func everyKeyIsThereAndNilIsNull() throws {
    var metrics = CaseMetrics(id: "one")
    metrics.psnr = 25.5
    metrics.dice = ["skull": 0.5, "mandible": nil]
    let data = try JSONEncoder().encode(metrics)
    let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    let expected = [
      "id", "psnr_db", "ssim", "mae_hu", "psnr_body_db", "ssim_body", "mae_body_hu",
      "psnr_unlabelled_db", "psnr_x2ct_convention_db", "cosine", "dice", "hd95_mm", "assd_mm",
      "labels_from", "reprojection_relative_error",
    ]
    #expect(Set(object.keys) == Set(expected))
    #expect(object["psnr_db"] as? Double == 25.5)
    #expect(object["ssim"] is NSNull && object["labels_from"] is NSNull)
    let dice = try #require(object["dice"] as? [String: Any])
    #expect(dice["mandible"] is NSNull && dice["skull"] as? Double == 0.5)
    #expect(try JSONDecoder().decode(CaseMetrics.self, from: data) == metrics)
  }

  private static func cases(_ count: Int) -> [CaseMetrics] {
    (0..<count).map { n in
      var metrics = CaseMetrics(id: "\(n)")
      metrics.psnr = Double(20 + n)
      metrics.dice = ["skull": n == 0 ? nil : 0.5]
      return metrics
    }
  }

  @Test func meansAndIntervals() throws {
    let few = EvaluationSummary(cases: Self.cases(7))
    #expect(few.mean[.psnr]?.value == 23)
    #expect(few.mean[.psnr]?.low == nil && few.mean[.psnr]?.high == nil)
    let many = EvaluationSummary(cases: Self.cases(9), seed: 4)
    let psnr = try #require(many.mean[.psnr])
    #expect(psnr.value == 24)
    // The bootstrap's mean is normal to a good approximation: sd = sqrt(60/9)/3 = 0.861.
    expectClose(try #require(psnr.low), 24 - 1.96 * 0.861, atol: 0.25)
    expectClose(try #require(psnr.high), 24 + 1.96 * 0.861, atol: 0.25)
    // An empty set is left out and counted.
    #expect(
      many.mean[.dice, "skull"]
        == MeanMetric(Array(repeating: 0.5, count: 8), generator: .init(seed: 4)))
    #expect(many.mean[.dice, "skull"]?.cases == 8)
    #expect(many.mean[.ssim] == MeanMetric([], generator: SeededGenerator(seed: 4)))
    #expect(EvaluationSummary(cases: Self.cases(9), seed: 4) == many)
    let data = try JSONEncoder().encode(many)
    #expect(try JSONDecoder().decode(EvaluationSummary.self, from: data) == many)
    let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    #expect(Set(object.keys) == ["cases", "mean", "convention"])
    let mean = try #require(object["mean"] as? [String: Any])
    let ssim = try #require(mean["ssim"] as? [String: Any])
    #expect(ssim["value"] is NSNull && ssim["low"] is NSNull)
    #expect((mean["dice"] as? [String: Any])?["skull"] is [String: Any])
  }
}
