import SpiderAnatomy
import SpiderImaging
import SpiderTestSupport
import Testing

/// The field of view is found from the head itself, whatever else is in the scan.
struct AnatomyFieldTests {
  private static let expected = SyntheticHead().center + Vector3(0, 0, 110 + 12 - 128)

  /// The default head's CT with more matter, on a wider grid.
  private func ct(_ more: (Vector3) -> Float?) -> Volume {
    let head = SyntheticHead(hasTable: false)
    let low = head.center - Vector3(240, 150, 160)
    let grid = VoxelGrid(
      nx: 120, ny: 75, nz: 84, boxFrom: low, to: low + Vector3(480, 300, 336))
    return Volume(
      grid: grid,
      values: (0..<grid.count).map { index in
        let p = grid.worldPoint(of: index)
        return more(p - head.center) ?? head.hu(p)
      })
  }

  @Test(.slow) func armsBesideTheHeadAndAboveItDoNotShiftTheField() throws {
    // Raised arms: cylinders of 80 mm with a bone in each, from top to bottom.
    let arms = ct { p in
      let d = (abs(p.x) - 160, p.y)
      let radius = (d.0 * d.0 + d.1 * d.1).squareRoot()
      return radius < 12 ? 900 : radius < 40 ? 30 : nil
    }
    let prepared = try HeadPreparation(size: 32).prepare(arms)
    #expect(length(prepared.isocenter - Self.expected) < 6, "\(prepared.isocenter)")
    #expect(prepared.report.crownAboveScan == nil)
  }

  @Test(.slow) func neckAndShouldersDoNotShiftTheField() throws {
    let body = ct { p in
      if p.z < -95 && p.z > -130 && p.x * p.x + p.y * p.y < 55 * 55 { return 30 }
      guard p.z <= -130 else { return nil }
      let inside = (p.x / 220) * (p.x / 220) + (p.y / 110) * (p.y / 110) < 1
      return inside ? (abs(p.x) < 15 && abs(p.y + 40) < 15 ? 700 : 30) : nil
    }
    let prepared = try HeadPreparation(size: 32).prepare(body)
    #expect(length(prepared.isocenter - Self.expected) < 6, "\(prepared.isocenter)")
    let below = prepared.report.cuts.filter { $0.side == "inferior" }
    #expect(below.count == 1, "\(prepared.report.cuts)")
  }

  /// Turned, bowed, inclined: the head is found, and how it lies is told.
  @Test(
    .slow,
    arguments: [
      Vector3(0, 0, 1), Vector3(1, 0, 0), Vector3(0, 1, 0),
    ])
  func aTiltedHeadIsMeasured(axis: Vector3) throws {
    let plain = SyntheticHead(hasTable: false)
    // Longer than high, as heads are: the default one is a standing egg.
    let shape = Affine(scale: Vector3(1, 1.15, 0.85)).about(plain.center)
    func pose(_ degrees: Double) throws -> LabelFindings {
      let turn = Affine.rotation(angle: degrees * .pi / 180, axis: axis).about(plain.center)
      let source = plain.ct()
      let moved = Volume(
        grid: VoxelGrid(
          nx: source.grid.nx, ny: source.grid.ny, nz: source.grid.nz,
          affine: turn.composed(with: shape.composed(with: source.grid.affine))),
        values: source.values)
      return try #require(try HeadPreparation(size: 64).prepare(moved).report.findings)
    }
    let (straight, turned) = (try pose(0), try pose(10))
    func angles(_ f: LabelFindings) throws -> Vector3 {
      Vector3(
        try #require(f.pitchDegrees), try #require(f.inclinationDegrees),
        try #require(f.turnDegrees))
    }
    let change = try angles(turned) - angles(straight)
    // A turn about the patient's right carries the front up, one about the front carries the right
    // side down, one about up carries the right side to the front.
    let expected = Vector3(axis.x, -axis.y, axis.z) * 10
    #expect(length(change - expected) < 3, "\(change), not \(expected)")
  }
}
