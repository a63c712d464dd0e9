import SpiderAnatomy
import SpiderCore
import SpiderPhantom
import SpiderTestSupport
import Testing

/// The condyles of phantoms, whose places are known without any grid.
@Suite struct CondyleTests {
  private func distance(_ labels: LabelVolume) throws -> Double {
    try #require(HeadMeasurements(labels)[.intercondylarDistance])
  }

  /// The landmarks are the tops of the condyles, in heads that nod, turn and open their mouths. A mL is about the upper
  /// half of a condyle of 19 x 9 x 11 mm, whose surface noise moves by up to 0.8 mm: a mm. Coarse voxels add a part of
  /// their edge.
  @Test(arguments: [(1, 1), (2, 1), (3, 1.5)])
  func theirDistanceIsThatOfTheLandmarks(spacing: Double, tolerance: Double) throws {
    for seed in UInt64(9001)...9006 {
      let head = HeadPhantom(seed: seed)
      let marks = Dictionary(uniqueKeysWithValues: head.landmarks.map { ($0.name, $0.point) })
      let (right, left) = (
        try #require(marks["condylion_right"]), try #require(marks["condylion_left"])
      )
      // The part of the head that holds the jaw.
      let (low, high) = (Vector3(-80, -40, -126), Vector3(80, 128, 40))
      let size = ((high - low) / spacing).rounded(.up)
      let grid = VoxelGrid(
        nx: Int(size.x), ny: Int(size.y), nz: Int(size.z), boxFrom: low, to: low + size * spacing)
      let found = try distance(head.render(on: grid).labels)
      expectClose(found, length(right - left), atol: tolerance, "seed \(seed), \(spacing) mm")
    }
  }

  /// The mirror image has the same figures: nothing depends on the order of voxels.
  @Test func aMirroredHeadHasTheSameFigures() throws {
    let labels = HeadPhantom(seed: 9002).render(on: .canonical(size: 96)).labels
    let grid = labels.grid
    var mirrored = labels
    for index in mirrored.values.indices {
      let voxel = grid.voxel(at: index)
      mirrored.values[index] = labels.values[grid.index(grid.nx - 1 - voxel.x, voxel.y, voxel.z)]
    }
    #expect(mirrored.values != labels.values)
    let (a, b) = (HeadMeasurements(labels), HeadMeasurements(mirrored))
    for figure in HeadMeasurement.allCases {
      let (one, other) = (try #require(a[figure]), try #require(b[figure]))
      expectClose(one, other, atol: 1e-9, figure.rawValue)
    }
  }

  /// The same head stored in another order: x runs to the left, slices are coronal.
  @Test func theOrderOfTheAxesDoesNotMatter() throws {
    let labels = HeadPhantom(seed: 9002).render(on: .canonical(size: 96)).labels
    let grid = labels.grid
    let (x, y, z) = grid.affine.columns
    let other = VoxelGrid(
      nx: grid.nx, ny: grid.nz, nz: grid.ny,
      affine: Affine(
        columns: (-x, z, y), translation: grid.worldPoint(Double(grid.nx - 1), 0, 0)))
    var stored = LabelVolume(grid: other, repeating: 0)
    for index in stored.values.indices {
      let voxel = other.voxel(at: index)
      stored.values[index] = labels.values[grid.index(grid.nx - 1 - voxel.x, voxel.z, voxel.y)]
    }
    expectClose(try distance(stored), try distance(labels), atol: 1e-9)
  }
}
