import Foundation
import SpiderCore
import SpiderDRR
import SpiderPhantom
import SpiderSupport
import SpiderTestSupport
import Testing

/// Culling takes no voxel of the patient away, whatever the X-rays are like, and is worth its while where
/// they are good. A voxel is lost when it was culled and its truth lies above -950 HU.
@Suite struct VisualHullTests {
  /// What is done to the X-rays of a head.
  enum Trouble: CaseIterable {
    case none, noise, picture, masked, blackened, pose, all
    /// Eight bits and a tone curve that darkens thin tissue.
    case toneCurve
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
      if [.noise, .picture, .toneCurve, .all].contains(trouble) {
        // The law of large photon counts: variance equals mean.
        let photons = 100 * (1 + 99 * random.uniform())
        image.values = clean.values.map { value in
          let mean = photons * exp(-Double(value))
          let counted = max(1, mean + mean.squareRoot() * random.normal())
          return Float(-log(counted / photons))
        }
      }
      if trouble == .picture {
        // Sixteen bits, an offset that keeps the noise of the open field.
        image.intensity = .relative
        image.values = image.values.map { ($0 * 5000 + 10_000).rounded() }
      }
      if trouble == .toneCurve {
        image.intensity = .relative
        let brightest = image.values.max() ?? 1
        image.values = image.values.map { value in
          let share = max(0, value / brightest + 0.05) / 1.05
          return (255 * share * share).rounded()
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

  /// Fifty heads: nothing is lost, and of clean X-rays enough is gained.
  @Test(arguments: 1...50)
  func noVoxelIsLost(_ seed: UInt64) throws {
    let head = HeadPhantom(seed: seed).render(on: .canonical(size: 64)).ct
    for trouble in Trouble.allCases {
      let hull = try hull(
        radiographs(head, trouble, seed: seed),
        tolerance: trouble == .none ? PoseTolerance() : Self.tolerance)
      var culled = [Bool](repeating: true, count: head.grid.count)
      for voxel in hull.prepared(for: head.grid).keep(slices: 0..<64) { culled[Int(voxel)] = false }
      let lost = culled.indices.count { culled[$0] && head.values[$0] > -950 }
      #expect(lost == 0, "\(trouble): \(lost) voxels lost")
      let share = Double(culled.count { $0 }) / Double(head.grid.count)
      switch trouble {
      // A slender head leaves 0.4 and more to cull; shoulders that fill the lower field of view, less.
      case .none: #expect(share > 0.28, "\(share)")
      case .noise, .pose: #expect(share > 0.2, "\(trouble): \(share)")
      case .picture: #expect(hull.viewCount > 0)
      case .toneCurve, .masked, .blackened, .all: break
      }
    }
  }

  /// What fills every view is culled in none.
  @Test func aViewThatSeesEverythingCullsNothing() throws {
    let head = HeadPhantom(seed: 1).render(on: .canonical(size: 32)).ct
    let views = try [NamedView.pa, .left].map {
      try ViewSetup(pixelSize: SIMD2(0.9, 0.9)).geometry(of: $0)
    }
    let hull = hull(DigitalRadiograph().make(ct: head, geometries: views))
    #expect(hull.prepared(for: head.grid).keep(slices: 0..<32).count == head.grid.count)
  }
}
