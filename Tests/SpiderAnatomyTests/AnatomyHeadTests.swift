import Foundation
import SpiderAnatomy
import SpiderEvaluation
import SpiderImaging
import SpiderTestSupport
import Testing

struct AnatomyHeadTests {
  @Test func theTableIsRemovedAndTheHeadIsWholeAndCentred() throws {
    let head = SyntheticHead()
    let prepared = try HeadPreparation(size: 64).prepare(SyntheticHead.onTable)
    // Crown 12 mm under the top of the cube; the centre is the ellipsoids'. Within a working voxel.
    let expected = head.center + Vector3(0, 0, 110 + 12 - 128)
    expectClose(
      [prepared.isocenter.x, prepared.isocenter.y, prepared.isocenter.z],
      [expected.x, expected.y, expected.z], atol: 2.5, "isocentre")
    #expect(prepared.notes.contains { $0.contains("crown") })
    let grid = prepared.ct.grid
    #expect(grid == VoxelGrid.canonical(size: 64, center: prepared.isocenter))
    var tableLeft = 0
    var (right, wrong) = (0, 0)
    for index in prepared.ct.values.indices {
      let v = grid.voxel(at: index)
      let p = grid.worldPoint(Double(v.x), Double(v.y), Double(v.z))
      let q = (p - head.center) / (SyntheticHead.outer + 8)
      if dot(q, q) > 1, prepared.ct.values[index] > -1000 { tableLeft += 1 }
      // Labels well inside the parts.
      // The scan ends below the field of view's bottom and beside it.
      guard prepared.labels.values[index] != LabelScheme.outsideScan else { continue }
      if let truth = Self.label(p, head) {
        if prepared.labels.values[index] == truth { right += 1 } else { wrong += 1 }
      }
    }
    #expect(tableLeft == 0)
    #expect(right > 20_000)
    #expect(Double(wrong) < 0.01 * Double(right), "\(wrong) wrong labels, \(right) right")
  }

  /// The label of a point that is at least half a voxel away from any boundary; nil elsewhere.
  private static func label(_ p: Vector3, _ head: SyntheticHead) -> UInt8? {
    func level(_ radii: Vector3) -> Double {
      let q = (p - head.center) / radii
      return dot(q, q)
    }
    let d = p - head.center
    let sinus = length(d - Vector3(0, 60, -40))
    // Near the hole the cavity's end is a matter of definition.
    if d.z < -60 && d.x * d.x + d.y * d.y < 900 { return nil }
    if level(SyntheticHead.outer + 5) > 1 { return HeadLabel.background }
    if level(SyntheticHead.brain - 5) < 1 {
      return sinus > 17 ? HeadLabel.intracranial : nil
    }
    if level(SyntheticHead.brain + 3) > 1, level(SyntheticHead.skull - 3) < 1 {
      return HeadLabel.skull
    }
    return nil
  }

  @Test func aCutOffVaultIsNoticed() {
    var head = SyntheticHead(hasTable: false)
    head.top = head.center.z + 60
    let location = HeadFinder().locate(in: head.ct())
    guard case .estimatedCrown(let above) = location.basis else {
      Issue.record("\(location.basis)")
      return
    }
    // The ellipsoid's true vault is 110 mm high, the estimate takes the adult's 95: within 15 mm.
    expectClose(above, 50, atol: 15)
    expectClose(location.isocenter.x, head.center.x, atol: 2.5)
    expectClose(location.isocenter.y, head.center.y, atol: 2.5)
  }

  @Test func whatIsNoHeadIsRefused() {
    let grid = VoxelGrid(
      nx: 80, ny: 60, nz: 40, boxFrom: Vector3(-200, -150, -100), to: Vector3(200, 150, 100))
    func error(_ ct: Volume) -> PreparationError? {
      do { _ = try HeadPreparation(size: 16).prepare(ct) } catch {
        return error
      }
      return nil
    }
    #expect(error(Volume(grid: grid, repeating: -1000)) == .noPatient)
    #expect(error(Volume(grid: grid, repeating: 0)) == .notCTNumbers(.constant(0)))
    // A trunk: an elliptic cylinder of 340 x 220 mm with a spine, through all slices.
    let trunk = Volume(grid: grid) { _ in
      (0..<4800).map { n in
        let p = grid.worldPoint(Double(n % 80), Double(n / 80), 0)
        let inside = (p.x / 170) * (p.x / 170) + (p.y / 110) * (p.y / 110) <= 1
        return !inside ? -1000 : abs(p.x) < 20 && abs(p.y + 60) < 20 ? 500 : 30
      }
    }
    guard case .notAHead(let reason) = error(trunk) else {
      Issue.record("a trunk passed as a head")
      return
    }
    #expect(reason.contains("too large"))
    #expect(!HeadFinder().locate(in: trunk).foundHead)
    #expect(HeadFinder().locate(in: trunk).isocenter == grid.center)
  }

  @Test func givenLabelsAndBadValuesAreHandled() throws {
    var ct = SyntheticHead.onTable
    let labels = LabelVolume(grid: ct.grid, repeating: HeadLabel.softTissue)
    ct.values[5] = .nan
    ct.values[6] = .infinity
    let prepared = try HeadPreparation(size: 32).prepare(ct, labels: labels)
    #expect(prepared.labelSource == "given")
    #expect(prepared.notes.contains { $0.contains("2 values were not finite") })
    #expect(prepared.ct.values.allSatisfy { $0.isFinite })
    let covered = prepared.ct.grid.coverage(by: ct.grid)
    #expect(!covered.complement.isEmpty)
    for (label, inside) in zip(prepared.labels.values, covered.values) {
      #expect(label == (inside ? HeadLabel.softTissue : LabelScheme.outsideScan))
    }
    #expect(prepared.labels.mask { $0 != LabelScheme.outsideScan } == covered)
  }

  @Test func labelsOfNoSchemeAreRefused() throws {
    let ct = SyntheticHead.onTable
    var labels = LabelVolume(grid: ct.grid, repeating: LabelScheme.unknown)
    labels.values[0] = LabelScheme.outsideScan
    labels.values[1] = HeadLabel.airCavities
    #expect(throws: Never.self) { try HeadPreparation(size: 16).prepare(ct, labels: labels) }
    for value: UInt8 in [7, 77, 253] {
      labels.values[9] = value
      #expect(throws: PreparationError.unknownLabel(value, .head)) {
        try HeadPreparation(size: 16).prepare(ct, labels: labels)
      }
    }
  }

  /// Voxels of 10^18 mm: the sizes in the reason must not be squeezed into an Int.
  @Test func anAbsurdlyLargeBodyIsNoHead() {
    let grid = VoxelGrid(nx: 9, ny: 9, nz: 9, affine: Affine(scale: Vector3(1e18, 1e18, 1)))
    let body = Mask(grid: grid, repeating: true)
    let location = HeadFinder().locate(body: body, covered: body, fallback: .zero)
    #expect(location.basis.description.contains("too large"))
  }

  @Test(.slow) func evaluatingAgainstItselfIsPerfectAndErrorsShow() throws {
    let ct = SyntheticHead.onTable
    let prepared = try HeadPreparation(size: 32).prepare(ct)
    let same = VolumeMetrics.evaluate(
      id: "same", candidate: prepared.ct, reference: prepared.ct, candidateLabels: prepared.labels,
      referenceLabels: prepared.labels)
    #expect(same.psnr == 100 && same.mae == 0 && same.labelsFrom == "network")
    expectClose(try #require(same.ssim), 1, atol: 1e-6)
    #expect(same.dice["skull"] == 1.0 && same.dice["bone_hu"] == 1.0)
    #expect(same.dice["mandible"] == .some(nil) && same.hd95["mandible"] == .some(nil))
    #expect(same.hd95["bone"] == 0.0)

    // 30 HU more everywhere: the body is off by 30, the air outside it is not looked at.
    let brighter = prepared.ct.withValues(prepared.ct.values.map { $0 + 30 })
    let off = VolumeMetrics.evaluate(
      id: "off", candidate: brighter, reference: ct, referenceLabels: prepared.labels,
      surfaces: false)
    #expect(off.labelsFrom == "labeller" && off.hd95["skull"] == .some(nil))
    let (body, whole) = (try #require(off.maeBody), try #require(off.mae))
    #expect(body > 10 && whole < body)
    #expect(off.dice.keys.contains("background") && off.dice["skull"] != .some(nil))
  }

  @Test(.slow) func voxelsOutsideTheScanDoNotCount() throws {
    let prepared = try HeadPreparation(size: 32).prepare(SyntheticHead.onTable)
    var candidate = prepared.ct
    for (index, label) in prepared.labels.values.enumerated() where label == LabelScheme.outsideScan
    {
      candidate.values[index] = 1500
    }
    #expect(candidate != prepared.ct)
    let metrics = VolumeMetrics.evaluate(
      id: "x", candidate: candidate, reference: prepared.ct, candidateLabels: prepared.labels,
      referenceLabels: prepared.labels, surfaces: false)
    #expect(metrics.psnr == 100 && metrics.dice["bone_hu"] == 1.0 && metrics.cosine == 1)
  }
}
