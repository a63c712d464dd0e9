import SpiderImaging
import SpiderSupport

/// The exact line integrals of a volume of uniform voxels, and their matched adjoint, fast.
///
/// Voxel (i, j, k) is the box of half a step about its centre; each contributes its value times the
/// length of ray inside it (R. L. Siddon, Med. Phys. 12 (1985) 252). A ray that runs exactly along the
/// face between two voxels belongs to the one with the larger index. The right projector where a
/// volume is what it is, voxels; ``JosephProjector`` is the smoother model of a patient, and faster.
///
/// Paths are in double precision, positions within them in float: good to 1e-5 of the image's maximum
/// against `ExactReference`. Results do not depend on the number of workers, to the last bit.
public struct ExactProjector: FastProjector {
  /// Whether one call shares its work among all workers. Turn it off where many volumes are projected
  /// side by side.
  public var isParallel: Bool
  private let instructions: InstructionSet

  /// A projector that uses all workers, or only the calling thread.
  public init(isParallel: Bool = true) { self.init(isParallel: isParallel, instructions: .best) }

  /// The same with another variant of the kernels, for tests.
  package init(isParallel: Bool = true, instructions: InstructionSet) {
    self.isParallel = isParallel
    self.instructions = instructions
  }

  /// The line integrals of a volume.
  public func forward(_ attenuation: Volume, _ geometry: ProjectionGeometry) -> [Float] {
    RayKernel.forward(.exact, attenuation, geometry, isParallel: isParallel, instructions)
      ?? ExactReference().forward(attenuation, geometry)
  }

  /// Adds the transpose of ``forward(_:_:)``, applied to an image, to a volume, as a sum over views
  /// needs it.
  public func addAdjoint(
    _ image: [Float], _ geometry: ProjectionGeometry, to volume: inout Volume
  ) {
    guard
      !RayKernel.addAdjoint(
        .exact, image, geometry, to: &volume, isParallel: isParallel, instructions)
    else { return }
    volume.add(ExactReference().adjoint(image, geometry, onto: volume.grid))
  }
}

/// The exact projector written plainly, voxel by voxel in double precision (Siddon, Med. Phys. 12 (1985)
/// 252): what the fast one is measured against.
///
/// It has no limit on the number of voxels, so ``ExactProjector`` also falls back on it there.
package struct ExactReference: Projector {
  /// A projector without settings.
  package init() {}

  /// The line integrals of a volume in double precision, row by row.
  package func lineIntegrals(_ attenuation: Volume, _ geometry: ProjectionGeometry) -> [Double] {
    let grid = attenuation.grid
    return IndexRays.lineIntegrals(of: attenuation, geometry) { ray, add in
      VoxelWalk.forEachVoxel(of: ray, in: grid, slices: 0..<grid.nz, add)
    }
  }

  /// The line integrals of a volume.
  package func forward(_ attenuation: Volume, _ geometry: ProjectionGeometry) -> [Float] {
    lineIntegrals(attenuation, geometry).map(Float.init)
  }

  /// The transpose of ``forward(_:_:)``. Slices are independent of one another, so the workers share
  /// them and the result does not depend on how.
  package func adjoint(
    _ image: [Float], _ geometry: ProjectionGeometry, onto grid: VoxelGrid
  ) -> Volume {
    precondition(
      image.count == geometry.count, "\(image.count) values for \(geometry.count) pixels")
    let rays = IndexRays(geometry, in: grid)
    let plane = grid.nx * grid.ny
    let size = 16
    let slabs = Parallel.map((grid.nz + size - 1) / size) { slab -> [Float] in
      let slices = slab * size..<min((slab + 1) * size, grid.nz)
      var sums = [Double](repeating: 0, count: slices.count * plane)
      for row in 0..<geometry.rows {
        for column in 0..<geometry.columns {
          let value = Double(image[row * geometry.columns + column])
          guard value != 0 else { continue }
          VoxelWalk.forEachVoxel(
            of: rays.ray(column: column, row: row), in: grid, slices: slices
          ) { index, length in sums[index - slices.lowerBound * plane] += length * value }
        }
      }
      return sums.map(Float.init)
    }
    return Volume(grid: grid, values: slabs.flatMap { $0 })
  }
}

/// The walk of a ray from voxel to voxel.
enum VoxelWalk {
  /// Calls `body` with the place in memory and the length of ray (mm) of every voxel a ray crosses,
  /// among some slices k of a grid.
  ///
  /// Crossings are computed from plane numbers, never by adding steps up: sums of steps drift.
  static func forEachVoxel(
    of ray: IndexRay, in grid: VoxelGrid, slices: Range<Int>, _ body: (Int, Double) -> Void
  ) {
    let lower = SIMD3(0, 0, slices.lowerBound)
    let upper = SIMD3(grid.nx, grid.ny, slices.upperBound)
    var (t, end) = (ray.from, ray.to)
    for axis in 0..<3 {
      let faces = (Double(lower[axis]) - 0.5, Double(upper[axis]) - 0.5)
      let (start, speed) = (ray.start[axis], ray.direction[axis])
      if speed == 0 {
        guard start >= faces.0, start < faces.1 else { return }
      } else {
        let crossings = ((faces.0 - start) / speed, (faces.1 - start) / speed)
        t = max(t, min(crossings.0, crossings.1))
        end = min(end, max(crossings.0, crossings.1))
      }
    }
    guard t < end, t.isFinite, end.isFinite else { return }

    let d = ray.direction
    let forward = SIMD3(d.x > 0 ? 1 : 0, d.y > 0 ? 1 : 0, d.z > 0 ? 1 : 0)
    var voxel = SIMD3<Int>(0, 0, 0)
    // The t at which the ray leaves the current voxel through its face across each axis.
    var leave = Vector3(repeating: .infinity)
    func leaving(_ axis: Int) -> Double {
      let face = Double(voxel[axis] + forward[axis]) - 0.5
      return (face - ray.start[axis]) / ray.direction[axis]
    }
    for axis in 0..<3 {
      let place = (ray.position(at: t)[axis] + 0.5).rounded(.down)
      guard place.isFinite else { return }
      voxel[axis] = Int(min(max(place, Double(lower[axis])), Double(upper[axis] - 1)))
      guard ray.direction[axis] != 0 else { continue }
      leave[axis] = leaving(axis)
      // On a face, rounding may name the voxel just left; the ray has no length there.
      if leave[axis] <= t {
        voxel[axis] += 2 * forward[axis] - 1
        guard voxel[axis] >= lower[axis], voxel[axis] < upper[axis] else { return }
        leave[axis] = leaving(axis)
      }
    }
    while true {
      let axis = leave.x <= leave.y ? (leave.x <= leave.z ? 0 : 2) : (leave.y <= leave.z ? 1 : 2)
      let next = min(leave[axis], end)
      if next > t {
        body(grid.index(voxel.x, voxel.y, voxel.z), (next - t) * ray.length)
        t = next
      }
      guard leave[axis] < end else { return }
      voxel[axis] += 2 * forward[axis] - 1
      guard voxel[axis] >= lower[axis], voxel[axis] < upper[axis] else { return }
      leave[axis] = leaving(axis)
    }
  }
}
