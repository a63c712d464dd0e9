import SpiderAnatomy
import SpiderCore
import SpiderEvaluation
import SpiderPhantom
import SpiderTestSupport
import Testing

/// What is compared, and what makes no score.
struct VolumePairTests {
  private static let head = HeadPhantom(seed: 5).render(on: .canonical(size: 32))

  private func moved(_ volume: Volume, by offset: Vector3) -> Volume {
    var affine = volume.grid.affine
    affine.translation += offset
    let grid = VoxelGrid(
      nx: volume.grid.nx, ny: volume.grid.ny, nz: volume.grid.nz, affine: affine)
    return Volume(grid: grid, values: volume.values)
  }

  private func pair(_ candidate: Volume) -> VolumePair {
    VolumePair(id: "a", reference: Self.head.ct, candidate: candidate)
  }

  private func metrics(_ candidate: Volume) -> CaseMetrics {
    VolumeMetrics.evaluate(
      id: "a", candidate: candidate, reference: Self.head.ct, candidateLabels: Self.head.labels,
      referenceLabels: Self.head.labels, surfaces: false)
  }

  @Test func theSameHeadIsComparedWithoutAWord() throws {
    #expect(try pair(Self.head.ct).check() == [])
  }

  @Test func boxesThatDoNotMeetAreRefused() {
    #expect(throws: VolumePairError.apart) {
      try pair(moved(Self.head.ct, by: Vector3(600, 0, 0))).check()
    }
  }

  /// The boxes meet in a slab of air: any two heads agree there.
  @Test func headsThatMeetInAirAreRefusedAndNotScored() {
    let beside = moved(Self.head.ct, by: Vector3(232, 0, 0))
    #expect(throws: VolumePairError.patientsApart) { try pair(beside).check() }
    let scored = metrics(beside)
    #expect(scored.psnr == nil && scored.ssim == nil && scored.cosine == nil)
    #expect(scored.psnrBody == nil)
  }

  @Test func aPartIsScoredWithAWordOnItsShare() throws {
    let half = moved(Self.head.ct, by: Vector3(0, 0, 128))
    let notes = try pair(half).check()
    #expect(notes.contains { $0.contains("covers") && $0.contains("of the reference's patient") })
    let counted = try pair(half).check(onReferenceGrid: true)
    #expect(counted.contains { $0.contains("the rest counts as air") })
  }

  /// A scan without its vault: where it ends the labeller cannot know from air, neither in the truth nor in an answer.
  @Test func aCutHeadIsLabelledAlikeInTruthAndAnswer() throws {
    let whole = HeadPhantom(seed: 5).render(on: .canonical(size: 64))
    let grid = whole.ct.grid
    let covered = Mask(
      grid: grid,
      values: (0..<grid.nx * grid.ny * grid.nz).map { index in
        grid.affine.apply(Vector3(0, 0, Double(index / (grid.nx * grid.ny)))).z < 30
      })
    let cut = whole.ct.withValues(zip(whole.ct.values, covered.values).map { $1 ? $0 : -1000 })
    let truth = AutomaticLabeller().labels(of: cut, covered: covered)
    #expect(truth.values.contains(HeadLabel.skull) && truth.values.contains(HeadLabel.mandible))
    let metrics = VolumeMetrics.evaluate(
      id: "cut", candidate: cut, reference: cut, referenceLabels: truth, surfaces: false)
    for name in ["skull", "mandible", "intracranial", "air_cavities"] {
      #expect(metrics.dice[name] == 1, "\(name)")
    }
  }

  /// A candidate that ends below the vault: what it answers is labelled, the rest is air.
  @Test func whatACandidateAnswersIsLabelledOnTheReferencesGridToo() throws {
    let whole = HeadPhantom(seed: 5).render(on: .canonical(size: 64))
    let grid = whole.ct.grid
    let slices = 40
    let lower = VoxelGrid(nx: grid.nx, ny: grid.ny, nz: slices, affine: grid.affine)
    let part = Volume(
      grid: lower, values: Array(whole.ct.values.prefix(grid.nx * grid.ny * slices)))
    let pair = VolumePair(
      id: "part", reference: whole.ct, candidate: part, referenceLabels: whole.labels)
    let own = VolumePair(
      id: "whole", reference: whole.ct, candidate: whole.ct, referenceLabels: whole.labels)
    let (found, best) = (pair.metrics(onReferenceGrid: true), own.metrics())
    let (mandible, expected) = (
      try #require(found.dice["mandible"] ?? nil), try #require(best.dice["mandible"] ?? nil)
    )
    #expect(mandible > 0.8 * expected, "\(mandible), of the whole \(expected)")
    let (skull, all) = (
      try #require(found.dice["skull"] ?? nil), try #require(best.dice["skull"] ?? nil)
    )
    #expect(skull > 0.3 && skull < all, "\(skull), of the whole \(all)")
  }

  @Test(.slow, arguments: [Float(-1000), -950, 0]) func oneValueThroughoutIsNoAnswer(value: Float) {
    let empty = Volume(grid: Self.head.ct.grid, repeating: value)
    #expect(throws: VolumePairError.emptyCandidate) { try pair(empty).check() }
    let scored = metrics(empty)
    #expect(scored.psnr == nil && scored.mae == nil && scored.ssim == nil)
    // The body has no background to score with: its figure stays.
    #expect(scored.psnrBody ?? 99 < 25)
  }

  @Test func anEmptyReferenceIsRefused() {
    let empty = Volume(grid: Self.head.ct.grid, repeating: -1000)
    let pair = VolumePair(id: "a", reference: empty, candidate: Self.head.ct)
    #expect(throws: VolumePairError.emptyReference) { try pair.check() }
  }

  /// Wedges of water in the reference's file are no truth.
  @Test(.slow) func paddingOfTheReferenceIsNotScored() throws {
    var reference = Self.head.ct
    let grid = reference.grid
    // Air with noise, so that the filler is told from it.
    for index in reference.values.indices where reference.values[index] == -1000 {
      reference.values[index] = -1000 + Float(index % 3) * 4
    }
    for index in reference.values.indices where grid.voxel(at: index).x < 6 {
      reference.values[index] = 0
    }
    let scored = VolumeMetrics.evaluate(
      id: "a", candidate: Self.head.ct, reference: reference, candidateLabels: Self.head.labels,
      surfaces: false)
    #expect(try #require(scored.psnr) > 40)
  }
}
