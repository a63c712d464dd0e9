import Foundation
import SpiderAnatomy
import SpiderCore
import SpiderEvaluation
import SpiderTestSupport
import Testing

/// Answers and truths whose figures are known, through the calibration to an answer's intervals.
@Suite struct MeasurementCalibrationTests {
  private let grid = VoxelGrid.canonical(size: 32)

  /// A ball of skull of a radius, the part above a height outside the scan or unknown.
  private func ball(_ radius: Double, above height: Double = 500, is other: UInt8 = 0)
    -> LabelVolume
  {
    LabelVolume(
      grid: grid,
      values: (0..<grid.count).map { index in
        let p = grid.worldPoint(of: index)
        return p.z > height ? other : length(p) < radius ? HeadLabel.skull : 0
      })
  }

  private func patient(_ labels: LabelVolume) -> PreparedPatient {
    PreparedPatient(
      id: "x", isReal: false, ct: Volume(grid: grid, repeating: -1000), labels: labels)
  }

  @Test func onlyWhatIsKnownCounts() throws {
    let (answer, whole) = (ball(60), patient(ball(50)))
    let all = try #require(MeasurementCalibration.measured(answer, of: whole).pairs[.skull])
    expectClose(all.answer, HeadMeasurements(ball(60))[.skull] ?? 0, atol: 1e-9)
    expectClose(all.truth, HeadMeasurements(ball(50))[.skull] ?? 0, atol: 1e-9)
    // Half of both is outside the scan: the grid is its own mirror image.
    let cut = patient(ball(50, above: 0, is: LabelScheme.outsideScan))
    let half = try #require(MeasurementCalibration.measured(answer, of: cut).pairs[.skull])
    expectClose([half.answer, half.truth], [all.answer / 2, all.truth / 2], atol: 1e-9)
    // Of whom too much is unknown, nothing is measured.
    let unknown = patient(ball(50, above: 30, is: LabelScheme.unknown))
    #expect(MeasurementCalibration.measured(answer, of: unknown).pairs.isEmpty)
    #expect(MeasurementCalibration.measured(nil, of: whole).pairs.isEmpty)
  }

  @Test func widthsAreThoseOfTheScores() throws {
    let answer = ball(60)
    let patients = (0..<11).map {
      MeasurementCalibration.measured(answer, of: patient(ball(40 + 3 * Double($0))))
    }
    let scores = patients.compactMap { $0.pairs[.skull] }.map { abs(log($0.truth / $0.answer)) }
    let found = MeasurementCalibration.calibrated(patients, radiographs: 2)
    let width = try #require(found.intervals.widths[.skull])
    // Rank 11 of 11 is the largest, that of the smallest ball; left out in turn that one alone is not held.
    #expect(width.patients == 11 && width.halfWidth == scores.max() && scores.max() == scores[0])
    #expect(
      found.patients.map { $0.isHeld[.skull] } == [false] + [Bool](repeating: true, count: 10))
    // There was no mandible in any of them.
    #expect(found.intervals.widths[.mandible] == .init(halfWidth: nil, patients: 0))
    // Nine give an interval, eight none; of nine left out in turn the other eight give none.
    let nine = MeasurementCalibration.calibrated(Array(patients.prefix(9)), radiographs: 2)
    #expect(nine.intervals.widths[.skull]?.halfWidth != nil)
    #expect(nine.patients.allSatisfy { $0.isHeld.isEmpty })
    let eight = MeasurementCalibration.calibrated(Array(patients.prefix(8)), radiographs: 2)
    #expect(eight.intervals.widths[.skull] == .init(halfWidth: nil, patients: 8))
  }

  /// What an answer lacks is as far off as can be: it is not left out of the calibration.
  @Test func aMissingFigureIsAnInfiniteScore() throws {
    let empty = LabelVolume(grid: grid, repeating: 0)
    let patients = (0..<9).map { number in
      MeasurementCalibration.measured(number == 4 ? empty : ball(60), of: patient(ball(50)))
    }
    #expect(patients[4].pairs[.skull] == nil)
    let found = MeasurementCalibration.calibrated(patients, radiographs: 2)
    #expect(found.intervals.widths[.skull] == .init(halfWidth: nil, patients: 9))
  }

  @Test func figuresSayWhyTheyHaveNoInterval() throws {
    let widths = Dictionary(
      uniqueKeysWithValues: HeadMeasurement.allCases.map {
        ($0, MeasurementIntervals.Width(halfWidth: 0.1, patients: 11))
      })
    let intervals = MeasurementIntervals(widths: widths, radiographs: 2)
    func skull(
      _ labels: LabelVolume, by intervals: MeasurementIntervals?, radiographs: Int = 2,
      isWhole: Bool = true
    ) throws -> MeasuredFigure {
      let all = MeasuredFigure.all(
        of: HeadMeasurements(labels), by: intervals, radiographs: radiographs, isWhole: isWhole)
      #expect(all.map(\.figure) == HeadMeasurement.allCases)
      return try #require(all.first { $0.figure == .skull })
    }
    let good = try skull(ball(60), by: intervals)
    #expect(good.note == nil)
    let (value, range) = (try #require(good.value), try #require(good.interval))
    expectClose(
      [range.lowerBound, range.upperBound], [value * exp(-0.1), value * exp(0.1)], rtol: 1e-12,
      atol: 0)
    #expect(good.description.hasPrefix("skull \(Int(value.rounded())) mL ("))
    // In a region that holds all of it, too.
    #expect(try skull(ball(60), by: intervals, isWhole: false).interval == range)

    func expectNone(_ figure: MeasuredFigure, _ words: String) {
      #expect(figure.interval == nil && figure.note?.contains(words) == true, "\(figure)")
    }
    try expectNone(skull(ball(60), by: nil), "spider uncertainty")
    try expectNone(skull(ball(60), by: intervals, radiographs: 1), "with 2 X-rays")
    try expectNone(skull(ball(200), by: intervals), "beyond the voxels")
    try expectNone(skull(ball(1), by: intervals), "none of it")
    var few = intervals
    few.widths[.skull] = .init(halfWidth: nil, patients: 8)
    try expectNone(skull(ball(60), by: few), "8 patients")
    // Bone is in more than one place: a region may lack some of it without cutting any.
    let bone = MeasuredFigure.all(
      of: HeadMeasurements(ball(60)), by: intervals, radiographs: 2, isWhole: false
    ).first { $0.figure == .bone }
    expectNone(try #require(bone), "part of the field")
  }
}
