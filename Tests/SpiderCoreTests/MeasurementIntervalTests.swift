import Foundation
import SpiderCore
import SpiderTestSupport
import Testing

/// Half widths are scores of the right rank, and intervals lie about an answer as they should.
@Suite struct MeasurementIntervalTests {
  /// ceil((n + 1) 0.9), by hand.
  @Test(arguments: [
    (1, nil), (8, nil), (9, 9), (10, 10), (11, 11), (18, 18), (19, 18), (20, 19), (29, 27),
    (39, 36),
    (99, 90),
  ])
  func theRankIsThatOfSplitConformal(count: Int, rank: Int?) {
    // The scores 1 to n, out of order: a score is its rank.
    let scores = (0..<count).map { Double(($0 * 7 + 3) % count + 1) }
    let distinct = count % 7 == 0 ? (1...count).map(Double.init) : scores
    #expect(Set(distinct).count == count)
    #expect(MeasurementIntervals.halfWidth(of: distinct) == rank.map(Double.init))
  }

  @Test func anInfiniteScoreOfThatRankGivesNoInterval() {
    let eight = (1...8).map(Double.init)
    #expect(MeasurementIntervals.halfWidth(of: []) == nil)
    #expect(MeasurementIntervals.halfWidth(of: eight + [.infinity]) == nil)
    #expect(MeasurementIntervals.halfWidth(of: (1...18).map(Double.init) + [.infinity]) == 18)
  }

  /// Of exchangeable numbers the next one is held as often as promised: every order of ten is as likely.
  @Test func theNextOneIsHeldInNineOfTen() {
    let all = (1...10).map(Double.init)
    let held = all.count { next in
      guard let half = MeasurementIntervals.halfWidth(of: all.filter { $0 != next }) else {
        return false
      }
      return next <= half
    }
    #expect(held == 9)
  }

  @Test func volumesAreScaledAndDistancesShifted() throws {
    let intervals = MeasurementIntervals(
      widths: [
        .skull: .init(halfWidth: log(1.25), patients: 11),
        .intercondylarDistance: .init(halfWidth: 4, patients: 11),
        .bone: .init(halfWidth: nil, patients: 8),
      ], radiographs: 2)
    let skull = try #require(intervals.interval(about: 500, of: .skull))
    expectClose([skull.lowerBound, skull.upperBound], [400, 625], rtol: 1e-12, atol: 0)
    #expect(intervals.interval(about: 100, of: .intercondylarDistance) == 96...104)
    #expect(intervals.interval(about: 3, of: .intercondylarDistance) == 0...7)
    #expect(intervals.interval(about: 500, of: .bone) == nil, "no width")
    #expect(intervals.interval(about: 500, of: .mandible) == nil, "not calibrated")
    #expect(intervals.interval(about: .nan, of: .skull) == nil)
  }
}
