import SpiderImaging
import SpiderSupport

/// Joseph's projector and its matched adjoint, fast: the projector for training, refinement and
/// residuals.
///
/// The convention is that of `JosephReference`: bilinear between voxel centres in the planes across
/// the ray's main axis, 0 outside the grid. Cone and parallel beams and every invertible affine are
/// handled by the same code. Results do not depend on the number of workers, to the last bit.
public struct JosephProjector: FastProjector {
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
    RayKernel.forward(.joseph, attenuation, geometry, isParallel: isParallel, instructions)
      ?? JosephReference().forward(attenuation, geometry)
  }

  /// Adds the transpose of ``forward(_:_:)``, applied to an image, to a volume, as a sum over views
  /// needs it.
  public func addAdjoint(
    _ image: [Float], _ geometry: ProjectionGeometry, to volume: inout Volume
  ) {
    guard
      !RayKernel.addAdjoint(
        .joseph, image, geometry, to: &volume, isParallel: isParallel, instructions)
    else { return }
    volume.add(JosephReference().adjoint(image, geometry, onto: volume.grid))
  }
}

/// Joseph's projector written plainly, in double precision: what the fast one is measured against.
///
/// P. M. Joseph, IEEE Trans. Med. Imaging 1 (1982) 192: the ray is sampled where it crosses the planes
/// of voxel centres across its main axis, interpolating bilinearly within the plane. Voxels outside the
/// grid count as 0, so at its border the value falls linearly to 0 over one voxel beyond the outermost
/// centres. The sample at plane k stands for the slab [k - 1/2, k + 1/2]; only the part of the slab
/// between source and pixel counts.
///
/// It has no limit on the number of voxels, so ``JosephProjector`` also falls back on it there.
package struct JosephReference: Projector {
  /// A projector without settings.
  package init() {}

  /// The line integrals of a volume in double precision, row by row.
  package func lineIntegrals(_ attenuation: Volume, _ geometry: ProjectionGeometry) -> [Double] {
    IndexRays.lineIntegrals(of: attenuation, geometry) { ray, add in
      Self.forEachSample(of: ray, in: attenuation.grid, add)
    }
  }

  /// The line integrals of a volume.
  package func forward(_ attenuation: Volume, _ geometry: ProjectionGeometry) -> [Float] {
    lineIntegrals(attenuation, geometry).map(Float.init)
  }

  /// The transpose of ``forward(_:_:)``, on one core.
  package func adjoint(
    _ image: [Float], _ geometry: ProjectionGeometry, onto grid: VoxelGrid
  ) -> Volume {
    precondition(
      image.count == geometry.count, "\(image.count) values for \(geometry.count) pixels")
    let rays = IndexRays(geometry, in: grid)
    var sums = [Double](repeating: 0, count: grid.count)
    for row in 0..<geometry.rows {
      for column in 0..<geometry.columns {
        let value = Double(image[row * geometry.columns + column])
        Self.forEachSample(of: rays.ray(column: column, row: row), in: grid) {
          sums[$0] += $1 * value
        }
      }
    }
    return Volume(grid: grid, values: sums.map(Float.init))
  }

  /// Calls `body` with the place in memory and the weight (mm) of every voxel a ray reads.
  private static func forEachSample(
    of ray: IndexRay, in grid: VoxelGrid, _ body: (Int, Double) -> Void
  ) {
    let axis = ray.mainAxis
    let (p, q) = [(1, 2), (0, 2), (0, 1)][axis]
    let strides = SIMD3(1, grid.nx, grid.nx * grid.ny)
    let speed = ray.direction[axis]
    let ends = [ray.from, ray.to].map { ray.start[axis] + speed * $0 }
    let (low, high) = (min(ends[0], ends[1]), max(ends[0], ends[1]))
    for plane in 0..<grid.shape[axis] {
      let k = Double(plane)
      let covered = min(high, k + 0.5) - max(low, k - 0.5)
      guard covered > 0 else { continue }
      let position = ray.position(at: (k - ray.start[axis]) / speed)
      let weight = covered * ray.length / abs(speed)
      for (i, u) in taps(position[p], count: grid.shape[p]) {
        for (j, v) in taps(position[q], count: grid.shape[q]) {
          body(plane * strides[axis] + i * strides[p] + j * strides[q], weight * u * v)
        }
      }
    }
  }

  /// The voxels on either side of a position, with their linear weights; those outside are left out.
  private static func taps(_ x: Double, count: Int) -> [(Int, Double)] {
    guard x > -1, x < Double(count) else { return [] }
    let near = Int(x.rounded(.down))
    let fraction = x - Double(near)
    return [(near, 1 - fraction), (near + 1, fraction)].filter { $0.0 >= 0 && $0.0 < count }
  }
}
