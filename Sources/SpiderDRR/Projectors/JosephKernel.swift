internal import CSpiderKernels
import SpiderCore

/// The C loops of Joseph's projector behind checked counts.
struct JosephKernel {
  private var rays = spider_rays()
  private let voxels: Int
  private let counts: [Int]

  /// `nil` when the counts do not fit the C loops' 32-bit indices.
  init?(_ geometry: ProjectionGeometry, in grid: VoxelGrid) {
    let limit = Int(Int32.max)
    guard grid.count <= limit, geometry.count <= limit else { return nil }
    let index = IndexRays(geometry, in: grid)
    let affine = grid.affine
    voxels = grid.count
    counts = [grid.nx, grid.ny, grid.nz]
    rays.counts = (Int32(grid.nx), Int32(grid.ny), Int32(grid.nz))
    rays.linear = (
      affine.columns.0.x, affine.columns.0.y, affine.columns.0.z,
      affine.columns.1.x, affine.columns.1.y, affine.columns.1.z,
      affine.columns.2.x, affine.columns.2.y, affine.columns.2.z
    )
    switch index.beam {
    case .cone(let source): rays.source = Self.triple(source)
    case .parallel(let direction):
      rays.direction = Self.triple(direction)
      rays.is_parallel = 1
    }
    rays.pixel = Self.triple(index.pixel)
    rays.column_step = Self.triple(index.columnStep)
    rays.row_step = Self.triple(index.rowStep)
    rays.preference = Self.triple(index.preference)
    rays.columns = Int32(geometry.columns)
    rays.rows = Int32(geometry.rows)
  }

  /// The line integrals of all pixels.
  func forward(_ volume: [Float], isParallel: Bool) -> [Float] {
    precondition(volume.count == voxels, "\(volume.count) values for \(voxels) voxels")
    let (rows, columns) = (Int(rays.rows), Int(rays.columns))
    return unsafe [Float](unsafeUninitializedCapacity: rows * columns) { image, count in
      unsafe volume.withUnsafeBufferPointer { volume in
        guard let read = volume.baseAddress, let write = image.baseAddress else { return }
        let memory = unsafe Memory(read: read, write: write)
        guard isParallel else { return unsafe project(0..<rows, memory) }
        // Pieces of a few rows: rays through the head take longer than those beside it.
        let size = 4
        Parallel.forEach((rows + size - 1) / size) { piece in
          unsafe project(piece * size..<min((piece + 1) * size, rows), memory)
        }
      }
      count = rows * columns
    }
  }

  private func project(_ range: Range<Int>, _ memory: Memory) {
    var rays = rays
    unsafe spider_joseph_forward(
      &rays, memory.read, Int32(range.lowerBound), Int32(range.upperBound), memory.write)
  }

  /// Adds the adjoint of an image to the voxels.
  ///
  /// The rays of each main axis are a pass of their own, in which every worker owns some planes of that
  /// axis: no two write to the same voxel, and no voxel's order of additions depends on the split.
  func addAdjoint(_ image: [Float], to volume: inout [Float], isParallel: Bool) {
    precondition(
      image.count == Int(rays.rows) * Int(rays.columns), "an image of the detector's size")
    precondition(volume.count == voxels, "\(volume.count) values for \(voxels) voxels")
    unsafe image.withUnsafeBufferPointer { image in
      unsafe volume.withUnsafeMutableBufferPointer { volume in
        guard let read = image.baseAddress, let write = volume.baseAddress else { return }
        let memory = unsafe Memory(read: read, write: write)
        for axis in 0..<3 {
          if isParallel {
            Parallel.forEachWorker(splitting: counts[axis]) { _, planes in
              unsafe smear(axis, planes, memory)
            }
          } else {
            unsafe smear(axis, 0..<counts[axis], memory)
          }
        }
      }
    }
  }

  private func smear(_ axis: Int, _ planes: Range<Int>, _ memory: Memory) {
    var rays = rays
    unsafe spider_joseph_adjoint(
      &rays, memory.read, Int32(axis), Int32(planes.lowerBound), Int32(planes.upperBound),
      memory.write)
  }

  private static func triple(_ v: Vector3) -> (Double, Double, Double) { (v.x, v.y, v.z) }
}

/// The arrays of one call, which may cross threads because every worker writes to its own part.
@unsafe private struct Memory: @unchecked Sendable {
  let read: UnsafePointer<Float>
  let write: UnsafeMutablePointer<Float>
}
