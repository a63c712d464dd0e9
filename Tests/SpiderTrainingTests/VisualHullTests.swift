import Foundation
import SpiderCore
import SpiderDRR
import SpiderPhantom
import SpiderTestSupport
import Testing

/// Culling takes no voxel of the patient away, whatever the X-rays are like, and is worth its while where
/// they are good. A voxel is lost when it was culled and its truth lies above -950 HU.
@Suite struct VisualHullTests {
  /// What is done to the X-rays of a head.
  enum Trouble: CaseIterable {
    case none, noise, masked, blackened, pose, all
  }

  private static let tolerance = PoseTolerance(shift: 2, turnDegrees: 1)

  /// A head's X-rays: 128 x 128 pixels, with the trouble of a seed.
  private func radiographs(
    _ head: Volume, _ trouble: Trouble, seed: UInt64
  ) throws -> [Radiograph] {
    var random = SeededGenerator(seed: seed)
    var ct = head
    if trouble == .pose || trouble == .all {
      // A patient at the very end of the tolerance.
      func direction() -> Vector3 {
        normalized(Vector3(random.normal(), random.normal(), random.normal()))
      }
      var motion = Affine.rotation(
        angle: Self.tolerance.turnDegrees * .pi / 180, axis: direction())
      motion.translation = direction() * Self.tolerance.shift
      let grid = VoxelGrid(
        nx: head.grid.nx, ny: head.grid.ny, nz: head.grid.nz,
        affine: motion.composed(with: head.grid.affine))
      ct = Volume(grid: grid, values: head.values)
    }
    let views = try [NamedView.pa, .left].map { try ViewSetup().geometry(of: $0) }
    return DigitalRadiograph().make(ct: ct, geometries: views).map { clean in
      var image = clean
      if trouble == .noise || trouble == .all {
        // The law of large photon counts: variance equals mean.
        let photons = 100 * (1 + 99 * random.uniform())
        image.values = clean.values.map { value in
          let mean = photons * exp(-Double(value))
          let counted = max(1, mean + mean.squareRoot() * random.normal())
          return Float(-log(counted / photons))
        }
      }
      guard trouble == .masked || trouble == .blackened || trouble == .all else { return image }
      // A rectangle that cuts into the head.
      let left = 20 + random.index(below: 30)
      let right = 78 + random.index(below: 30)
      let (top, bottom) = (random.index(below: 30), 90 + random.index(below: 38))
      let open = image.values.indices.map {
        (left..<right).contains($0 % 128) && (top..<bottom).contains($0 / 128)
      }
      if trouble == .masked { image.mask = open }
      for index in open.indices where !open[index] { image.values[index] = 0 }
      return image
    }
  }

  private func hull(
    _ radiographs: [Radiograph], tolerance: PoseTolerance = Self.tolerance
  ) -> VisualHull {
    VisualHull(
      radiographs, model: ModelDescription(architecture: SpiderArchitecture()), isocenter: .zero,
      tolerance: tolerance)
  }

  @Test(arguments: 1...50)
  func noVoxelIsLost(_ seed: UInt64) throws {
    let head = HeadPhantom(seed: seed).render(on: .canonical(size: 64)).ct
    for trouble in Trouble.allCases {
      let hull = try hull(radiographs(head, trouble, seed: seed))
      let kept = Set(hull.prepared(for: head.grid).keep(slices: 0..<64).map(Int.init))
      let lost = head.values.indices.filter { head.values[$0] > -950 && !kept.contains($0) }
      let share = 1 - Double(kept.count) / Double(head.grid.count)
      print("HULL \(seed) \(trouble) views \(hull.viewCount) share \(share) lost \(lost.count)")
      #expect(lost.isEmpty, "\(trouble): \(lost.count) voxels lost")
    }
  }
}
