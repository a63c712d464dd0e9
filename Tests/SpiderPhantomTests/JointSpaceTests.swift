import SpiderCore
import SpiderPhantom
import SpiderTestSupport
import Testing

/// The spaces of the jaw joints, on request as they vary in people.
@Suite struct JointSpaceTests {
  private static let spacing = 0.5

  /// The least distance from the condyle to the skull, mm, between the centres of voxels of half a millimetre in a cube
  /// of 28 mm about the condyle's top.
  private func space(_ head: HeadPhantom, _ side: String) throws -> Double {
    let top = try #require(head.landmarks.first { $0.name == "condylion_\(side)" }).point
    let grid = VoxelGrid(nx: 56, ny: 56, nz: 56, boxFrom: top - 14, to: top + 14)
    let labels = head.render(on: grid).labels
    func places(_ label: UInt8, within reach: Double) -> [Vector3] {
      labels.values.indices.filter { labels.values[$0] == label }.map {
        let voxel = grid.voxel(at: $0)
        return grid.worldPoint(Double(voxel.x), Double(voxel.y), Double(voxel.z))
      }.filter { length($0 - top) < reach }
    }
    // Without the coronoid process, which keeps its own distance.
    let (jaw, skull) = (
      places(HeadLabel.mandible, within: 10), places(HeadLabel.skull, within: 14)
    )
    var nearest = Double.infinity
    for a in jaw {
      for b in skull { nearest = min(nearest, length(a - b)) }
    }
    return nearest
  }

  private func head(_ seed: UInt64, _ range: ClosedRange<Double>) -> HeadPhantom {
    HeadPhantom(seed: seed, options: HeadPhantom.Options(jointSpace: range))
  }

  @Test(arguments: [(1, "right"), (2, "left"), (9003, "right")])
  func theLeastDistanceGrowsWithTheSpace(seed: UInt64, side: String) throws {
    let found = try [0.8, 2, 4, 7].map { try space(head(seed, $0...$0), side) }
    for (a, b) in zip(found, found.dropFirst()) { #expect(b > a + 0.2, "\(found)") }
    #expect(found[0] < 1.2 && found[3] > 2.5, "\(found)")
  }

  /// By as much as the space is wider than 2 mm; the unevenness of its surface stays where it is.
  @Test func aWideSpaceIsALowerCondyle() throws {
    func tops(_ head: HeadPhantom) -> [Vector3] {
      head.landmarks.filter { $0.name.hasPrefix("condylion") }.map(\.point)
    }
    let usual = tops(HeadPhantom(seed: 3))
    #expect(usual.count == 2)
    for space in [1.0, 2, 3, 5, 7] {
      for (here, there) in zip(tops(head(3, space...space)), usual) {
        expectClose(length(here - there), max(space - 2, 0), atol: 0.8, "\(space) mm")
      }
    }
  }

  @Test func spacesDifferBySideAndBySeed() throws {
    let found = try [UInt64(1), 2, 3].map { seed in
      let head = head(seed, 0.8...7)
      return (right: try space(head, "right"), left: try space(head, "left"))
    }
    let all = found.flatMap { [$0.right, $0.left] }
    #expect(try #require(all.max()) - #require(all.min()) > 1, "\(all)")
    #expect(found.contains { abs($0.right - $0.left) > 0.5 }, "\(found)")
  }

  /// A wide space is the condyle's doing, a narrow one the skull's, and nothing else moves.
  @Test(arguments: [(4.0, HeadLabel.mandible), (1.0, HeadLabel.skull)])
  func nothingElseMoves(space: Double, moved: UInt8) {
    let usual = HeadPhantom(seed: 4)
    let before = usual.render(on: .canonical(size: 96)).labels
    let after = head(4, space...space).render(on: before.grid).labels
    let tops = usual.landmarks.filter { $0.name.hasPrefix("condylion") }.map(\.point)
    var changed = 0
    for index in before.values.indices where before.values[index] != after.values[index] {
      let voxel = before.grid.voxel(at: index)
      let place = before.grid.worldPoint(Double(voxel.x), Double(voxel.y), Double(voxel.z))
      #expect(before.values[index] == moved || after.values[index] == moved)
      #expect(tops.contains { length($0 - place) < 35 })
      changed += 1
    }
    #expect(changed > 10)
  }
}
