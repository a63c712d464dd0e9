import SpiderCore
import SpiderDRR
import SpiderPhantom
import SpiderSupport
import SpiderTestSupport
import SpiderTraining
import Testing

/// What a head lies on shows in the X-rays, lies behind the head and leaves the patient alone.
@Suite struct HeadSupportTests {
  private static let head = HeadPhantom(seed: 3).render(on: .canonical(size: 48))

  @Test("it fills air behind the head, and nothing else", arguments: UInt64(1)...12)
  func onlyAirBehind(_ seed: UInt64) {
    let before = Attenuation.standard.attenuation(of: Self.head.ct)
    let water = Attenuation.standard.attenuation(hu: 0)
    var after = before
    var random = SeededGenerator(seed: seed)
    HeadSupport(&random).add(to: &after, water: water)
    let changed = before.values.indices.filter { after.values[$0] != before.values[$0] }
    #expect(!changed.isEmpty)
    #expect(changed.allSatisfy { before.values[$0] < 0.2 * water })
    #expect(changed.allSatisfy { after.values[$0] - before.values[$0] <= 1.2 * water })
    #expect(changed.allSatisfy { after.values[$0] > before.values[$0] })
    let grid = before.grid
    let nose =
      before.values.indices.filter { before.values[$0] > 0.5 * water }.map {
        grid.worldPoint(0, Double(grid.voxel(at: $0).y), 0).y
      }.max() ?? 0
    #expect(
      changed.allSatisfy { grid.worldPoint(0, Double(grid.voxel(at: $0).y), 0).y < nose },
      "in front of the face")
  }

  @Test("the truth of a sample is the same with it, its X-rays are not")
  func truthStays() throws {
    let patient = TrainingCase(
      id: "a", isReal: false, ct: Self.head.ct, labels: Self.head.labels)
    func batch(_ share: Double) throws -> TrainingBatch {
      var configuration = Preset.quick.configuration
      configuration.augmentation = .none
      configuration.augmentation.supportShare = share
      return try BatchMaker([patient], configuration).batch(step: 4)
    }
    let (without, with) = (try batch(0), try batch(1))
    #expect(without.intensity.values == with.intensity.values && without.labels == with.labels)
    #expect(without.points.values == with.points.values)
    #expect(without.images.values != with.images.values)
  }
}
